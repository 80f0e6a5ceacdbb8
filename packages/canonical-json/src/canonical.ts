// OLPC canonical JSON, the form that TUF signatures cover (docs/pouf.md, section 2): no white space, keys by code point,
// integers, and strings in which only `\` and `"` are escaped. A newline in a string is the byte 0A.
//
//   {"b":[1,"é\n"],"a":"\""}   →   {"a":"\"","b":[1,"é<0A>"]}

import { ByteWriter } from './byte-writer.ts';
import { sortedKeys } from './key-order.ts';
import { checkDepth, formatInteger, refuseValue } from './scalars.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './value.ts';

/**
 * The bytes that a signature covers. Throws `JSON_VALUE` for a value that this form cannot hold. `capacity`: how many
 * bytes they are likely to be, such as the length of the file that was read: no spelling of JSON is shorter.
 */
export function encodeCanonical(value: JsonValue, capacity?: number): Uint8Array {
  const writer = new ByteWriter(capacity);
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
