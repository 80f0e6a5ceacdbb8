// A growing buffer of UTF-8. Strings are encoded unit by unit: faster than a call of TextEncoder for each of a million
// short strings, and half a surrogate pair is seen where TextEncoder would write U+FFFD in its place.

import { fail } from './errors.ts';
import { isSurrogate } from './utf8.ts';

export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  /** `capacity`: bytes that are likely to be enough; the buffer grows when they are not. */
  constructor(capacity: number = 1024) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** The bytes written so far. A copy, unless hardly any of the buffer would be left over. */
  finish(): Uint8Array {
    const isNearlyFull = this.#length >= this.#bytes.length * 0.9;
    return isNearlyFull ? this.#bytes.subarray(0, this.#length) : this.#bytes.slice(0, this.#length);
  }

  /** Writes characters below U+0080. */
  ascii(text: string): void {
    this.#reserve(text.length);
    const bytes = this.#bytes;
    const at = this.#length;
    for (let index = 0; index < text.length; index += 1) bytes[at + index] = text.charCodeAt(index);
    this.#length = at + text.length;
  }

  /** Writes `text` in quotes; `escapes` says what stands for an ASCII character, or undefined for itself. */
  quoted(text: string, escapes: readonly (string | undefined)[]): void {
    // A unit becomes six bytes at most: an escape such as \u0000.
    this.#reserve(text.length * 6 + 2);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = 0x22;
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      const escape = unit < 0x80 ? escapes[unit] : undefined;
      if (unit < 0x80 && escape === undefined) {
        bytes[at++] = unit;
      } else if (escape !== undefined) {
        for (let letter = 0; letter < escape.length; letter += 1) bytes[at++] = escape.charCodeAt(letter);
      } else {
        const point = text.codePointAt(index) as number;
        at = encodePoint(bytes, at, point);
        if (point > 0xffff) index += 1;
      }
    }
    bytes[at++] = 0x22;
    this.#length = at;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Writes a character from U+0080 on; returns where the next one goes. */
function encodePoint(bytes: Uint8Array, at: number, point: number): number {
  if (point < 0x800) {
    bytes[at] = 0xc0 | (point >> 6);
    bytes[at + 1] = 0x80 | (point & 0x3f);
    return at + 2;
  }
  if (isSurrogate(point)) {
    throw fail('JSON_VALUE', 'json: string holds half of a surrogate pair, expected characters');
  }
  if (point < 0x10000) {
    bytes[at] = 0xe0 | (point >> 12);
    bytes[at + 1] = 0x80 | ((point >> 6) & 0x3f);
    bytes[at + 2] = 0x80 | (point & 0x3f);
    return at + 3;
  }
  bytes[at] = 0xf0 | (point >> 18);
  bytes[at + 1] = 0x80 | ((point >> 12) & 0x3f);
  bytes[at + 2] = 0x80 | ((point >> 6) & 0x3f);
  bytes[at + 3] = 0x80 | (point & 0x3f);
  return at + 4;
}
