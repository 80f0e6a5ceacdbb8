import { escapeText } from '@cargo-tuf/errors';
import { fail } from '../errors.ts';
import type { Role, RoleKeys, Verified } from '@cargo-tuf/metadata';
import {
  RELEASE_HOLDERS,
  RELEASE_ROLES,
  type ReleaseHolder,
  type ReleaseRole,
  type ReleasesState,
} from '@cargo-tuf/repository';

/** A role as it is published. */
export function roleIn(state: ReleasesState, role: ReleaseRole): Verified<Role> {
  if (role === 'root' || role === 'targets' || role === 'snapshot' || role === 'timestamp')
    return state[role];
  return state.delegated.get(role) as Verified<Role>;
}

/** Key ids and threshold of a role. */
export function keysIn(state: ReleasesState, role: ReleaseRole): RoleKeys {
  const { roles } = state.root.value;
  const delegated = state.targets.value.delegations?.roles.find(each => each.name === role);
  return delegated ?? (roles.get(role as 'root') as RoleKeys);
}

/** Of an argument. Throws `ADMIN_USAGE`. */
export function parseHolder(text: string): ReleaseHolder {
  const holder = RELEASE_HOLDERS.find(role => role === text);
  if (holder !== undefined) return holder;
  throw fail('ADMIN_USAGE', `argument: expected ${RELEASE_HOLDERS.join(', ')}`, {
    hint: 'targets and crates-root have the keys of root, and follow it',
  });
}

/** The same of any role, targets and crates-root too. */
export function parseRoleName(text: string): ReleaseRole {
  const role = RELEASE_ROLES.find(each => each === text);
  if (role !== undefined) return role;
  throw fail('ADMIN_USAGE', `role: "${escapeText(text, 60)}", expected ${RELEASE_ROLES.join(', ')}`);
}
