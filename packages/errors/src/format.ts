import { isTufError } from './tuf-error.ts';

/**
 * Text from outside, made safe for a terminal or a one-line message: control characters, bidirectional overrides,
 * zero-width characters and lone surrogates become `\u{…}`; at most `limit` characters, then `…`.
 */
export function escapeText(text: string, limit = 200): string {
  let out = '';
  let count = 0;
  for (const character of text) {
    if (count === limit) return `${out}…`;
    count += 1;
    out += isPlain(character) ? character : `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
  }
  return out;
}

// Categories Cc, Cf (bidi, zero width, tags), Zl, Zp, Cs (lone surrogates), Co and Cn.
const UNSAFE = /^[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]$/u;

function isPlain(character: string): boolean {
  return !UNSAFE.test(character);
}

/**
 * The three lines that every program of ours prints on standard error, newline at the end:
 *
 *     cargo-tuf: error: timestamp: expired 3 days ago (2026-11-18T00:00:00Z)
 *     cargo-tuf: hint: the repository may be frozen; check your clock, then tell its maintainers
 *     cargo-tuf: code: TUF_EXPIRED
 */
export function formatError(program: string, error: unknown): string {
  if (!isTufError(error)) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return [
      `${program}: error: ${escapeText(text, 2000)}`,
      `${program}: hint: this is a defect of ${program}; please report it with the command that you ran`,
      `${program}: code: INTERNAL`,
      '',
    ].join('\n');
  }
  return [
    `${program}: error: ${escapeText(error.message, 2000)}`,
    `${program}: hint: ${escapeText(error.hint, 2000)}`,
    `${program}: code: ${error.code}`,
    '',
  ].join('\n');
}
