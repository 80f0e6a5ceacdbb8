// Members of tables that a TOML parser gave: own properties only, so `__proto__` is none.

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { CHANNEL_LIMITS } from './limits.ts';

export type Table = Readonly<Record<string, unknown>>;

export function memberOf(table: Table, key: string): unknown {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

export function tableOf(value: unknown, where: string): Table {
  const isTable =
    typeof value === 'object' &&
    value !== null &&
    [null, Object.prototype].includes(Object.getPrototypeOf(value));
  return isTable ? (value as Table) : refuse(where, 'missing or no table');
}

export function tablesOf(
  value: unknown,
  where: string,
  limit: number,
): readonly (readonly [string, Table])[] {
  const entries = Object.entries(tableOf(value, where));
  if (entries.length > limit) refuse(where, `${entries.length} members, expected at most ${limit}`);
  return entries.map(([name, each]) => [name, tableOf(each, `${where}.${name}`)]);
}

/** One line of text, without quotes and backslashes: it is shown, and written again. */
export function textOf(table: Table, key: string, where: string): string {
  const value = memberOf(table, key);
  const isPlain = typeof value === 'string' && /^[^"\\\p{C}]*$/u.test(value);
  return isPlain && value.length <= CHANNEL_LIMITS.textLength
    ? value
    : refuse(where, 'missing or no plain text');
}

export function flagOf(table: Table, key: string, where: string): boolean {
  const value = memberOf(table, key);
  return typeof value === 'boolean' ? value : refuse(`${where}.${key}`, 'expected true or false');
}

export function textListOf(value: unknown, where: string, limit: number): readonly string[] {
  const isList =
    Array.isArray(value) && value.length <= limit && value.every(each => typeof each === 'string');
  return isList ? value : refuse(where, `expected a list of at most ${limit} names`);
}

export function refuse(where: string, reason: string): never {
  throw fail('CHANNEL_MANIFEST', `channel manifest: ${escapeText(where, 120)}: ${reason}`, {
    details: { where },
  });
}
