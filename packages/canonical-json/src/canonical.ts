// OLPC canonical JSON, the form that TUF signatures cover (docs/pouf.md, section 2): no white space, keys by code point,
// integers, and strings in which only `\` and `"` are escaped. A newline in a string is the byte 0A.
//
//   {"b":[1,"é\n"],"a":"\""}   →   {"a":"\"","b":[1,"é<0A>"]}

import { ByteWriter } from './byte-writer.ts';
import { checkDepth, formatInteger, refuseValue } from './scalars.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './value.ts';

/** The bytes that a signature covers. Throws `JSON_VALUE` for a value that this form cannot hold. */
export function encodeCanonical(value: JsonValue): Uint8Array {
  const writer = new ByteWriter();
  writeValue(writer, value, 0);
  return writer.finish();
}

const ESCAPES: readonly (string | undefined)[] = Array.from({ length: 128 }, (_, unit) => {
  const character = String.fromCharCode(unit);
  return character === '"' || character === '\\' ? `\\${character}` : undefined;
});

function writeValue(writer: ByteWriter, value: JsonValue, depth: number): void {
  checkDepth(depth);
  if (typeof value === 'string') writer.quoted(value, ESCAPES);
  else if (typeof value === 'number') writer.ascii(formatInteger(value));
  else if (typeof value === 'boolean') writer.ascii(value ? 'true' : 'false');
  else if (value === null) writer.ascii('null');
  else if (isJsonObject(value)) writeObject(writer, value, depth);
  else if (Array.isArray(value)) writeArray(writer, value as readonly JsonValue[], depth);
  else refuseValue(value as never);
}

function writeObject(writer: ByteWriter, object: JsonObject, depth: number): void {
  let separator = '{';
  for (const key of sortedKeys(object)) {
    writer.ascii(separator);
    writer.quoted(key, ESCAPES);
    writer.ascii(':');
    writeValue(writer, object.get(key) as JsonValue, depth + 1);
    separator = ',';
  }
  writer.ascii(object.size === 0 ? '{}' : '}');
}

function writeArray(writer: ByteWriter, array: readonly JsonValue[], depth: number): void {
  let separator = '[';
  for (const value of array) {
    writer.ascii(separator);
    writeValue(writer, value, depth + 1);
    separator = ',';
  }
  writer.ascii(array.length === 0 ? '[]' : ']');
}

/** The order by UTF-16 units, which `sort` has, is that by code point unless there are surrogates. */
function sortedKeys(object: JsonObject): string[] {
  const keys = [...object.keys()];
  return keys.some(key => /[\ud800-\udfff]/.test(key)) ? keys.sort(compareCodePoints) : keys.sort();
}

function compareCodePoints(left: string, right: string): number {
  const shorter = Math.min(left.length, right.length);
  for (let index = 0; index < shorter; index += 1) {
    const difference = rank(left.charCodeAt(index)) - rank(right.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Surrogates stand for code points from U+10000 on, so they come after U+E000 to U+FFFF. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
