import { foldCrateName, indexPathOfLowerCase, writeIndexPath } from '@cargo-tuf/crate-index';
import { escapeText } from '@cargo-tuf/errors';
import { decodeHex } from '@cargo-tuf/keys';
import type { MapShape } from '@cargo-tuf/merkle-snapshot';
import { fail } from './errors.ts';

/** The map of a role: what its keys are made of. */
export function shapeOf(role: 'crates' | 'claims', repository: string): MapShape {
  const id = decodeHex(repository, 32);
  return role === 'crates'
    ? { map: 1, repository: id, path: indexPathOfLowerCase, writePath: writeIndexPath }
    : { map: 2, repository: id, path: foldedName };
}

/** A key has one spelling: a tile cannot carry a name that only folds to it. */
function foldedName(name: string): string {
  if (foldCrateName(name) === name) return name;
  throw fail(
    'CLIENT_MIX',
    `claims: name "${escapeText(name)}" is not folded, expected ${foldCrateName(name)}`,
  );
}
