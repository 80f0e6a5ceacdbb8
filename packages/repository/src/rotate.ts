import type { PublicKey, Signer } from '@cargo-tuf/keys';
import type { Key, RoleKeys, RootFields, TargetsFields, TopLevelRole } from '@cargo-tuf/metadata';
import { commit, type CommitResult, type PublisherContext } from './commit.ts';
import { EPOCH_SPAN } from './create.ts';
import { fail } from './errors.ts';
import { assertPolicy, type RoleName } from './policy.ts';
import { assertRootNotExpired, epochOf, rolesToSignAgain } from './publish.ts';
import {
  assertSeparateKeys,
  keyMap,
  type PublicKeys,
  roleKeysOf,
  signersOf,
  usableSigners,
} from './role-keys.ts';
import { delegatedKeys, type PublishedState, readState, topLevelKeys } from './state.ts';
import { Writer } from './writer.ts';

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
  const { role } = rotation;
  assertSeparateKeys({ ...publicKeysOf(state), [role]: rotation.publicKeys }, context.policy);
  const keys = roleKeysOf(rotation.publicKeys, context.policy[role].threshold);
  const signAgain = rolesToSignAgain(context, state);
  const next = { tree: state.tree, treeVersion: state.crates.value.map?.version ?? 0, files: new Map() };
  if (role === 'claims' || role === 'crates') {
    assertRootNotExpired(context, state);
    signAgain.add('targets').add(role);
    return commit(context, state, {
      ...next,
      signAgain,
      targets: delegateTo(state, role, rotation.publicKeys, keys),
    });
  }
  signAgain.add(role);
  return commit(context, state, { ...next, signAgain, root: nextRoot(context, state, { [role]: rotation }) });
}

/** Signs root again: a new expiry, the same keys. */
export async function renewRoot(context: PublisherContext): Promise<CommitResult> {
  const state = await readState(context.bytes, []);
  const next = { tree: state.tree, treeVersion: state.crates.value.map?.version ?? 0, files: new Map() };
  const signAgain = rolesToSignAgain(context, state);
  return commit(context, state, { ...next, signAgain, root: nextRoot(context, state, {}) });
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
    root: nextRoot(context, state, {}, epoch),
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
  const of = (keys: ReadonlyMap<string, Key>, role: RoleKeys): readonly PublicKey[] =>
    role.keyIds.map(id => keys.get(id)?.publicKey).filter(key => key !== undefined);
  const delegated = (name: 'claims' | 'crates'): readonly PublicKey[] => {
    const { keys, role } = delegatedKeys(state.targets.value, name);
    return of(keys, role);
  };
  return {
    root: of(root.keys, topLevelKeys(root, 'root')),
    targets: of(root.keys, topLevelKeys(root, 'targets')),
    snapshot: of(root.keys, topLevelKeys(root, 'snapshot')),
    timestamp: of(root.keys, topLevelKeys(root, 'timestamp')),
    claims: delegated('claims'),
    crates: delegated('crates'),
  };
}

export function nextRoot(
  context: PublisherContext,
  state: PublishedState,
  changes: { readonly [role in TopLevelRole]?: Rotation },
  epoch?: number,
): { fields: RootFields; signers: readonly Signer[] } {
  const old = state.root.value;
  const publicKeys = { ...publicKeysOf(state) };
  const roles = new Map(old.roles);
  for (const rotation of Object.values(changes)) {
    const role = rotation.role as TopLevelRole;
    publicKeys[role] = rotation.publicKeys;
    roles.set(role, roleKeysOf(rotation.publicKeys, context.policy[role].threshold));
  }
  const { root, targets, snapshot, timestamp } = publicKeys;
  const keys = new Map([...old.keys, ...keyMap([...root, ...targets, ...snapshot, ...timestamp])]);
  const used = new Set([...roles.values()].flatMap(role => role.keyIds));
  const fields: RootFields = {
    ...old,
    version: old.version + 1,
    expires: new Writer(context).expiry('root'),
    keys: new Map([...keys].filter(([id]) => used.has(id))),
    roles,
    ...(epoch !== undefined && { index: { kind: 'map', epoch } }),
  };
  const byOld = signersOf(context.signers, 'root', old.keys, topLevelKeys(old, 'root'));
  const byNew = signersOf(context.signers, 'root', keys, roles.get('root') as RoleKeys);
  const signers = new Map([...byOld, ...byNew].map(signer => [signer.publicKey.identity, signer]));
  return { fields, signers: [...signers.values()] };
}

function delegateTo(
  state: PublishedState,
  name: 'claims' | 'crates',
  publicKeys: readonly PublicKey[],
  roleKeys: RoleKeys,
): TargetsFields {
  const targets = state.targets.value;
  const roles = (targets.delegations?.roles ?? []).map(each =>
    each.name === name ? { ...each, ...roleKeys } : each,
  );
  const used = new Set(roles.flatMap(role => role.keyIds));
  const all = [...(targets.delegations?.keys ?? []), ...keyMap(publicKeys)];
  return { ...targets, delegations: { keys: new Map(all.filter(([id]) => used.has(id))), roles } };
}
