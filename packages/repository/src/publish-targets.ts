import { escapeText } from '@cargo-tuf/errors';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { isDelegatedPath, type TargetFile, targetUrlPath, type TargetsFields } from '@cargo-tuf/metadata';
import { commitReleases, type NextReleases, type ReleasesResult, standingRole } from './commit-releases.ts';
import type { PublisherContext } from './commit.ts';
import { fail } from './errors.ts';
import { publisherOf, type ReleaseDelegate, type ReleasesContext } from './release-roles.ts';
import { assertFollows } from './release-rules.ts';
import { delegateOf, readReleases, type ReleasesState } from './releases-state.ts';
import { usableSigners } from './role-keys.ts';
import { delegatedKeys, isSignedUnder, topLevelKeys } from './state.ts';

export interface TargetsPublication {
  readonly role: Exclude<ReleaseDelegate, 'crates-root'>;
  /** Path to bytes: added, or in the place of what stands there. All other targets of the role stay. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Publishes targets of one role, and signs that role, snapshot and timestamp; roles of which half of the period is over as well,
 * where their keys are at hand. Throws `REPOSITORY_PATH` for a path that the role may not sign, what `assertFollows` throws, and
 * `REPOSITORY_CONFLICT` when another publisher was faster.
 */
export async function publishTargets(
  context: ReleasesContext,
  publication: TargetsPublication,
): Promise<ReleasesResult> {
  const publisher = publisherOf(context);
  const state = await readReleases(context.bytes);
  return commitTargets(publisher, state, await planTargets(context, state, publication));
}

/** What a publication changes. */
export async function planTargets(
  { bytes }: Pick<ReleasesContext, 'bytes'>,
  state: ReleasesState,
  { role, files }: TargetsPublication,
): Promise<NextReleases> {
  for (const [path, content] of files) await assertFollows(bytes, delegateOf(state, role), path, content);
  return addTargets(state, role, files);
}

/** Other targets of any role, whatever they say. */
export function addTargets(
  state: ReleasesState,
  role: ReleaseDelegate,
  files: ReadonlyMap<string, Uint8Array>,
): NextReleases {
  const { role: delegation } = delegatedKeys(state.targets.value, role);
  const standing = delegateOf(state, role);
  const targets = new Map<string, TargetFile>(standing.targets);
  const content = new Map<string, Uint8Array>();
  for (const [path, bytes] of files) {
    if (!isDelegatedPath(delegation, path)) {
      throw fail('REPOSITORY_PATH', `${role}: may not sign ${escapeText(path, 200)}`, {
        details: { role, path },
      });
    }
    const hash = encodeHex(sha256(bytes));
    targets.set(path, { length: bytes.length, hashes: new Map([['sha256', hash]]) });
    content.set(`targets/${targetUrlPath(path, hash)}`, bytes);
  }
  return { roles: new Map([[role, { ...standing, targets }]]), files: content };
}

/** Commits a change of targets, with the roles that are due. */
export async function commitTargets(
  context: PublisherContext<ReleaseDelegate>,
  state: ReleasesState,
  next: NextReleases,
): Promise<ReleasesResult> {
  assertReleasesUsable(context, state);
  return commitReleases(context, state, withDueRoles(context, state, next));
}

/** The same change with the roles that are signed again as they are: half of their period is over, and their keys are at hand. */
export function withDueRoles(
  context: PublisherContext<ReleaseDelegate>,
  state: ReleasesState,
  next: NextReleases,
): NextReleases {
  return { ...next, roles: new Map([...dueReleaseRoles(context, state), ...next.roles]) };
}

function dueReleaseRoles(
  context: PublisherContext<ReleaseDelegate>,
  state: ReleasesState,
): ReadonlyMap<'targets' | ReleaseDelegate, TargetsFields> {
  const due = new Map<'targets' | ReleaseDelegate, TargetsFields>();
  const now = context.clock();
  const root = state.root.value;
  for (const role of ['targets', ...state.delegated.keys()] as const) {
    const { value } = standingRole(state, role);
    const isHalfOver = value.expires - now < context.policy[role].period / 2;
    const { keys, role: trusted } =
      role === 'targets'
        ? { keys: root.keys, role: topLevelKeys(root, 'targets') }
        : delegatedKeys(state.targets.value, role);
    const hasKeys = usableSigners(context.signers, role, keys, trusted).length >= trusted.threshold;
    if (isHalfOver && hasKeys) due.set(role, value);
  }
  // A rotation that was cut off left targets signed by the keys of before.
  if (!isSignedUnder(root, 'targets', state.targets.bytes)) due.set('targets', state.targets.value);
  return due;
}

/** For changes that sign neither root nor targets: no client would accept them where one of these has expired. */
function assertReleasesUsable(context: PublisherContext<ReleaseDelegate>, state: ReleasesState): void {
  const now = context.clock();
  const due = dueReleaseRoles(context, state);
  for (const role of ['root', 'targets'] as const) {
    if (state[role].value.expires > now || (role === 'targets' && due.has('targets'))) continue;
    throw fail('REPOSITORY_EXPIRED', `${role}: expired, and its keys are not given`, { details: { role } });
  }
}
