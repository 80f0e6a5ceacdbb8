// Names that do not fit in a header come in an entry of their own before it: GNU's `L` (what cargo writes), or a POSIX
// extended header `x` with a `path` record:
//
//   L  "tiny-0.1.0/src/…/….txt\0"
//   x  "30 mtime=1350244992.023960108\n" "118 path=tiny-0.1.0/src/…/….txt\n"
//
// Two readers that take different names or sizes from one archive unpack different files, so a name must agree with the
// header that follows, and a size is taken from nowhere but that header.

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { decodePath } from './tar-header.ts';

/** The name in the content of an `L` entry. Throws `CRATE_TAR`. */
export function decodeLongName(content: Uint8Array): string {
  const end = content.indexOf(0);
  if (end <= 0 || content.subarray(end).some(byte => byte !== 0)) {
    throw fail('CRATE_TAR', 'tar: long name does not end in a NUL');
  }
  return decodePath(content.subarray(0, end));
}

const HARMLESS = new Set(['mtime', 'atime', 'ctime', 'uid', 'gid', 'uname', 'gname', 'comment']);

/** The `path` in the content of an `x` entry, if any. Throws `CRATE_TAR`, and `CRATE_ENTRY_KIND` for any other override. */
export function decodeExtendedHeader(content: Uint8Array): string | undefined {
  const records = new Map<string, string>();
  for (let start = 0; start < content.length; ) {
    const end = start + recordLength(content, start);
    const record = decodePath(content.subarray(start, end));
    const [, key, value] = /^[0-9]+ ([^=]+)=([^]*)\n$/.exec(record) ?? refuse('record without key and value');
    if (key === undefined || value === undefined || end > content.length) return refuse('record is cut off');
    if (key !== 'path' && !HARMLESS.has(key)) {
      throw fail(
        'CRATE_ENTRY_KIND',
        `tar: extended header overrides "${escapeText(key)}", expected at most the path`,
        {
          details: { key },
        },
      );
    }
    if (records.has(key)) refuse(`two records for ${key}`);
    records.set(key, value);
    start = end;
  }
  return records.get('path');
}

/** Throws `CRATE_TAR` unless the header's own name is the long one, or the start of it. */
export function checkAgreement(longName: string, headerName: string): void {
  if (headerName !== '' && longName.startsWith(headerName)) return;
  throw fail('CRATE_TAR', `tar: name "${escapeText(headerName)}" after long name "${escapeText(longName)}"`, {
    details: { longName, headerName },
  });
}

function recordLength(content: Uint8Array, start: number): number {
  let length = 0;
  let position = start;
  for (; position < start + 5; position += 1) {
    const digit = (content[position] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    length = length * 10 + digit;
  }
  if (content[start] === 0x30 || length < position - start + 4) refuse('record of a wrong length');
  return length;
}

function refuse(reason: string): never {
  throw fail('CRATE_TAR', `tar: extended header: ${reason}`);
}
