// The next version of root, and of what targets delegates to: other keys of some roles, all else as it stands.

import type { PublicKey, Signer } from '@cargo-tuf/keys';
import type {
  Key,
  RoleKeys,
  Root,
  RootFields,
  Targets,
  TargetsFields,
  TopLevelRole,
} from '@cargo-tuf/metadata';
import type { PublisherContext } from './commit.ts';
import { keyMap, roleKeysOf, type RoleSigners, signersOf } from './role-keys.ts';
import { Writer } from './writer.ts';

/** Other keys of a role, by its name; their threshold is the policy's. */
export type KeyChanges<Role extends string> = ReadonlyMap<Role, readonly PublicKey[]>;

export function nextRoot<Delegate extends string>(
  context: PublisherContext<Delegate>,
  old: Root,
  changes: KeyChanges<TopLevelRole> = new Map(),
  epoch?: number,
): RootFields {
  const roles = new Map(old.roles);
  for (const [role, publicKeys] of changes)
    roles.set(role, roleKeysOf(publicKeys, context.policy[role].threshold));
  const keys = new Map([...old.keys, ...keyMap([...changes.values()].flat())]);
  const used = new Set([...roles.values()].flatMap(role => role.keyIds));
  return {
    ...old,
    version: old.version + 1,
    expires: new Writer(context).expiry('root'),
    keys: new Map([...keys].filter(([id]) => used.has(id))),
    roles,
    ...(epoch !== undefined && { index: { kind: 'map', epoch } as const }),
  };
}

/** Who signs the next root: its keys of before and of after. Throws `REPOSITORY_KEYS` where either are too few. */
export function rootSigners<Delegate extends string>(
  signers: RoleSigners<Delegate>,
  old: Root,
  next: RootFields,
): readonly Signer[] {
  const all = [old, next].flatMap(({ keys, roles }) =>
    signersOf<TopLevelRole | Delegate>(signers, 'root', keys, roles.get('root') as RoleKeys),
  );
  return [...new Map(all.map(signer => [signer.publicKey.identity, signer])).values()];
}

/** Targets with other keys of roles that it delegates to. */
export function delegateTo(
  targets: Targets,
  changes: KeyChanges<string>,
  thresholds: (role: string) => number,
): TargetsFields {
  const roles = (targets.delegations?.roles ?? []).map(role => {
    const publicKeys = changes.get(role.name);
    return publicKeys === undefined ? role : { ...role, ...roleKeysOf(publicKeys, thresholds(role.name)) };
  });
  const used = new Set(roles.flatMap(role => role.keyIds));
  const all = [...(targets.delegations?.keys ?? []), ...keyMap([...changes.values()].flat())];
  return { ...targets, delegations: { keys: new Map(all.filter(([id]) => used.has(id))), roles } };
}

/** The public keys of a role. */
export function publicKeysIn(keys: ReadonlyMap<string, Key>, role: RoleKeys): readonly PublicKey[] {
  return role.keyIds.map(id => keys.get(id)?.publicKey).filter(key => key !== undefined);
}
