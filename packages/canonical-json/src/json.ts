// Valid JSON (RFC 8259) with the keys in the order of the Map: what is put into files. `parseJson` reads it back.

import { ByteWriter } from './byte-writer.ts';
import { checkDepth, formatInteger, refuseValue } from './scalars.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './value.ts';

/** `indent`: spaces a level, with a newline at the end; one line without white space when absent or 0. */
export function encodeJson(value: JsonValue, options: { readonly indent?: number } = {}): Uint8Array {
  const writer = new ByteWriter();
  const indent = options.indent ?? 0;
  writeValue(writer, value, indent, 0);
  if (indent > 0) writer.ascii('\n');
  return writer.finish();
}

const SHORT: ReadonlyMap<string, string> = new Map([
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['"', '\\"'],
  ['\\', '\\\\'],
]);

const ESCAPES: readonly (string | undefined)[] = Array.from({ length: 128 }, (_, unit) => {
  const short = SHORT.get(String.fromCharCode(unit));
  return short ?? (unit < 0x20 ? `\\u${unit.toString(16).padStart(4, '0')}` : undefined);
});

function writeValue(writer: ByteWriter, value: JsonValue, indent: number, depth: number): void {
  checkDepth(depth);
  if (typeof value === 'string') writer.quoted(value, ESCAPES);
  else if (typeof value === 'number') writer.ascii(formatInteger(value));
  else if (typeof value === 'boolean') writer.ascii(value ? 'true' : 'false');
  else if (value === null) writer.ascii('null');
  else if (isJsonObject(value)) writeObject(writer, value, indent, depth);
  else if (Array.isArray(value)) writeArray(writer, value as readonly JsonValue[], indent, depth);
  else refuseValue(value as never);
}

function writeObject(writer: ByteWriter, object: JsonObject, indent: number, depth: number): void {
  let separator = '{';
  for (const [key, value] of object) {
    writer.ascii(separator + lineBreak(indent, depth + 1));
    writer.quoted(key, ESCAPES);
    writer.ascii(indent > 0 ? ': ' : ':');
    writeValue(writer, value, indent, depth + 1);
    separator = ',';
  }
  writer.ascii(object.size === 0 ? '{}' : `${lineBreak(indent, depth)}}`);
}

function writeArray(writer: ByteWriter, array: readonly JsonValue[], indent: number, depth: number): void {
  let separator = '[';
  for (const value of array) {
    writer.ascii(separator + lineBreak(indent, depth + 1));
    writeValue(writer, value, indent, depth + 1);
    separator = ',';
  }
  writer.ascii(array.length === 0 ? '[]' : `${lineBreak(indent, depth)}]`);
}

function lineBreak(indent: number, depth: number): string {
  return indent > 0 ? `\n${' '.repeat(indent * depth)}` : '';
}
