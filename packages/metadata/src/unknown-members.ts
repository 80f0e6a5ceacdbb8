// Members of an object that this package does not know. A publisher that reads a role and writes it again keeps them:
// others sign with them as well. They never decide anything.

import { isJsonObject, type JsonObject, type JsonValue } from '@cargo-tuf/canonical-json';

/** The members of an object that are known; an absent value is left out. */
export type KnownMembers = readonly (readonly [string, JsonValue | undefined])[];

/** Known members in their order, then the unknown ones of the object that was read before. */
export function withUnknown(known: KnownMembers, before: JsonObject | undefined): JsonObject {
  const object = new Map<string, JsonValue>();
  for (const [name, value] of known) if (value !== undefined) object.set(name, value);
  if (before === undefined) return object;
  const names = new Set(known.map(([name]) => name));
  for (const [name, value] of before) if (!names.has(name)) object.set(name, value);
  return object;
}

/**
 * The same for what is said about a file: unknown members may speak of its content, so they stay only while every known
 * one stays.
 */
export function withUnknownIfSame(known: KnownMembers, before: JsonObject | undefined): JsonObject {
  const isSame = before !== undefined && known.every(([name, value]) => isEqual(before.get(name), value));
  return isSame ? before : withUnknown(known, undefined);
}

/** The object under `name`; undefined where there is none. */
export function objectIn(object: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = object?.get(name);
  return isJsonObject(value) ? value : undefined;
}

function isEqual(left: JsonValue | undefined, right: JsonValue | undefined): boolean {
  if (left === right) return true;
  if (!isJsonObject(left) || !isJsonObject(right) || left.size !== right.size) return false;
  for (const [name, value] of left) if (!isEqual(value, right.get(name))) return false;
  return true;
}
