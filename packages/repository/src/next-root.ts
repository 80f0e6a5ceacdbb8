// The next version of root, and of what targets delegates to: other keys of some roles, all else as it stands.

import type { PublicKey } from '@cargo-tuf/keys';
import type { Key, RoleKeys, Root, Targets, TargetsFields, TopLevelRole } from '@cargo-tuf/metadata';
import type { PublisherContext } from './commit.ts';
import type { NextRoot } from './end-commit.ts';
import { keyMap, roleKeysOf, signersOf } from './role-keys.ts';
import { topLevelKeys } from './state.ts';
import { Writer } from './writer.ts';

/** Other keys of a role, by its name; their threshold is the policy's. */
export type KeyChanges<Role extends string> = ReadonlyMap<Role, readonly PublicKey[]>;

/** Signed by the root keys of before and of after. Throws `REPOSITORY_KEYS` where either are too few. */
export function nextRoot<Delegate extends string>(
  context: PublisherContext<Delegate>,
  old: Root,
  changes: KeyChanges<TopLevelRole> = new Map(),
  epoch?: number,
): NextRoot {
  const roles = new Map(old.roles);
  for (const [role, publicKeys] of changes)
    roles.set(role, roleKeysOf(publicKeys, context.policy[role].threshold));
  const keys = new Map([...old.keys, ...keyMap([...changes.values()].flat())]);
  const used = new Set([...roles.values()].flatMap(role => role.keyIds));
  const fields = {
    ...old,
    version: old.version + 1,
    expires: new Writer(context).expiry('root'),
    keys: new Map([...keys].filter(([id]) => used.has(id))),
    roles,
    ...(epoch !== undefined && { index: { kind: 'map', epoch } as const }),
  };
  const of = (trusted: RoleKeys): ReturnType<typeof signersOf> =>
    signersOf<TopLevelRole | Delegate>(context.signers, 'root', keys, trusted);
  const all = [...of(topLevelKeys(old, 'root')), ...of(roles.get('root') as RoleKeys)];
  const signers = new Map(all.map(signer => [signer.publicKey.identity, signer]));
  return { fields, signers: [...signers.values()] };
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
