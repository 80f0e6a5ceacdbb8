// A strict reader of JSON (RFC 8259) for documents that are signed: two readers must not see two meanings.
//
//   {"version":1,"name":"itoa"}     is read
//   {"version":1,"version":2}       JSON_DUPLICATE_KEY, also when spelled "\u0076ersion"
//   {"version":1.0}  -0  1e2  01    JSON_NUMBER
//   {"name":"\ud800"}               JSON_SURROGATE
//   {} {}                           JSON_TRAILING
//
// The bytes are decoded once, as a whole, and strings are slices of the result: time and memory are linear.

import { fail, type JsonErrorCode } from './errors.ts';
import { JSON_LIMITS, type JsonLimits } from './limits.ts';
import { readEscape } from './escapes.ts';
import { utf8Length } from './utf8.ts';
import type { JsonObject, JsonValue } from './value.ts';

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

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

class Reader {
  readonly #text: string;
  readonly #limits: JsonLimits;
  #position = 0;
  #depth = 0;
  #nodes = 0;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  document(): JsonValue {
    const value = this.#value();
    this.#skipSpace();
    if (this.#position < this.#text.length) this.#refuse('JSON_TRAILING', 'more follows the value');
    return value;
  }

  #value(): JsonValue {
    this.#skipSpace();
    this.#nodes += 1;
    if (this.#nodes > this.#limits.nodes)
      this.#refuse('JSON_LIMIT', `more than ${this.#limits.nodes} values`);
    const code = this.#text.charCodeAt(this.#position);
    if (code === QUOTE) return this.#string();
    if (code === OPEN_BRACE) return this.#object();
    if (code === OPEN_BRACKET) return this.#array();
    if (code === MINUS || isDigit(code)) return this.#number();
    return this.#word();
  }

  #object(): JsonObject {
    this.#enter();
    const object = new Map<string, JsonValue>();
    let count = 0;
    if (!this.#closes(CLOSE_BRACE)) {
      do {
        count += 1;
        this.#countMember(count);
        this.#skipSpace();
        const start = this.#position;
        if (this.#text.charCodeAt(start) !== QUOTE) this.#refuse('JSON_SYNTAX', 'expected a key in quotes');
        const key = this.#string();
        this.#skipSpace();
        if (this.#text.charCodeAt(this.#position) !== COLON) this.#refuse('JSON_SYNTAX', 'expected a colon');
        this.#position += 1;
        object.set(key, this.#value());
        if (object.size !== count)
          this.#refuse('JSON_DUPLICATE_KEY', 'key appears twice in its object', start);
      } while (this.#continues(CLOSE_BRACE));
    }
    this.#depth -= 1;
    return object;
  }

  #array(): JsonValue[] {
    this.#enter();
    const array: JsonValue[] = [];
    if (!this.#closes(CLOSE_BRACKET)) {
      do {
        this.#countMember(array.length + 1);
        array.push(this.#value());
      } while (this.#continues(CLOSE_BRACKET));
    }
    this.#depth -= 1;
    return array;
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > this.#limits.depth) {
      this.#refuse('JSON_LIMIT', `deeper than ${this.#limits.depth} arrays and objects`);
    }
    this.#position += 1;
  }

  #countMember(count: number): void {
    if (count > this.#limits.members) this.#refuse('JSON_LIMIT', `more than ${this.#limits.members} members`);
  }

  #closes(close: number): boolean {
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#position) !== close) return false;
    this.#position += 1;
    return true;
  }

  #continues(close: number): boolean {
    if (this.#closes(close)) return false;
    if (this.#text.charCodeAt(this.#position) !== COMMA) {
      this.#refuse('JSON_SYNTAX', `expected a comma or ${String.fromCharCode(close)}`);
    }
    this.#position += 1;
    return true;
  }

  /** Reads from the opening quote to after the closing one. A string without escapes is one slice. */
  #string(): string {
    const text = this.#text;
    const start = this.#position + 1;
    let position = start;
    let from = start;
    let out = '';
    for (;;) {
      const code = text.charCodeAt(position);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        const escape = readEscape(text, position);
        if ('code' in escape) this.#refuse(escape.code, escape.reason, position);
        out += text.slice(from, position) + escape.character;
        position = escape.end;
        from = position;
      } else if (code >= 0x20) {
        position += 1;
      } else {
        // Also NaN: the end of the text.
        this.#refuse(
          'JSON_SYNTAX',
          position < text.length ? 'control character in a string' : 'string without end',
          position,
        );
      }
    }
    this.#limitString(start, position);
    this.#position = position + 1;
    return from === start ? text.slice(start, position) : out + text.slice(from, position);
  }

  #limitString(start: number, end: number): void {
    const limit = this.#limits.stringBytes;
    // One UTF-16 unit is at most three bytes of UTF-8: short strings need no count.
    if ((end - start) * 3 <= limit) return;
    if (utf8Length(this.#text, start, end) > limit)
      this.#refuse('JSON_LIMIT', `string of more than ${limit} bytes`, start);
  }

  #number(): number {
    const text = this.#text;
    const start = this.#position;
    const negative = text.charCodeAt(start) === MINUS;
    const first = negative ? start + 1 : start;
    let end = first;
    while (isDigit(text.charCodeAt(end))) end += 1;
    if (end === first) this.#refuse('JSON_SYNTAX', 'expected a digit', end);
    if (text.charCodeAt(first) === 0x30 && (negative || end - first > 1)) {
      this.#refuse('JSON_NUMBER', negative ? 'minus zero or a leading zero' : 'leading zero', start);
    }
    if (isFractionOrExponent(text.charCodeAt(end)))
      this.#refuse('JSON_NUMBER', 'number is not an integer', start);
    // 17 digits are beyond 2^53-1 whatever they are; 16 digits are exact as a double if they are safe.
    const value = end - first > 16 ? Number.POSITIVE_INFINITY : Number(text.slice(start, end));
    if (!Number.isSafeInteger(value)) this.#refuse('JSON_NUMBER', 'integer beyond 2^53-1', start);
    this.#position = end;
    return value;
  }

  #word(): null | boolean {
    for (const [word, value] of WORDS) {
      if (this.#text.startsWith(word, this.#position)) {
        this.#position += word.length;
        return value;
      }
    }
    return this.#refuse('JSON_SYNTAX', 'expected a value');
  }

  #skipSpace(): void {
    const text = this.#text;
    let position = this.#position;
    for (;;) {
      const code = text.charCodeAt(position);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break;
      position += 1;
    }
    this.#position = position;
  }

  #refuse(code: JsonErrorCode, reason: string, position: number = this.#position): never {
    const offset = utf8Length(this.#text, 0, position);
    throw fail(code, `json: byte ${offset}: ${reason}`, { details: { offset } });
  }
}

const WORDS: readonly (readonly [string, null | boolean])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isFractionOrExponent(code: number): boolean {
  return code === 0x2e || code === 0x65 || code === 0x45;
}
