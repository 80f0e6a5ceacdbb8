// Escapes in strings: `\n`, `\u00e9`, `\ud83e\udd80`. Half a surrogate pair is not a character, and two readers turn it
// into two different texts, so it is refused.

export type Escape =
  | { readonly character: string; readonly end: number }
  | { readonly code: 'JSON_SYNTAX' | 'JSON_SURROGATE'; readonly reason: string };

/** Reads the escape whose backslash is at `position` of `text`. */
export function readEscape(text: string, position: number): Escape {
  const letter = text.charAt(position + 1);
  const short = SHORT.get(letter);
  if (short !== undefined) return { character: short, end: position + 2 };
  if (letter !== 'u') return { code: 'JSON_SYNTAX', reason: 'unknown escape' };
  const first = hexUnit(text, position + 2);
  if (first === undefined) return { code: 'JSON_SYNTAX', reason: 'expected four hex digits' };
  if (first < 0xd800 || first > 0xdfff) return { character: String.fromCharCode(first), end: position + 6 };
  const second = text.startsWith('\\u', position + 6) ? hexUnit(text, position + 8) : undefined;
  if (first > 0xdbff || second === undefined || second < 0xdc00 || second > 0xdfff) {
    return { code: 'JSON_SURROGATE', reason: 'half of a surrogate pair' };
  }
  return { character: String.fromCharCode(first, second), end: position + 12 };
}

const SHORT: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

function hexUnit(text: string, position: number): number | undefined {
  const digits = text.slice(position, position + 4);
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}
