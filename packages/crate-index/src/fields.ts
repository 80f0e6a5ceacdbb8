// Typed reading of the fields of a JSON object. An absent field and `null` mean the same, as they do to cargo.

import { type JsonObject, type JsonValue, isJsonObject } from '@cargo-tuf/canonical-json';
import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { INDEX_LIMITS } from './limits.ts';

export function textField(object: JsonObject, key: string): string {
  return optionalText(object, key) ?? refuse(key, 'missing, expected text');
}

export function optionalText(object: JsonObject, key: string): string | undefined {
  const value = object.get(key) ?? undefined;
  if (value === undefined) return undefined;
  return text(key, value);
}

export function flagField(object: JsonObject, key: string, absent: boolean): boolean {
  const value = object.get(key) ?? absent;
  return typeof value === 'boolean' ? value : refuse(key, 'expected true or false');
}

export function optionalInteger(object: JsonObject, key: string): number | undefined {
  const value = object.get(key) ?? undefined;
  if (value === undefined || (typeof value === 'number' && value >= 1)) return value;
  return refuse(key, 'expected an integer of at least 1');
}

export function listField(object: JsonObject, key: string): readonly JsonValue[] {
  return list(key, object.get(key) ?? []);
}

export function textList(object: JsonObject, key: string): readonly string[] {
  return listField(object, key).map(value => text(key, value));
}

/** `{"std":["alloc"],"alloc":[]}`. Undefined when absent. */
export function optionalFeatures(
  object: JsonObject,
  key: string,
): ReadonlyMap<string, readonly string[]> | undefined {
  const value = object.get(key) ?? undefined;
  if (value === undefined) return undefined;
  if (!isJsonObject(value)) return refuse(key, 'expected an object');
  if (value.size > INDEX_LIMITS.features) return refuse(key, `more than ${INDEX_LIMITS.features} features`);
  return new Map(
    [...value].map(([name, uses]) => [text(key, name), list(key, uses).map(use => text(key, use))]),
  );
}

function list(key: string, value: JsonValue): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : refuse(key, 'expected a list');
}

function text(key: string, value: JsonValue): string {
  if (typeof value !== 'string' || value === '') return refuse(key, 'expected text that is not empty');
  if (value.length > INDEX_LIMITS.textLength)
    return refuse(key, `more than ${INDEX_LIMITS.textLength} characters`);
  if (CONTROL.test(value)) return refuse(key, `control character in "${escapeText(value)}"`);
  return value;
}

const CONTROL = /\p{Cc}/u;

export function refuse(field: string, reason: string): never {
  throw fail('INDEX_FIELD', `field ${field}: ${reason}`, { details: { field } });
}
