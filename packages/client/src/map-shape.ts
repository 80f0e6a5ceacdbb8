import { foldCrateName, indexPathOfLowerCase } from '@cargo-tuf/crate-index';
import { escapeText } from '@cargo-tuf/errors';
import { decodeHex } from '@cargo-tuf/keys';
import type { MapShape } from '@cargo-tuf/merkle-snapshot';
import { fail } from './errors.ts';

/** The map of a role: what its keys are made of. */
export function shapeOf(role: 'crates' | 'claims', repository: string): MapShape {
  return {
    map: role === 'crates' ? 1 : 2,
    repository: decodeHex(repository, 32),
    path: role === 'crates' ? indexPathOfLowerCase : foldedName,
  };
}

/** A key has one spelling: a tile cannot carry a name that only folds to it. */
function foldedName(name: string): string {
  if (foldCrateName(name) === name) return name;
  throw fail(
    'CLIENT_MIX',
    `claims: name "${escapeText(name)}" is not folded, expected ${foldCrateName(name)}`,
  );
}
