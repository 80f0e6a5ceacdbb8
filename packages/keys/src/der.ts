// Elements of DER (X.690): a tag, a length in its shortest form, the content. Lengths to 65,535 bytes, which is more than
// a key or a signature has.
//
//   02 03 01 00 01     INTEGER 65537

import { concatBytes } from './bytes.ts';

export const SEQUENCE = 0x30;
export const BIT_STRING = 0x03;
const INTEGER = 0x02;

export interface DerElement {
  readonly content: Uint8Array;
  /** Where the next element starts. */
  readonly end: number;
}

export function encodeDer(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(contents);
  return concatBytes([Uint8Array.from([tag, ...encodeLength(content.length)]), content]);
}

/** The element with `tag` that starts at `start`; undefined where there is none, or none in DER. */
export function decodeDer(bytes: Uint8Array, tag: number, start = 0): DerElement | undefined {
  const [found, first = 0, second = 0, third = 0] = bytes.subarray(start, start + 4);
  const length = first < 0x80 ? first : first === 0x81 ? second : first === 0x82 ? second * 256 + third : -1;
  if (found !== tag || length < 0) return undefined;
  const shortest = encodeLength(length);
  if (shortest[0] !== first) return undefined;
  const end = start + 1 + shortest.length + length;
  return end > bytes.length ? undefined : { content: bytes.subarray(end - length, end), end };
}

/** The bytes of an INTEGER that is not negative, without those in front that are zero: none at all for 0. */
export function decodeUnsigned(bytes: Uint8Array, start: number): DerElement | undefined {
  const element = decodeDer(bytes, INTEGER, start);
  const [first, second = 0] = element?.content ?? [];
  if (element === undefined || first === undefined || first >= 0x80) return undefined;
  if (first > 0) return element;
  // A zero in front is the sign of a number that would be negative without it, or the number 0.
  if (element.content.length > 1 && second < 0x80) return undefined;
  return { content: element.content.subarray(1), end: element.end };
}

function encodeLength(length: number): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}
