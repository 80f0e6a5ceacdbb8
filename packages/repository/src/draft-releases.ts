import type { PublicKey } from '@cargo-tuf/keys';
import type { RoleKeys, TargetsFields } from '@cargo-tuf/metadata';
import { type NextReleases, standingRole } from './commit-releases.ts';
import { type Draft, type DraftedRole, type DraftRole, draftRole } from './draft.ts';
import { planTargets, type TargetsPublication } from './publish-targets.ts';
import { publisherOf, type ReleasesContext } from './release-roles.ts';
import { readReleases, type ReleasesState } from './releases-state.ts';
import { planRotation, type ReleasesRotation } from './rotate-releases.ts';
import { delegatedKeys, topLevelKeys } from './state.ts';
import { Writer } from './writer.ts';

/** The roles of a publication for their keys' holders to sign. Publish it with the draft in the context. */
export async function draftTargets(
  context: ReleasesContext,
  publication: TargetsPublication,
): Promise<Draft> {
  const state = await readReleases(context.bytes);
  return draftOf(context, state, await planTargets(context, state, publication));
}

/** The same of a rotation. What is signed online is not in it. */
export async function draftRotation(context: ReleasesContext, rotation: ReleasesRotation): Promise<Draft> {
  const state = await readReleases(context.bytes);
  return draftOf(context, state, planRotation(publisherOf(context), state, rotation));
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
  const quorumsOf = (role: DraftedRole): readonly RoleKeys[] => {
    if (role === 'root' || role === 'targets') return next.root === undefined ? [after] : [before, after];
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
