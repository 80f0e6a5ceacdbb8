import type { PublicKey } from '@cargo-tuf/keys';
import type { RootFields, TargetsFields, TopLevelRole } from '@cargo-tuf/metadata';
import { commitReleases, type NextReleases, type ReleasesResult, standingRole } from './commit-releases.ts';
import type { PublisherContext } from './commit.ts';
import { fail } from './errors.ts';
import { delegateTo, type KeyChanges, nextRoot } from './next-root.ts';
import { withDueRoles } from './publish-targets.ts';
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
  rotation: ReleasesRotation,
): Promise<ReleasesResult> {
  const publisher = publisherOf(context);
  const state = await readReleases(context.bytes);
  const next = planRotation(publisher, state, rotation);
  if (next.root === undefined) assertRootUnexpired(context, state);
  return commitReleases(publisher, state, withDueRoles(publisher, state, next));
}

/** What a rotation changes. Throws `REPOSITORY_KEY_REUSED`, `REPOSITORY_POLICY`. */
export function planRotation(
  publisher: PublisherContext<ReleaseDelegate>,
  state: ReleasesState,
  { role, publicKeys }: ReleasesRotation,
): NextReleases {
  const { policy } = publisher;
  assertSeparateKeys<ReleaseHolder>(
    { ...releaseKeysOf(state), [role]: publicKeys },
    policy,
    ONLINE_RELEASE_HOLDERS,
  );
  const delegate = (name: ReleaseDelegate): NextReleases['roles'] =>
    new Map([
      [
        'targets',
        delegateTo(state.targets.value, new Map([[name, publicKeys]]), () => policy[name].threshold),
      ],
      [name, delegateOf(state, name)],
    ]);
  if (role === 'release' || role === 'rustup' || role === 'nightly') return { roles: delegate(role) };
  const root = (changes: KeyChanges<TopLevelRole>): RootFields =>
    nextRoot(publisher, state.root.value, changes);
  if (role !== 'root') return { roles: new Map(), root: root(new Map([[role, publicKeys]])) };
  const both: KeyChanges<TopLevelRole> = new Map([
    ['root', publicKeys],
    ['targets', publicKeys],
  ]);
  return { roles: delegate('crates-root'), root: root(both) };
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
  const next = planRenewal(publisher, state, asked);
  if (next.root === undefined) assertRootUnexpired(context, state);
  return commitReleases(publisher, state, withDueRoles(publisher, state, next));
}

/** These roles as they are. */
export function planRenewal(
  publisher: PublisherContext<ReleaseDelegate>,
  state: ReleasesState,
  asked: readonly ReleaseRole[],
): NextReleases {
  const roles = new Map<'targets' | ReleaseDelegate, TargetsFields>();
  for (const role of asked) {
    if (role === 'root' || role === 'snapshot' || role === 'timestamp') continue;
    roles.set(role, standingRole(state, role).value);
  }
  return { roles, root: asked.includes('root') ? nextRoot(publisher, state.root.value) : undefined };
}

function assertRootUnexpired({ clock }: ReleasesContext, { root }: ReleasesState): void {
  if (root.value.expires > clock()) return;
  throw fail('REPOSITORY_EXPIRED', 'root: expired; sign a new version of root first', {
    details: { role: 'root' },
  });
}
