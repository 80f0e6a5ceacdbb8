// The tables of a policy.toml, one a role, of either kind of repository.

import { escapeText } from '@cargo-tuf/errors';
import type { RolePolicy } from '@cargo-tuf/repository';
import { parse, TomlError } from 'smol-toml';
import { fail } from './errors.ts';
import { readExistingFile } from './local-file.ts';

const POLICY_BYTES = 65_536;
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Whoever steals a key can keep an old state alive for as long. */
const LONGEST_PERIOD = 732 * 86_400_000;

export async function readPolicyText(path: string): Promise<string> {
  return new TextDecoder('utf-8', { fatal: true }).decode(readExistingFile(path, POLICY_BYTES));
}

/** By role. Throws `ADMIN_POLICY` for what is no TOML, and for a table that is no role's. */
export function parseTables(text: string, roles: readonly string[]): ReadonlyMap<string, unknown> {
  const tables = parseToml(text);
  for (const name of tables.keys()) {
    if (!roles.includes(name)) throw refuse(`[${escapeText(name, 40)}]: not a role`);
  }
  return tables;
}

export interface RoleTable {
  readonly role: string;
  readonly description: string;
  /** Undefined where it is another role's. */
  readonly threshold?: number;
  readonly period: number;
}

/** `rotation`: the command that makes another threshold take effect. */
export function formatTables(rotation: string, tables: readonly RoleTable[]): string {
  const lines = [
    '# What each role needs, and how long what it signs is good. `tuf-admin` reads this at every run.',
    `# threshold: how many keys must sign. It takes effect with \`${rotation}\`.`,
    '# period: from signing to expiry, in s, m, h or d. It takes effect when the role is signed next.',
  ];
  for (const { role, description, threshold, period } of tables) {
    lines.push('', `# ${description}`, `[${role}]`);
    if (threshold !== undefined) lines.push(`threshold = ${threshold}`);
    lines.push(`period = "${formatPeriod(period)}"`);
  }
  return `${lines.join('\n')}\n`;
}

function parseToml(text: string): ReadonlyMap<string, unknown> {
  try {
    return new Map(Object.entries(parse(text)));
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    throw refuse(`line ${cause.line}: not TOML`, cause);
  }
}

/** A table that has both. */
export function readRole(role: string, table: unknown): RolePolicy {
  const members = membersOf(role, table, ['threshold', 'period']);
  const threshold = members.get('threshold');
  if (typeof threshold !== 'number' || !Number.isSafeInteger(threshold) || threshold < 1 || threshold > 32) {
    throw refuse(`[${role}]: threshold, expected an integer from 1 to 32`);
  }
  return { threshold, period: parsePeriod(role, members.get('period')) };
}

/** A table of a role whose threshold is another role's. */
export function readPeriod(role: string, table: unknown): Pick<RolePolicy, 'period'> {
  return { period: parsePeriod(role, membersOf(role, table, ['period']).get('period')) };
}

function membersOf(role: string, table: unknown, known: readonly string[]): ReadonlyMap<string, unknown> {
  if (typeof table !== 'object' || table === null) throw refuse(`[${role}]: missing`);
  const members = new Map<string, unknown>(Object.entries(table));
  const unknown = [...members.keys()].find(name => !known.includes(name));
  if (unknown !== undefined) throw refuse(`[${role}]: unknown member ${escapeText(unknown, 40)}`);
  return members;
}

function parsePeriod(role: string, text: unknown): number {
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
