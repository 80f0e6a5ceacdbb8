// Reads the text of one document; the rules are in parse.ts.
//
// The bytes are decoded once, as a whole, and strings are slices of the result: time and memory are linear. A list of
// 100,000 files repeats the same few keys, so a key is first compared with the one that stood at the same place of the
// object before: what is equal needs no string of its own.

import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  isCanonicalEscape,
  isDigit,
  isFractionOrExponent,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from './characters.ts';
import { fail, type JsonErrorCode } from './errors.ts';
import { readEscape } from './escapes.ts';
import type { JsonLimits } from './limits.ts';
import { PairObject } from './pair-object.ts';
import { utf8Length } from './utf8.ts';
import type { JsonObject, JsonValue } from './value.ts';

/** Members at the front of an object whose keys are remembered for the next object at that depth. */
const REMEMBERED = 8;
/** From so many members on, what stands in an object is read into as little memory as it needs. */
const LONG = 1_000;

export class Reader {
  readonly #text: string;
  readonly #limits: JsonLimits;
  /** At `depth * REMEMBERED + place`. */
  readonly #keys: string[] = [];
  readonly #signedName: string | undefined;
  /** No backslash and no control character, white space among them, as in most long files. */
  readonly #isPlain: boolean;
  #position = 0;
  #depth = 0;
  #nodes = 0;
  #isInLong = false;
  /** False from the first thing on that the canonical form spells in another way. */
  #isCanonical = true;
  #canonicalSpan: { readonly start: number; readonly end: number } | undefined;

  constructor(text: string, limits: JsonLimits, signedName?: string) {
    this.#text = text;
    this.#limits = limits;
    this.#signedName = signedName;
    this.#isPlain = !NOT_PLAIN.test(text);
  }

  /** Where the value of the signed member stands, if it is written in the canonical form. For a text of ASCII only. */
  get canonicalSpan(): { readonly start: number; readonly end: number } | undefined {
    return this.#canonicalSpan;
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
    const wasInLong = this.#isInLong;
    let map = wasInLong ? undefined : new Map<string, JsonValue>();
    // What is read while there is no Map.
    let first: string | undefined;
    let firstValue: JsonValue = null;
    let second: string | undefined;
    let secondValue: JsonValue = null;
    let count = 0;
    let last = '';
    if (!this.#closes(CLOSE_BRACE)) {
      do {
        count += 1;
        this.#countMember(count);
        if (count === LONG) this.#isInLong = true;
        this.#skipSpace();
        const start = this.#position;
        if (this.#text.charCodeAt(start) !== QUOTE) this.#refuse('JSON_SYNTAX', 'expected a key in quotes');
        const key = count <= REMEMBERED ? this.#key(this.#depth * REMEMBERED + count - 1) : this.#string();
        this.#skipSpace();
        if (this.#text.charCodeAt(this.#position) !== COLON) this.#refuse('JSON_SYNTAX', 'expected a colon');
        this.#position += 1;
        // This order is that by code point in a text of ASCII, and a span of no other is asked for.
        if (count > 1 && !(last < key)) this.#isCanonical = false;
        last = key;
        const value = key === this.#signedName && this.#depth === 1 ? this.#signedValue() : this.#value();
        if (count === 3) map ??= new PairObject(first, firstValue, second, secondValue).toMap();
        if (map !== undefined) map.set(key, value);
        else if (count === 1) [first, firstValue] = [key, value];
        else [second, secondValue] = [key, value];
        if (map === undefined ? first === second : map.size !== count)
          this.#refuse('JSON_DUPLICATE_KEY', 'key appears twice in its object', start);
      } while (this.#continues(CLOSE_BRACE));
    }
    this.#isInLong = wasInLong;
    this.#depth -= 1;
    return map ?? new PairObject(first, firstValue, second, secondValue);
  }

  #signedValue(): JsonValue {
    this.#skipSpace();
    const start = this.#position;
    this.#isCanonical = true;
    const value = this.#value();
    if (this.#isCanonical) this.#canonicalSpan = { start, end: this.#position };
    return value;
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

  #key(place: number): string {
    const known = this.#keys[place];
    if (known !== undefined) {
      const end = this.#position + 1 + known.length;
      if (this.#text.charCodeAt(end) === QUOTE && this.#text.startsWith(known, this.#position + 1)) {
        this.#position = end + 1;
        return known;
      }
    }
    const start = this.#position;
    const key = this.#string();
    // Only a key that is written without escapes can be found again by comparing text.
    this.#keys[place] = this.#position - start === key.length + 2 ? key : '';
    return key;
  }

  /** Reads from the opening quote to after the closing one. A string without escapes is one slice. */
  #string(): string {
    const text = this.#text;
    const start = this.#position + 1;
    if (this.#isPlain) return this.#plainString(start);
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
        // Only `\"` and `\\` are escapes in the canonical form, too.
        if (escape.end !== position + 2 || !isCanonicalEscape(escape.character)) this.#isCanonical = false;
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

  /** Where nothing in the text is escaped or a control character, a string ends with the next quote. */
  #plainString(start: number): string {
    const end = this.#text.indexOf('"', start);
    if (end < 0) this.#refuse('JSON_SYNTAX', 'string without end', this.#text.length);
    this.#limitString(start, end);
    this.#position = end + 1;
    return this.#text.slice(start, end);
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
    let value = 0;
    for (let code = text.charCodeAt(end); isDigit(code); code = text.charCodeAt(end)) {
      value = value * 10 + (code - 0x30);
      end += 1;
    }
    if (end === first) this.#refuse('JSON_SYNTAX', 'expected a digit', end);
    if (text.charCodeAt(first) === 0x30 && (negative || end - first > 1)) {
      this.#refuse('JSON_NUMBER', negative ? 'minus zero or a leading zero' : 'leading zero', start);
    }
    if (isFractionOrExponent(text.charCodeAt(end)))
      this.#refuse('JSON_NUMBER', 'number is not an integer', start);
    // Rounding keeps the order of numbers: a sum that passes 2^53-1 never comes back below it.
    if (value > Number.MAX_SAFE_INTEGER) this.#refuse('JSON_NUMBER', 'integer beyond 2^53-1', start);
    this.#position = end;
    return negative ? -value : value;
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
      if (code > 0x20) break;
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break;
      position += 1;
    }
    if (position !== this.#position) this.#isCanonical = false;
    this.#position = position;
  }

  #refuse(code: JsonErrorCode, reason: string, position: number = this.#position): never {
    const offset = utf8Length(this.#text, 0, position);
    throw fail(code, `json: byte ${offset}: ${reason}`, { details: { offset } });
  }
}

/** A backslash, or what comes before the space: all but the space to `[`, and `]` to the end. */
const NOT_PLAIN = /[^ -[\]-\uffff]/;

const WORDS: readonly (readonly [string, null | boolean])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];
