// Reading what a TOML parser gave: plain objects (own properties only, so `__proto__` is no table) or Maps.

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';

export type Manifest = Readonly<Record<string, unknown>> | ReadonlyMap<string, unknown>;

export function memberOf(table: Manifest, key: string): unknown {
  if (isMap(table)) return table.get(key);
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

export function entriesOf(table: Manifest): readonly (readonly [string, unknown])[] {
  return isMap(table) ? [...table] : Object.entries(table);
}

export function tableOf(value: unknown, where: string): Manifest {
  const isTable =
    value instanceof Map ||
    (typeof value === 'object' &&
      value !== null &&
      [null, Object.prototype].includes(Object.getPrototypeOf(value)));
  return isTable ? (value as Manifest) : refuseManifest(where, 'expected a table');
}

export function textOf(table: Manifest, key: string, where: string): string {
  return optionalTextOf(table, key, where) ?? refuseManifest(where, 'missing, expected text');
}

export function optionalTextOf(table: Manifest, key: string, where: string): string | undefined {
  const value = memberOf(table, key);
  if (value === undefined || typeof value === 'string') return value;
  return refuseManifest(where, 'expected text');
}

export function flagOf(value: unknown, absent: boolean, where: string): boolean {
  if (value === undefined) return absent;
  return typeof value === 'boolean' ? value : refuseManifest(where, 'expected true or false');
}

export function textListOf(value: unknown, where: string): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every(item => typeof item === 'string')) return value;
  return refuseManifest(where, 'expected a list of text');
}

/** A member that has two spellings, `dev-dependencies` and `dev_dependencies`; both at once are refused. */
export function memberOfEither(table: Manifest, key: string, where: string): unknown {
  const old = key.replaceAll('-', '_');
  const value = memberOf(table, key);
  const oldValue = old === key ? undefined : memberOf(table, old);
  if (value !== undefined && oldValue !== undefined) refuseManifest(where, `both ${key} and ${old}`);
  return value ?? oldValue;
}

export function refuseManifest(where: string, reason: string): never {
  throw fail('INDEX_MANIFEST', `Cargo.toml: ${escapeText(where)}: ${reason}`, { details: { where } });
}

function isMap(table: Manifest): table is ReadonlyMap<string, unknown> {
  return table instanceof Map;
}
