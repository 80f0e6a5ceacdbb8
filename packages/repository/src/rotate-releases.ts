import type { PublicKey } from '@cargo-tuf/keys';
import type { TargetsFields } from '@cargo-tuf/metadata';
import { commitReleases, type ReleasesResult, standingRole } from './commit-releases.ts';
import { fail } from './errors.ts';
import { delegateTo, nextRoot } from './next-root.ts';
import { dueReleaseRoles } from './publish-targets.ts';
import {
  ONLINE_RELEASE_HOLDERS,
  publisherOf,
  type ReleaseDelegate,
  type ReleaseHolder,
  type ReleaseRole,
  type ReleasesContext,
} from './release-roles.ts';
import { delegateOf, readReleases, type ReleasesState, releaseKeysOf } from './releases-state.ts';
import { assertSeparateKeys } from './role-keys.ts';

export interface ReleasesRotation {
  readonly role: ReleaseHolder;
  /** All keys that the role shall have afterwards; its threshold is the policy's. */
  readonly publicKeys: readonly PublicKey[];
}

/**
 * Gives a role other keys, and signs again what they must sign: of root also targets and crates-root, which have the same keys. The
 * signers of the context hold the root keys of before, and the role's keys of before and of after.
 */
export async function rotateReleases(
  context: ReleasesContext,
  { role, publicKeys }: ReleasesRotation,
): Promise<ReleasesResult> {
  const publisher = publisherOf(context);
  const { policy } = publisher;
  const state = await readReleases(context.bytes);
  assertSeparateKeys<ReleaseHolder>(
    { ...releaseKeysOf(state), [role]: publicKeys },
    policy,
    ONLINE_RELEASE_HOLDERS,
  );
  const roles = dueReleaseRoles(publisher, state);
  const delegate = (name: ReleaseDelegate): void => {
    const thresholds = (): number => policy[name].threshold;
    roles.set('targets', delegateTo(state.targets.value, new Map([[name, publicKeys]]), thresholds));
    roles.set(name, delegateOf(state, name));
  };
  if (role === 'release' || role === 'rustup' || role === 'nightly') {
    assertRootUnexpired(context, state);
    delegate(role);
    return commitReleases(publisher, state, { roles });
  }
  const changes = new Map([
    [role, publicKeys] as const,
    ...(role === 'root' ? [['targets', publicKeys] as const] : []),
  ]);
  if (role === 'root') delegate('crates-root');
  return commitReleases(publisher, state, { roles, root: nextRoot(publisher, state.root.value, changes) });
}

/**
 * Fresh expiry times: snapshot and timestamp, roles of which half of the period is over where their keys are at hand, and `asked`
 * whatever their age. Throws `REPOSITORY_KEYS` where the keys of one that was asked for are too few.
 */
export async function renewReleases(
  context: ReleasesContext,
  asked: readonly ReleaseRole[] = [],
): Promise<ReleasesResult> {
  const publisher = publisherOf(context);
  const state = await readReleases(context.bytes);
  const roles: Map<'targets' | ReleaseDelegate, TargetsFields> = dueReleaseRoles(publisher, state);
  for (const role of asked) {
    if (role === 'root' || role === 'snapshot' || role === 'timestamp') continue;
    roles.set(role, standingRole(state, role).value);
  }
  if (asked.includes('root'))
    return commitReleases(publisher, state, { roles, root: nextRoot(publisher, state.root.value) });
  assertRootUnexpired(context, state);
  return commitReleases(publisher, state, { roles });
}

function assertRootUnexpired({ clock }: ReleasesContext, { root }: ReleasesState): void {
  if (root.value.expires > clock()) return;
  throw fail('REPOSITORY_EXPIRED', 'root: expired; sign a new version of root first', {
    details: { role: 'root' },
  });
}
