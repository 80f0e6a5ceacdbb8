// Valid JSON (RFC 8259) with the keys in the order of the Map: what is put into files. `parseJson` reads it back.

import { ByteWriter } from './byte-writer.ts';
import { sortedKeys } from './key-order.ts';
import { checkDepth, formatInteger, refuseValue } from './scalars.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './value.ts';

export interface JsonLayout {
  /** Spaces a level, with a newline at the end; one line without white space when absent or 0. */
  readonly indent?: number;
  /** Keys by code point, as the canonical form has them, instead of in the order of the Map. */
  readonly sorted?: boolean;
}

export function encodeJson(value: JsonValue, layout: JsonLayout = {}): Uint8Array {
  const { indent = 0, sorted = false } = layout;
  const writer = new ByteWriter();
  writeValue(writer, value, { indent, sorted }, 0);
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

function writeValue(writer: ByteWriter, value: JsonValue, layout: Required<JsonLayout>, depth: number): void {
  checkDepth(depth);
  if (typeof value === 'string') writer.quoted(value, ESCAPES);
  else if (typeof value === 'number') writer.ascii(formatInteger(value));
  else if (typeof value === 'boolean') writer.ascii(value ? 'true' : 'false');
  else if (value === null) writer.ascii('null');
  else if (isJsonObject(value)) writeObject(writer, value, layout, depth);
  else if (Array.isArray(value)) writeArray(writer, value as readonly JsonValue[], layout, depth);
  else refuseValue(value as never);
}

function writeObject(
  writer: ByteWriter,
  object: JsonObject,
  layout: Required<JsonLayout>,
  depth: number,
): void {
  let separator = '{';
  for (const key of layout.sorted ? sortedKeys(object) : object.keys()) {
    writer.ascii(separator + lineBreak(layout.indent, depth + 1));
    writer.quoted(key, ESCAPES);
    writer.ascii(layout.indent > 0 ? ': ' : ':');
    writeValue(writer, object.get(key) as JsonValue, layout, depth + 1);
    separator = ',';
  }
  writer.ascii(object.size === 0 ? '{}' : `${lineBreak(layout.indent, depth)}}`);
}

function writeArray(
  writer: ByteWriter,
  array: readonly JsonValue[],
  layout: Required<JsonLayout>,
  depth: number,
): void {
  let separator = '[';
  for (const value of array) {
    writer.ascii(separator + lineBreak(layout.indent, depth + 1));
    writeValue(writer, value, layout, depth + 1);
    separator = ',';
  }
  writer.ascii(array.length === 0 ? '[]' : `${lineBreak(layout.indent, depth)}]`);
}

function lineBreak(indent: number, depth: number): string {
  return indent > 0 ? `\n${' '.repeat(indent * depth)}` : '';
}
