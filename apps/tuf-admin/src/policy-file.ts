// policy.toml: what each role needs, and how long what it signs is good.
//
//   [crates]
//   threshold = 1
//   period = "24h"

import { escapeText } from '@cargo-tuf/errors';
import {
  DEFAULT_POLICY,
  type Policy,
  ROLE_NAMES,
  type RoleName,
  type RolePolicy,
} from '@cargo-tuf/repository';
import { parse, TomlError } from 'smol-toml';
import { fail } from './errors.ts';
import { readExistingFile } from './local-file.ts';

const POLICY_BYTES = 65_536;
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Whoever steals a key can keep an old state alive for as long. */
const LONGEST_PERIOD = 732 * 86_400_000;

export async function readPolicyFile(path: string): Promise<Policy> {
  return parsePolicy(
    new TextDecoder('utf-8', { fatal: true }).decode(await readExistingFile(path, POLICY_BYTES)),
  );
}

/** Every role, each with a threshold and a period, and nothing else. Throws `ADMIN_POLICY`. */
export function parsePolicy(text: string): Policy {
  const tables = parseToml(text);
  for (const name of tables.keys()) {
    if (!ROLE_NAMES.some(role => role === name)) throw refuse(`[${escapeText(name, 40)}]: not a role`);
  }
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
  const lines = [
    '# What each role needs, and how long what it signs is good. `tuf-admin` reads this at every run.',
    '# threshold: how many keys must sign. It takes effect with `tuf-admin rotate DIR ROLE --keys NUMBER`.',
    '# period: from signing to expiry, in s, m, h or d. It takes effect when the role is signed next.',
  ];
  for (const role of ROLE_NAMES) {
    const { threshold, period } = policy[role];
    lines.push(
      '',
      `# ${DESCRIPTIONS[role]}`,
      `[${role}]`,
      `threshold = ${threshold}`,
      `period = "${formatPeriod(period)}"`,
    );
  }
  return `${lines.join('\n')}\n`;
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

function parseToml(text: string): ReadonlyMap<string, unknown> {
  try {
    return new Map(Object.entries(parse(text)));
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    throw refuse(`line ${cause.line}: not TOML`, cause);
  }
}

function readRole(role: RoleName, table: unknown): RolePolicy {
  if (typeof table !== 'object' || table === null) throw refuse(`[${role}]: missing`);
  const members = new Map<string, unknown>(Object.entries(table));
  const threshold = members.get('threshold');
  const period = members.get('period');
  const unknown = [...members.keys()].find(name => name !== 'threshold' && name !== 'period');
  if (unknown !== undefined) throw refuse(`[${role}]: unknown member ${escapeText(unknown, 40)}`);
  if (typeof threshold !== 'number' || !Number.isSafeInteger(threshold) || threshold < 1 || threshold > 32) {
    throw refuse(`[${role}]: threshold, expected an integer from 1 to 32`);
  }
  return { threshold, period: parsePeriod(role, period) };
}

function parsePeriod(role: RoleName, text: unknown): number {
  const match = typeof text === 'string' ? /^([1-9][0-9]{0,7})([smhd])$/.exec(text) : null;
  const period = Number(match?.[1]) * (UNITS[match?.[2] ?? ''] ?? Number.NaN);
  if (period <= LONGEST_PERIOD) return period;
  throw refuse(`[${role}]: period, expected "24h" or "14d", at most two years`);
}

function formatPeriod(period: number): string {
  if (period % 86_400_000 === 0 && period > 86_400_000) return `${period / 86_400_000}d`;
  return period % 3_600_000 === 0 ? `${period / 3_600_000}h` : `${period / 1000}s`;
}

function refuse(what: string, cause?: unknown): Error {
  return fail('ADMIN_POLICY', `policy.toml: ${what}`, { details: { local: true }, cause });
}
