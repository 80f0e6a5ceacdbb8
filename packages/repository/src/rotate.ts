import type { PublicKey } from '@cargo-tuf/keys';
import { commit, type CommitResult, type PublisherContext } from './commit.ts';
import { EPOCH_SPAN } from './create.ts';
import { fail } from './errors.ts';
import { delegateTo, nextRoot, publicKeysIn } from './next-root.ts';
import { assertPolicy, ONLINE_ROLES, type RoleName } from './policy.ts';
import { assertRootNotExpired, epochOf, rolesToSignAgain } from './publish.ts';
import { assertSeparateKeys, type PublicKeys, usableSigners } from './role-keys.ts';
import { delegatedKeys, type PublishedState, readState, topLevelKeys } from './state.ts';

export interface Rotation {
  readonly role: RoleName;
  /** All keys that the role shall have afterwards; its threshold is the policy's. */
  readonly publicKeys: readonly PublicKey[];
}

/**
 * Gives a role other keys, and signs again whatever they must sign. The signers of the context hold the keys of before
 * (root and targets, where these must approve) and of after. A change of `root` is signed by both. With the role's own keys
 * of before as well, clients never meet a state that they refuse (root-order.ts).
 */
export async function rotate(context: PublisherContext, rotation: Rotation): Promise<CommitResult> {
  assertPolicy(context.policy);
  const state = await readState(context.bytes, []);
  const { role, publicKeys } = rotation;
  assertSeparateKeys<RoleName>({ ...publicKeysOf(state), [role]: publicKeys }, context.policy, ONLINE_ROLES);
  const signAgain = rolesToSignAgain(context, state);
  const next = { tree: state.tree, treeVersion: state.crates.value.map?.version ?? 0, files: new Map() };
  if (role === 'claims' || role === 'crates') {
    assertRootNotExpired(context, state);
    signAgain.add('targets').add(role);
    return commit(context, state, {
      ...next,
      signAgain,
      targets: delegateTo(
        state.targets.value,
        new Map([[role, publicKeys]]),
        () => context.policy[role].threshold,
      ),
    });
  }
  signAgain.add(role);
  return commit(context, state, {
    ...next,
    signAgain,
    root: nextRoot(context, state.root.value, new Map([[role, publicKeys]])),
  });
}

/** Signs root again: a new expiry, the same keys. */
export async function renewRoot(context: PublisherContext): Promise<CommitResult> {
  const state = await readState(context.bytes, []);
  const next = { tree: state.tree, treeVersion: state.crates.value.map?.version ?? 0, files: new Map() };
  const signAgain = rolesToSignAgain(context, state);
  return commit(context, state, { ...next, signAgain, root: nextRoot(context, state.root.value) });
}

/**
 * Recovers from a fast-forward of a map: raises the epoch in root, and states every leaf again above every version that a
 * thief of the online keys can have signed; the claims map too, where its keys are at hand. Rotate the stolen keys first.
 */
export async function raiseEpoch(context: PublisherContext): Promise<CommitResult> {
  const state = await readState(context.bytes);
  if (state.root.value.index?.kind !== 'map') throw fail('REPOSITORY_DAMAGED', 'root: states no map');
  const epoch = epochOf(state) + 1;
  const version = epoch * EPOCH_SPAN + 1;
  const leaves = [...state.tree.leaves()].map(leaf => ({ ...leaf, version }));
  const signAgain = rolesToSignAgain(context, state);
  const claims = delegatedKeys(state.targets.value, 'claims');
  const hasClaims =
    usableSigners(context.signers, 'claims', claims.keys, claims.role).length >= claims.role.threshold;
  return commit(context, state, {
    root: nextRoot(context, state.root.value, new Map(), epoch),
    signAgain: hasClaims ? signAgain.add('claims') : signAgain,
    ...(hasClaims && { claimsVersion: version }),
    tree: leaves.length === 0 ? state.tree : state.tree.with(leaves),
    treeVersion: version,
    files: new Map(),
  });
}

/** The public keys of every role, as published. */
export function publicKeysOf(state: PublishedState): PublicKeys {
  const root = state.root.value;
  const delegated = (name: 'claims' | 'crates'): readonly PublicKey[] => {
    const { keys, role } = delegatedKeys(state.targets.value, name);
    return publicKeysIn(keys, role);
  };
  return {
    root: publicKeysIn(root.keys, topLevelKeys(root, 'root')),
    targets: publicKeysIn(root.keys, topLevelKeys(root, 'targets')),
    snapshot: publicKeysIn(root.keys, topLevelKeys(root, 'snapshot')),
    timestamp: publicKeysIn(root.keys, topLevelKeys(root, 'timestamp')),
    claims: delegated('claims'),
    crates: delegated('crates'),
  };
}
