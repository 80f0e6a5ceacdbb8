// Standard base64 with padding (RFC 4648, section 4), one spelling a value: unused bits are zero.

declare const TextDecoder: new (label: 'latin1') => { decode(bytes: Uint8Array): string };

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const LETTERS: Uint8Array = Uint8Array.from(ALPHABET, letter => letter.charCodeAt(0));
const NO_DIGIT = 64;
const VALUES: Uint8Array = new Uint8Array(128).fill(NO_DIGIT);
LETTERS.forEach((code, value) => {
  VALUES[code] = value;
});
const PADDING = 0x3d;

export function encodeBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(PADDING);
  let at = 0;
  for (let index = 0; index < bytes.length; index += 3) {
    const group = (byteAt(bytes, index) << 16) | (byteAt(bytes, index + 1) << 8) | byteAt(bytes, index + 2);
    const digits = Math.min(bytes.length - index, 3) + 1;
    for (let digit = 0; digit < digits; digit += 1) {
      text[at + digit] = LETTERS[(group >> (18 - 6 * digit)) & 63] as number;
    }
    at += 4;
  }
  return new TextDecoder('latin1').decode(text);
}

function byteAt(bytes: Uint8Array, index: number): number {
  return index < bytes.length ? (bytes[index] as number) : 0;
}

/** Undefined for any text that `encodeBase64` does not write. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  const last = text.length - 4;
  let unknown = 0;
  let length = 0;
  for (let index = 0; index <= last; index += 4) {
    const isPadded = index === last && padding > 0;
    const a = valueAt(text, index);
    const b = valueAt(text, index + 1);
    const c = isPadded && padding === 2 ? 0 : valueAt(text, index + 2);
    const d = isPadded ? 0 : valueAt(text, index + 3);
    unknown |= a | b | c | d;
    const group = (a << 18) | (b << 12) | (c << 6) | d;
    // A byte beyond the end is not written: what it would be is unused bits, which must be zero.
    bytes[length] = group >> 16;
    bytes[length + 1] = group >> 8;
    bytes[length + 2] = group;
    if (isPadded && (group & (padding === 2 ? 0xffff : 0xff)) !== 0) return undefined;
    length += 3;
  }
  return unknown < NO_DIGIT ? bytes : undefined;
}

function valueAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code < 128 ? (VALUES[code] as number) : NO_DIGIT;
}
