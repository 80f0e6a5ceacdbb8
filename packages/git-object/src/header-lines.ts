// The headers of a commit or a tag: a line each, `name value`; a line that begins with a space continues the one
// before, without that one space; an empty line ends them.
//
//   tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
//   gpgsig -----BEGIN PGP SIGNATURE-----
//    <- one space: an empty line of the signature
//    iHUEABYKAB0...
//    -----END PGP SIGNATURE-----
//   <- the empty line

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { checkLimit, type GitObjectLimits } from './limits.ts';
import { concatBytes, decodeUtf8 } from './text.ts';

export interface Header {
  readonly name: string;
  /** The lines of the value joined by line feeds, none at the end. */
  readonly value: Uint8Array;
  /** Where its first line starts and its last line ends in the object, line feed included. */
  readonly start: number;
  readonly end: number;
}

/** `subject` is "commit" or "tag". `body` is where the bytes after the empty line start. */
export function readHeaders(
  subject: string,
  bytes: Uint8Array,
  limits: GitObjectLimits,
): { readonly headers: readonly Header[]; readonly body: number } {
  const headers: Header[] = [];
  let at = 0;
  while (bytes[at] !== LF) {
    const header = readHeader(subject, bytes, at);
    headers.push(header);
    checkLimit(`${subject}: headers`, headers.length, limits.headers);
    at = header.end;
  }
  return { headers, body: at + 1 };
}

const LF = 0x0a;
const SPACE = 0x20;

function readHeader(subject: string, bytes: Uint8Array, start: number): Header {
  const first = endOfLine(subject, bytes, start);
  const space = bytes.indexOf(SPACE, start);
  const name = space < 0 ? undefined : decodeUtf8(bytes.subarray(start, Math.min(space, first)));
  if (name === undefined || space > first || !NAME.test(name)) {
    const line = decodeUtf8(bytes.subarray(start, first)) ?? 'bytes that are not UTF-8';
    throw fail(
      'GIT_OBJECT_HEADER',
      `${subject}: line "${escapeText(line, 60)}", expected a header and a value`,
      {
        details: { offset: start },
      },
    );
  }
  const lines = [bytes.subarray(space + 1, first)];
  let end = first + 1;
  while (bytes[end] === SPACE) {
    const last = endOfLine(subject, bytes, end);
    lines.push(NEWLINE, bytes.subarray(end + 1, last));
    end = last + 1;
  }
  if (lines[0]?.length === 0) {
    throw fail('GIT_OBJECT_HEADER', `${subject}: ${name}: no value, expected one`, {
      details: { offset: start },
    });
  }
  return { name, value: lines.length === 1 ? (lines[0] as Uint8Array) : concatBytes(...lines), start, end };
}

const NAME = /^[a-z][a-z0-9-]*$/;
const NEWLINE = Uint8Array.of(LF);

function endOfLine(subject: string, bytes: Uint8Array, start: number): number {
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === LF) return at;
    if (byte === 0x00 || byte === 0x0d) {
      const found = byte === 0 ? 'a NUL' : 'a carriage return';
      throw fail('GIT_OBJECT_HEADER', `${subject}: ${found} in a header, expected none`, {
        details: { offset: at },
      });
    }
  }
  throw fail(
    'GIT_OBJECT_HEADER',
    `${subject}: the bytes end in the headers, expected an empty line after them`,
    {
      details: { offset: bytes.length },
    },
  );
}

/** The lines of one header, as they stand in the object. `value` has no line feed at its end. */
export function formatHeader(name: string, value: string): string {
  return `${name} ${value.replaceAll('\n', '\n ')}\n`;
}
