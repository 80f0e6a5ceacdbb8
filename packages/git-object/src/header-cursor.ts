import { escapeText, type TufError } from '@cargo-tuf/errors';
import { fail, type GitObjectErrorCode } from './errors.ts';
import type { Header } from './header-lines.ts';
import { decodeUtf8 } from './text.ts';

/** Takes headers in the order of the grammar. Whatever stands elsewhere, or twice, is refused. */
export class HeaderCursor {
  readonly #subject: string;
  readonly #headers: readonly Header[];
  #next = 0;

  constructor(subject: string, headers: readonly Header[]) {
    this.#subject = subject;
    this.#headers = headers;
  }

  /** The next header, which must have this name. */
  take(name: string): Header {
    const header = this.takeOptional(name);
    if (header === undefined) throw this.#unexpected(name);
    return header;
  }

  /** The next header if it has this name. */
  takeOptional(name: string): Header | undefined {
    const header = this.#headers[this.#next];
    if (header?.name !== name) return undefined;
    this.#next += 1;
    return header;
  }

  takeAll(name: string): readonly Header[] {
    const taken: Header[] = [];
    for (let header = this.takeOptional(name); header; header = this.takeOptional(name)) taken.push(header);
    return taken;
  }

  /** Refuses what is left. */
  end(): void {
    if (this.#next < this.#headers.length) throw this.#unexpected('the end of the headers');
  }

  #unexpected(expected: string): TufError<GitObjectErrorCode> {
    const found = this.#headers[this.#next];
    const name = found === undefined ? 'the end of the headers' : escapeText(found.name, 60);
    return fail('GIT_OBJECT_HEADER', `${this.#subject}: header ${name}, expected ${expected}`, {
      details: { found: name, expected },
    });
  }
}

/** The value of a header of one line. Throws `GIT_OBJECT_HEADER` for more lines, and for bytes that are not UTF-8. */
export function lineOf(subject: string, header: Header): string {
  const text = decodeUtf8(header.value);
  if (text === undefined || text.includes('\n')) {
    throw fail('GIT_OBJECT_HEADER', `${subject}: ${header.name}: expected one line of UTF-8`, {
      details: { offset: header.start },
    });
  }
  return text;
}
