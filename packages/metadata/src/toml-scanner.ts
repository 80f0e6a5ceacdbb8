// The characters of a TOML file, and the values of one line: strings, integers and booleans, each in one spelling.
//
//   "openpgp:FF88…"   'literal'   """⏎several lines⏎"""   7   true
//
// Dates, floats, numbers in hex or with a sign or underscores are TOML and have no place in this metadata.

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import type { TomlLimits } from './toml-limits.ts';

export class TomlScanner {
  readonly #text: string;
  readonly #limits: TomlLimits;
  #at = 0;

  constructor(text: string, limits: TomlLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** Whether `token` stands here. */
  sees(token: string): boolean {
    return this.#text.startsWith(token, this.#at);
  }

  /** Moves over `token` if it stands here. */
  take(token: string): boolean {
    if (!this.sees(token)) return false;
    this.#at += token.length;
    return true;
  }

  expect(token: string): void {
    if (!this.take(token))
      this.refuse(`${this.#found()}, expected ${token === '\n' ? 'the end of the line' : token}`);
  }

  skipSpaces(): void {
    this.#match(SPACES);
  }

  /** The text of a comment that stands here, without its "#"; undefined when none does. */
  comment(): string | undefined {
    return this.sees('#') ? this.#match(COMMENT).slice(1) : undefined;
  }

  /** One part of a key. */
  keyPart(): string {
    if (this.sees('"') || this.sees("'")) {
      if (this.sees('"""') || this.sees("'''")) this.refuse('a key of several lines');
      return this.string();
    }
    const bare = this.#match(BARE_KEY);
    if (bare === '') this.refuse(`${this.#found()}, expected a key`);
    return bare;
  }

  string(): string {
    if (this.take('"""')) return this.#several('"""', true);
    if (this.take("'''")) return this.#several("'''", false);
    if (this.take('"')) return this.#single('"', true);
    if (this.take("'")) return this.#single("'", false);
    return this.refuse(`${this.#found()}, expected a string`);
  }

  /** An integer, true or false. */
  word(): number | boolean {
    const word = this.#match(WORD);
    if (word === 'true' || word === 'false') return word === 'true';
    const value = Number(word);
    if (INTEGER.test(word) && Number.isSafeInteger(value)) return value;
    const found = word === '' ? this.#found() : `"${escapeText(word, 40)}"`;
    return this.refuse(
      `${found}, expected a string, an integer in decimal digits, true, false, an array or a table`,
    );
  }

  /** Throws `METADATA_TOML` with the number of the line. */
  refuse(reason: string): never {
    const line = this.#text.slice(0, this.#at).split('\n').length;
    throw fail('METADATA_TOML', `TOML: line ${line}: ${reason}`, { details: { line } });
  }

  #found(): string {
    if (this.isAtEnd) return 'the end of the file';
    return this.sees('\n')
      ? 'the end of the line'
      : `"${escapeText(this.#text.slice(this.#at, this.#at + 12), 40)}"`;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #single(quote: string, escapes: boolean): string {
    const parts: string[] = [];
    for (;;) {
      parts.push(this.#match(quote === '"' ? BASIC : LITERAL));
      if (this.take(quote)) return this.#string(parts);
      if (!escapes || !this.sees('\\'))
        this.refuse(`${this.#found()} in a string, expected ${quote} at its end`);
      parts.push(this.#escape());
    }
  }

  #several(quotes: string, escapes: boolean): string {
    this.take('\n');
    const parts: string[] = [];
    for (;;) {
      parts.push(this.#match(escapes ? BASIC_LINES : LITERAL_LINES));
      if (this.take(quotes)) {
        // One or two quotes more belong to the string.
        for (let more = 0; more < 2 && this.take(quotes.charAt(0)); more += 1) parts.push(quotes.charAt(0));
        return this.#string(parts);
      }
      if (this.take(quotes.charAt(0))) parts.push(quotes.charAt(0));
      else if (escapes && this.#match(LINE_CONTINUATION) !== '') continue;
      else if (escapes && this.sees('\\')) parts.push(this.#escape());
      else this.refuse(`${this.#found()} in a string, expected ${quotes} at its end`);
    }
  }

  #string(parts: readonly string[]): string {
    const text = parts.join('');
    if (text.length > this.#limits.stringLength)
      this.refuse(`a string of ${text.length} characters, expected at most ${this.#limits.stringLength}`);
    return text;
  }

  #escape(): string {
    const simple = ESCAPES.get(this.#text.slice(this.#at, this.#at + 2));
    if (simple !== undefined) {
      this.#at += 2;
      return simple;
    }
    const digits = this.#match(UNICODE_ESCAPE).slice(2);
    const point = digits === '' ? Number.NaN : Number.parseInt(digits, 16);
    const isScalar = point < 0xd800 || (point > 0xdfff && point <= 0x10ffff);
    return isScalar
      ? String.fromCodePoint(point)
      : this.refuse(`${this.#found()}, expected an escape of TOML`);
  }
}

const SPACES = /[ \t]*/y;
const COMMENT = /#[\t -~\u0080-\uffff]*/y;
const BARE_KEY = /[A-Za-z0-9_-]*/y;
const WORD = /[^\s,\]}#]*/y;
const INTEGER = /^(?:0|-?[1-9][0-9]*)$/;
const BASIC = /[\t !#-[\]-~\u0080-\uffff]*/y;
const LITERAL = /[\t -&(-~\u0080-\uffff]*/y;
const BASIC_LINES = /[\t\n !#-[\]-~\u0080-\uffff]*/y;
const LITERAL_LINES = /[\t\n -&(-~\u0080-\uffff]*/y;
/** A backslash at the end of a line: the line break, and white space after it, are not part of the string. */
const LINE_CONTINUATION = /\\[ \t]*\n[ \t\n]*/y;
const UNICODE_ESCAPE = /\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})/y;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\b', '\b'],
  ['\\t', '\t'],
  ['\\n', '\n'],
  ['\\f', '\f'],
  ['\\r', '\r'],
  ['\\"', '"'],
  ['\\\\', '\\'],
]);
