// The roles of the repository of Rust releases (docs/pouf.md section 9, docs/adr/0024-signed-releases.md), and who holds their keys.
//
//   root, targets, crates-root    one set of keys, offline: the quorum of root
//   release, rustup               offline
//   nightly, snapshot, timestamp  online
//
// targets and crates-root have no keys of their own, so that they follow whenever root's keys change.

import type { PublicKey, Signer } from '@cargo-tuf/keys';
import type { PublisherContext } from './commit.ts';
import { type Draft, readDraft } from './draft.ts';
import { assertPolicy, DAY, type Policy, type RolePolicy } from './policy.ts';
import type { PublishedBytes } from './published-bytes.ts';
import type { PublicKeys } from './role-keys.ts';

/** What `targets` delegates to, in this order. */
export const RELEASE_DELEGATES = ['release', 'nightly', 'rustup', 'crates-root'] as const;
export type ReleaseDelegate = (typeof RELEASE_DELEGATES)[number];

export const RELEASE_ROLES = [
  'root',
  'targets',
  'release',
  'nightly',
  'rustup',
  'crates-root',
  'snapshot',
  'timestamp',
] as const;
export type ReleaseRole = (typeof RELEASE_ROLES)[number];

/** The roles that have keys of their own, offline ones first. */
export const RELEASE_HOLDERS = ['root', 'release', 'rustup', 'nightly', 'snapshot', 'timestamp'] as const;
export type ReleaseHolder = (typeof RELEASE_HOLDERS)[number];
export const ONLINE_RELEASE_HOLDERS: readonly ReleaseHolder[] = ['nightly', 'snapshot', 'timestamp'];

/** Whose keys sign a role. */
export function holderOf(role: ReleaseRole): ReleaseHolder {
  return role === 'targets' || role === 'crates-root' ? 'root' : role;
}

/** Targets and crates-root have the threshold of root. */
export type ReleasesPolicy = Readonly<
  Record<ReleaseHolder, RolePolicy> & Record<'targets' | 'crates-root', Pick<RolePolicy, 'period'>>
>;

/** Online metadata expires within a day, nightly within a week, releases within a quarter, the rest within a year. */
export const DEFAULT_RELEASES_POLICY: ReleasesPolicy = {
  root: { threshold: 5, period: 365 * DAY },
  targets: { period: 365 * DAY },
  'crates-root': { period: 365 * DAY },
  release: { threshold: 3, period: 90 * DAY },
  rustup: { threshold: 3, period: 365 * DAY },
  nightly: { threshold: 1, period: 7 * DAY },
  snapshot: { threshold: 1, period: DAY },
  timestamp: { threshold: 1, period: DAY },
};

/** Paths of targets; `*` and `?` never cross a slash. No two roles share one. */
export const RELEASE_PATTERNS: Readonly<Record<ReleaseDelegate, readonly string[]>> = {
  release: [
    'dist/channel-rust-stable.toml',
    'dist/channel-rust-beta.toml',
    'dist/channel-rust-?.*.toml',
    'dist/*/channel-rust-stable.toml',
    'dist/*/channel-rust-beta.toml',
    'dist/*/channel-rust-?.*.toml',
  ],
  nightly: ['dist/channel-rust-nightly.toml', 'dist/*/channel-rust-nightly.toml'],
  rustup: [
    'rustup/release-stable.toml',
    'rustup/archive/*/*/rustup-init',
    'rustup/archive/*/*/rustup-init.exe',
  ],
  'crates-root': ['crates-root/*.root.json'],
};

export interface ReleasesContext {
  readonly bytes: PublishedBytes;
  readonly policy: ReleasesPolicy;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Signers at hand, by who holds the keys. Those present sign: at least the threshold. */
  readonly signers: ReadonlyMap<ReleaseHolder, readonly Signer[]>;
  /** Roles that were signed elsewhere: for them its signatures count, and no signer. */
  readonly draft?: Draft;
}

/** The same by role. Throws `REPOSITORY_POLICY`. */
export function publisherOf(context: ReleasesContext): PublisherContext<ReleaseDelegate> {
  const { bytes, clock, signers } = context;
  const of = (role: 'targets' | 'crates-root'): RolePolicy => ({
    ...context.policy[role],
    threshold: context.policy.root.threshold,
  });
  const policy: Policy<ReleaseDelegate> = {
    ...context.policy,
    targets: of('targets'),
    'crates-root': of('crates-root'),
  };
  assertPolicy(policy);
  const byRole = new Map(RELEASE_ROLES.map(role => [role, signers.get(holderOf(role)) ?? []]));
  if (context.draft === undefined) return { bytes, clock, policy, signers: byRole };
  const { signers: drafted, fixed } = readDraft(context.draft);
  return { bytes, clock, policy, fixed, signers: new Map([...byRole, ...drafted]) };
}

/** The public keys of every role, from those of the holders. */
export function byRole(
  keys: Readonly<Record<ReleaseHolder, readonly PublicKey[]>>,
): PublicKeys<ReleaseDelegate> {
  return { ...keys, targets: keys.root, 'crates-root': keys.root };
}
