// policy.toml: what each role needs, and how long what it signs is good.
//
//   [crates]
//   threshold = 1
//   period = "24h"

import {
  DEFAULT_POLICY,
  type Policy,
  ROLE_NAMES,
  type RoleName,
  type RolePolicy,
} from '@cargo-tuf/repository';
import { formatTables, parseTables, readPolicyText, readRole } from './policy-tables.ts';

export async function readPolicyFile(path: string): Promise<Policy> {
  return parsePolicy(await readPolicyText(path));
}

/** Every role, each with a threshold and a period, and nothing else. Throws `ADMIN_POLICY`. */
export function parsePolicy(text: string): Policy {
  const tables = parseTables(text, ROLE_NAMES);
  const of = (role: RoleName): RolePolicy => readRole(role, tables.get(role));
  return {
    root: of('root'),
    targets: of('targets'),
    claims: of('claims'),
    crates: of('crates'),
    snapshot: of('snapshot'),
    timestamp: of('timestamp'),
  };
}

export function formatPolicy(policy: Policy): string {
  const rotation = 'tuf-admin rotate DIR ROLE --keys NUMBER';
  return formatTables(
    rotation,
    ROLE_NAMES.map(role => ({ role, description: DESCRIPTIONS[role], ...policy[role] })),
  );
}

/** The policy that `init` writes, with another threshold of root. */
export function initialPolicy(rootThreshold: number): Policy {
  return { ...DEFAULT_POLICY, root: { ...DEFAULT_POLICY.root, threshold: rootThreshold } };
}

const DESCRIPTIONS: Readonly<Record<RoleName, string>> = {
  root: 'Offline. Names the keys of the other roles; what users trust.',
  targets: 'Offline. The config.json of the index, and who signs claims and crates.',
  claims: 'Offline. Which crates their developers sign themselves.',
  crates: 'Online. The map of the index.',
  snapshot: 'Online. Which versions belong together.',
  timestamp: 'Online. Which snapshot is the newest. Run `tuf-admin renew` at least twice in its period.',
};
