// A strict reader of JSON (RFC 8259) for documents that are signed: two readers must not see two meanings.
//
//   {"version":1,"name":"itoa"}     is read
//   {"version":1,"version":2}       JSON_DUPLICATE_KEY, also when spelled "\u0076ersion"
//   {"version":1.0}  -0  1e2  01    JSON_NUMBER
//   {"name":"\ud800"}               JSON_SURROGATE
//   {} {}                           JSON_TRAILING

import { encodeCanonical } from './canonical.ts';
import { fail } from './errors.ts';
import { JSON_LIMITS, type JsonLimits } from './limits.ts';
import { Reader } from './reader.ts';
import { isJsonObject, type JsonValue } from './value.ts';

declare const TextDecoder: new (
  label: 'utf-8',
  options: { readonly fatal: true; readonly ignoreBOM: true },
) => { decode(bytes: Uint8Array): string };

/**
 * Reads one JSON value that is all of `bytes`. Throws `JSON_*` with the byte `offset` in its details.
 * A limit that is not given is that of `JSON_LIMITS`.
 */
export function parseJson(bytes: Uint8Array, limits: Partial<JsonLimits> = {}): JsonValue {
  return new Reader(decodeText(bytes), { ...JSON_LIMITS, ...limits }).document();
}

/** A document of which one member is signed. */
export interface SignedJson {
  readonly value: JsonValue;
  /** The canonical form of the member; undefined where there is none. */
  readonly canonical: Uint8Array | undefined;
}

/**
 * Reads one JSON value as `parseJson` does, and gives the canonical form of its member `name`, which is what the
 * signatures of a document cover. Where the member is written in that form, its bytes are copied, not made again.
 */
export function parseSignedJson(
  bytes: Uint8Array,
  name: string,
  limits: Partial<JsonLimits> = {},
): SignedJson {
  const text = decodeText(bytes);
  const reader = new Reader(text, { ...JSON_LIMITS, ...limits }, name);
  const value = reader.document();
  const signed = isJsonObject(value) ? value.get(name) : undefined;
  if (signed === undefined) return { value, canonical: undefined };
  const span = reader.canonicalSpan;
  // Positions in the text are positions in the bytes when every character is one byte.
  if (span === undefined || text.length !== bytes.length) {
    return { value, canonical: encodeCanonical(signed, bytes.length) };
  }
  // Not `slice`, which is a view of the same memory when `bytes` is a Buffer of Node.
  return { value, canonical: new Uint8Array(bytes.subarray(span.start, span.end)) };
}

function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw fail('JSON_ENCODING', 'json: starts with a byte order mark, expected none', {
      details: { offset: 0 },
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw fail('JSON_ENCODING', 'json: bytes are not UTF-8', { cause });
  }
}
