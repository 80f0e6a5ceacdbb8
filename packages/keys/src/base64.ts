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
  const digits = text.length - padding;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let group = 0;
  let bits = 0;
  let length = 0;
  for (let index = 0; index < digits; index += 1) {
    const code = text.charCodeAt(index);
    const value = code < 128 ? (VALUES[code] as number) : NO_DIGIT;
    if (value === NO_DIGIT) return undefined;
    group = ((group << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[length] = group >> bits;
      length += 1;
    }
  }
  const unused = group & ((1 << bits) - 1);
  return unused === 0 ? bytes : undefined;
}
