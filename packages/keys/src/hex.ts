// Hex digits, lower case, two a byte: "00ff". One spelling a value, so that texts can be compared instead of bytes.

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';

const BYTE_TEXT: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);

export function encodeHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += BYTE_TEXT[byte] as string;
  return text;
}

/** Throws `KEY_HEX` for anything but lower-case digits of whole bytes, and for other than `length` bytes if given. */
export function decodeHex(text: string, length?: number): Uint8Array {
  const expected = length === undefined ? 'lower-case hex digits' : `${length * 2} lower-case hex digits`;
  if (text.length % 2 !== 0 || (length !== undefined && text.length !== length * 2)) {
    throw fail('KEY_HEX', `hex: ${text.length} characters, expected ${expected}`, {
      details: { length: text.length },
    });
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    const value = digit(text.charCodeAt(index * 2)) * 16 + digit(text.charCodeAt(index * 2 + 1));
    if (Number.isNaN(value)) {
      const found = escapeText(text.slice(index * 2, index * 2 + 2));
      throw fail('KEY_HEX', `hex: ${found} at ${index * 2}, expected ${expected}`, {
        details: { offset: index * 2 },
      });
    }
    bytes[index] = value;
  }
  return bytes;
}

function digit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x61 && code <= 0x66) return code - 0x61 + 10;
  return Number.NaN;
}
