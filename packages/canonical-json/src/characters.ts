// UTF-16 units that the grammar of JSON names (RFC 8259, section 2).

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const COLON = 0x3a;
export const OPEN_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

export function isFractionOrExponent(code: number): boolean {
  return code === 0x2e || code === 0x65 || code === 0x45;
}

export function isCanonicalEscape(character: string): boolean {
  return character === '"' || character === '\\';
}
