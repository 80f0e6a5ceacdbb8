// policy.toml of a repository of releases. targets and crates-root have no threshold: they have the keys of root.

import {
  DEFAULT_RELEASES_POLICY,
  RELEASE_ROLES,
  type ReleaseHolder,
  type ReleaseRole,
  type ReleasesPolicy,
} from '@cargo-tuf/repository';
import { formatTables, parseTables, readPeriod, readPolicyText, readRole } from '../policy-tables.ts';

export async function readReleasesPolicy(path: string): Promise<ReleasesPolicy> {
  return parseReleasesPolicy(await readPolicyText(path));
}

/** Every role, and nothing else. Throws `ADMIN_POLICY`. */
export function parseReleasesPolicy(text: string): ReleasesPolicy {
  const tables = parseTables(text, RELEASE_ROLES);
  return {
    root: readRole('root', tables.get('root')),
    targets: readPeriod('targets', tables.get('targets')),
    release: readRole('release', tables.get('release')),
    nightly: readRole('nightly', tables.get('nightly')),
    rustup: readRole('rustup', tables.get('rustup')),
    'crates-root': readPeriod('crates-root', tables.get('crates-root')),
    snapshot: readRole('snapshot', tables.get('snapshot')),
    timestamp: readRole('timestamp', tables.get('timestamp')),
  };
}

export function formatReleasesPolicy(policy: ReleasesPolicy): string {
  return formatTables(
    'tuf-admin release rotate DIR ROLE',
    RELEASE_ROLES.map(role => ({ role, description: DESCRIPTIONS[role], ...policy[role] })),
  );
}

/** The policy that `release init` writes, with other thresholds. */
export function initialReleasesPolicy(thresholds: Partial<Record<ReleaseHolder, number>>): ReleasesPolicy {
  const of = (role: ReleaseHolder): ReleasesPolicy[ReleaseHolder] => ({
    ...DEFAULT_RELEASES_POLICY[role],
    threshold: thresholds[role] ?? DEFAULT_RELEASES_POLICY[role].threshold,
  });
  return { ...DEFAULT_RELEASES_POLICY, root: of('root'), release: of('release'), rustup: of('rustup') };
}

const DESCRIPTIONS: Readonly<Record<ReleaseRole, string>> = {
  root: 'Offline. Names the keys of the other roles; what users trust.',
  targets: 'Offline, the keys of root. Who signs release, nightly, rustup and crates-root.',
  release: 'Offline. The manifests of stable and beta.',
  nightly: 'Online. The manifests of nightly.',
  rustup: 'Offline. The installers of rustup, and which one is the newest.',
  'crates-root': 'Offline, the keys of root. Every root of the crate registry.',
  snapshot: 'Online. Which versions belong together.',
  timestamp:
    'Online. Which snapshot is the newest. Run `tuf-admin release renew` at least twice in its period.',
};
