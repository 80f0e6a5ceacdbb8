// A JSON value as this package reads it. Objects are Maps: a key such as `__proto__` is a key like any other, and the
// order of the file is kept. Numbers are integers from -(2^53-1) to 2^53-1; there is no `-0`.
//
//   {"version":1,"keys":{}}   is   new Map([['version', 1], ['keys', new Map()]])

import { PairObject } from './pair-object.ts';

export type JsonValue = null | boolean | number | string | JsonArray | JsonObject;
export type JsonArray = readonly JsonValue[];
export type JsonObject = ReadonlyMap<string, JsonValue>;

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return value instanceof Map || value instanceof PairObject;
}
