// When a root is written, beside the timestamp.
//
// Clients follow a root at once, and then want a timestamp that its keys signed. Two files cannot be changed in one step, so
// between the two writes, and after a publish that stopped there, clients meet one of them without the other:
//
//  1. The keys of targets, snapshot and timestamp stay (a new expiry, other root keys, a higher epoch): the root is written
//     first. It fits the timestamp that stands and the one that comes.
//  2. They change, and the keys of before are at hand: whatever changed is signed by the keys of before and of after, the
//     timestamp is swapped first, and the root follows. Clients with either root accept. A conflict leaves no root behind.
//  3. They change, and the keys of before are lost, or the root has expired: no state fits both roots, or clients refuse the
//     old root already. The root is written first, right after a look whether the timestamp still stands, and the swap
//     follows. If it fails in between, clients refuse the timestamp (METADATA_THRESHOLD) until the next publish signs it
//     with the keys of the new root.
//
// In case 2 a second publisher can swap the timestamp between our swap and our root. Case 2 therefore looks again at the
// end, and throws REPOSITORY_CONFLICT; the next publish repairs it as in case 3.

import type { Signer } from '@cargo-tuf/keys';
import type { Root, RootFields, TopLevelRole } from '@cargo-tuf/metadata';
import { isOtherKeys, type RoleSigners, signersOf, usableSigners } from './role-keys.ts';

const SIGNED_BY_ROOT = ['targets', 'snapshot', 'timestamp'] as const;
type SignedByRoot = (typeof SIGNED_BY_ROOT)[number];

export interface RootOrder {
  readonly first: 'root' | 'timestamp';
  /** Who signs a role: in case 2 the keys of before as well. */
  readonly signers: (role: SignedByRoot) => readonly Signer[];
}

export function orderOf<Delegate extends string>(
  signers: RoleSigners<Delegate>,
  old: Root,
  next: RootFields,
  time: number,
): RootOrder {
  const changed = SIGNED_BY_ROOT.filter(role =>
    isOtherKeys(of(old, role), of(next, role), old.keys, next.keys),
  );
  const before = (role: SignedByRoot): readonly Signer[] =>
    usableSigners<TopLevelRole | Delegate>(signers, role, old.keys, of(old, role));
  const after = (role: SignedByRoot): readonly Signer[] =>
    signersOf<TopLevelRole | Delegate>(signers, role, next.keys, of(next, role));
  const bridged =
    changed.length > 0 &&
    old.expires > time &&
    changed.every(role => before(role).length >= of(old, role).threshold);
  if (!bridged) return { first: 'root', signers: after };
  return { first: 'timestamp', signers: role => [...new Set([...after(role), ...before(role)])] };
}

function of(root: Pick<Root, 'roles'>, role: SignedByRoot): { keyIds: readonly string[]; threshold: number } {
  return root.roles.get(role) as { keyIds: readonly string[]; threshold: number };
}
