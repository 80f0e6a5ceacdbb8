// What must hold of a leaf that the map proves, before anything is made of it.

import { indexPath } from '@cargo-tuf/crate-index';
import type { Leaf } from '@cargo-tuf/merkle-snapshot';
import { isDelegatedPath } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import { leafVersion } from './floors.ts';
import { delegationOf, type TrustedMetadata } from './trusted.ts';

/** A role says something only about paths that were delegated to it (TUF specification 4.5, 5.6.7). */
export function assertDelegated(
  trusted: TrustedMetadata,
  role: 'crates' | 'claims',
  name: string,
  leaf: Leaf | undefined,
): void {
  if (leaf === undefined) return;
  const path = indexPath(name);
  if (isDelegatedPath(delegationOf(trusted, role).role, path)) return;
  throw fail('CLIENT_DELEGATION', `${name}: ${role} has a leaf for ${path}, which is not delegated to it`, {
    details: { role, path },
  });
}

export function assertLeafNotLower(name: string, leaf: Leaf, text: string, known: string): void {
  const version = leafVersion(known);
  if (leaf.version > version) return;
  if (leaf.version === version) {
    throw fail('CLIENT_EQUIVOCATION', `${name}: version ${text}, expected ${known}`, {
      details: { seen: text, expected: known },
    });
  }
  throw fail('CLIENT_ROLLBACK', `${name}: version ${leaf.version}, expected ${version} or higher`, {
    details: { version: leaf.version, expected: version },
  });
}

export function assertUnclaimed(name: string, claim: Leaf | undefined, leaf: Leaf | undefined): void {
  if (claim?.kind === 'claim') {
    throw fail(
      'CLIENT_CLAIMED',
      `${name}: claimed by its developers, whose signatures cannot be checked yet`,
    );
  }
  if (leaf?.kind === 'role-file') {
    throw fail(
      'CLIENT_CLAIM',
      `${name}: the index has a developer-signed file, but the claims do not name the crate`,
    );
  }
}

export function assertNotAboveTree(name: string, leaf: Leaf | undefined, tree: number): void {
  if (leaf === undefined || leaf.version <= tree) return;
  throw fail('CLIENT_MIX', `${name}: leaf version ${leaf.version}, expected at most the tree's ${tree}`, {
    details: { version: leaf.version, tree },
  });
}
