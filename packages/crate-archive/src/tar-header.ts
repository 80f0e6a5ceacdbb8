// One 512-byte tar header, POSIX ustar or GNU, which is what cargo writes:
//
//   offset  0 name[100]   100 mode[8]    124 size[12]   148 checksum[8]   156 kind[1]   157 link[100]
//         257 magic[8]: "ustar\0" "00" (ustar) or "ustar  \0" (GNU)       345 prefix[155] (ustar only)
//
// Numbers are octal digits with a NUL or space after them. The binary form for large numbers is refused: readers
// disagree about it, and no crate needs it.

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';

export const BLOCK = 512;

export interface TarHeader {
  /** The path as the header has it, prefix included. */
  readonly name: string;
  readonly mode: number;
  readonly size: number;
  /** The type flag: "0" file, "5" folder, "L" long name, "x" extended header. */
  readonly kind: string;
}

/** Undefined for a block of zeros, which ends an archive. Throws `CRATE_TAR`. */
export function decodeTarHeader(block: Uint8Array): TarHeader | undefined {
  if (block.every(byte => byte === 0)) return undefined;
  checkSum(block);
  const magic = latin1(block.subarray(257, 265));
  if (magic !== USTAR && magic !== GNU) throw fail('CRATE_TAR', 'tar: header is neither ustar nor GNU');
  const prefix = magic === USTAR ? textField(block, 345, 155) : '';
  const name = textField(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    mode: octalField(block, 100, 8, 'mode'),
    size: octalField(block, 124, 12, 'size'),
    kind: latin1(block.subarray(156, 157)),
  };
}

const USTAR = 'ustar\0' + '00';
const GNU = 'ustar  \0';

/** The sum of all bytes, those of the sum itself counted as spaces. */
export function sumOfHeader(block: Uint8Array): number {
  let sum = 8 * 0x20;
  for (const [index, byte] of block.entries()) {
    if (index < 148 || index >= 156) sum += byte;
  }
  return sum;
}

function checkSum(block: Uint8Array): void {
  const stated = octalField(block, 148, 8, 'checksum');
  const sum = sumOfHeader(block);
  if (stated !== sum) {
    throw fail('CRATE_TAR', `tar: header checksum ${stated}, expected ${sum}`, { details: { stated, sum } });
  }
}

function octalField(block: Uint8Array, offset: number, length: number, field: string): number {
  const text = latin1(block.subarray(offset, offset + length));
  if (!/^ *[0-7]+[ \0]*$/.test(text))
    throw fail('CRATE_TAR', `tar: ${field} "${escapeText(text)}" is not octal`);
  return Number.parseInt(text, 8);
}

/** Text up to the first NUL, after which only NULs may stand. Throws `CRATE_TAR`. */
function textField(block: Uint8Array, offset: number, length: number): string {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  if (end < 0) return decodePath(field);
  if (field.subarray(end).some(byte => byte !== 0))
    throw fail('CRATE_TAR', 'tar: bytes after the end of a path');
  return decodePath(field.subarray(0, end));
}

/** Throws `CRATE_TAR` unless the bytes are UTF-8. */
export function decodePath(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw fail('CRATE_TAR', 'tar: path is not UTF-8', { cause });
  }
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
