import type { PublicKey } from '@cargo-tuf/keys';
import type { RoleKeys, TargetsFields } from '@cargo-tuf/metadata';
import { type NextReleases, standingRole } from './commit-releases.ts';
import { type CratesRootOptions, planCratesRoot } from './crates-root.ts';
import { type Draft, type DraftedRole, type DraftRole, draftRole } from './draft.ts';
import { planTargets, type TargetsPublication } from './publish-targets.ts';
import { publisherOf, type ReleaseRole, type ReleasesContext } from './release-roles.ts';
import { readReleases, type ReleasesState } from './releases-state.ts';
import { isOtherKeys } from './role-keys.ts';
import { planRenewal, planRotation, type ReleasesRotation } from './rotate-releases.ts';
import { delegatedKeys, topLevelKeys } from './state.ts';
import { Writer } from './writer.ts';

/** A change of the releases, as the function of the same name makes it. */
export type ReleaseChange =
  | ({ readonly kind: 'targets' } & TargetsPublication)
  | ({ readonly kind: 'rotation' } & ReleasesRotation)
  | { readonly kind: 'renewal'; readonly roles: readonly ReleaseRole[] }
  | ({ readonly kind: 'crates-root'; readonly roots: readonly Uint8Array[] } & CratesRootOptions);

/** The offline roles of a change, for the holders of their keys to sign. Make the change with the draft in the context. */
export async function draftChange(context: ReleasesContext, change: ReleaseChange): Promise<Draft> {
  const state = await readReleases(context.bytes);
  return draftOf(context, state, await planChange(context, state, change));
}

async function planChange(
  context: ReleasesContext,
  state: ReleasesState,
  change: ReleaseChange,
): Promise<NextReleases> {
  switch (change.kind) {
    case 'targets':
      return planTargets(context, state, change);
    case 'rotation':
      return planRotation(publisherOf(context), state, change);
    case 'renewal':
      return planRenewal(publisherOf(context), state, change.roles);
    case 'crates-root':
      return planCratesRoot(context, state, change.roots, change);
  }
}

async function draftOf(context: ReleasesContext, state: ReleasesState, next: NextReleases): Promise<Draft> {
  const writer = new Writer(publisherOf(context));
  const root = next.root ?? state.root.value;
  const targets = { ...state.targets.value, ...next.roles.get('targets') };
  const keys = new Map<string, PublicKey>();
  for (const { keys: each } of [state.root.value, root, targets.delegations ?? { keys: new Map() }])
    for (const [keyId, { publicKey }] of each) if (publicKey !== undefined) keys.set(keyId, publicKey);
  const before = topLevelKeys(state.root.value, 'root');
  const after = root.roles.get('root') as RoleKeys;
  const isChanged = isOtherKeys(before, after, state.root.value.keys, root.keys);
  const quorumsOf = (role: DraftedRole): readonly RoleKeys[] => {
    if (role === 'root' || role === 'targets') return isChanged ? [before, after] : [after];
    return [delegatedKeys(targets, role).role];
  };
  const roles: DraftRole[] = [];
  if (next.root !== undefined)
    roles.push(await draftRole(context.bytes, 'root', next.root, quorumsOf('root')));
  for (const [role, fields] of next.roles) {
    if (role === 'nightly') continue;
    const drafted: TargetsFields = {
      ...fields,
      version: standingRole(state, role).value.version + 1,
      expires: writer.expiry(role),
    };
    roles.push(await draftRole(context.bytes, role, drafted, quorumsOf(role)));
  }
  return { roles, keys };
}
