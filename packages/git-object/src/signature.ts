// An armored signature, as a text that nobody here looks into: what is inside is for the package of its format.
//
//   -----BEGIN PGP SIGNATURE-----
//
//   iHUEABYKAB0...
//   -----END PGP SIGNATURE-----
//
// - ASCII, lines that end with a line feed
// - one block: its first line begins it, its last that is not empty ends it, and no other line does either

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { checkLimit, type GitObjectLimits } from './limits.ts';
import type { ObjectFormat } from './object-id.ts';
import { decodeUtf8 } from './text.ts';

/** The header of a commit that holds its signature, by object format. */
export const SIGNATURE_HEADERS: Readonly<Record<ObjectFormat, string>> = {
  sha1: 'gpgsig',
  sha256: 'gpgsig-sha256',
};

/** How git recognises a signature: the beginnings of a line. */
const KINDS: readonly string[] = ['PGP SIGNATURE', 'PGP MESSAGE', 'SIGNED MESSAGE', 'SSH SIGNATURE'];

/** Throws `GIT_OBJECT_SIGNATURE`, `GIT_OBJECT_SIGNATURE_TWICE` or `GIT_OBJECT_LIMIT`. */
export function parseSignature(subject: string, bytes: Uint8Array, limits: GitObjectLimits): string {
  checkLimit(`${subject}: signature bytes`, bytes.length, limits.signatureBytes);
  const text = decodeUtf8(bytes) ?? '\0';
  const kind = KINDS.find(each => text.startsWith(`-----BEGIN ${each}-----\n`));
  if (kind === undefined || !PRINTABLE.test(text)) {
    throw fail(
      'GIT_OBJECT_SIGNATURE',
      `${subject}: signature "${escapeText(text, 60)}", expected an armored one`,
    );
  }
  const lines = text.split('\n');
  if (lines.slice(1).some(line => line.startsWith('-----BEGIN ')))
    throw fail('GIT_OBJECT_SIGNATURE_TWICE', `${subject}: more than one armored signature, expected one`);
  const end = lines.findIndex(line => line.startsWith('-----END '));
  if (
    lines[end] !== `-----END ${kind}-----` ||
    lines.slice(end + 1).some(line => line !== '') ||
    lines.at(-1)
  ) {
    throw fail(
      'GIT_OBJECT_SIGNATURE',
      `${subject}: signature without its last line, expected the END of ${kind}`,
    );
  }
  return text;
}

const PRINTABLE = /^[\x20-\x7e\n]*$/;

/** Where the first line that begins a signature starts, or the length of the bytes. */
export function findSignature(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length) {
    if (beginsSignature(bytes, at)) return at;
    const newline = bytes.indexOf(0x0a, at);
    at = newline < 0 ? bytes.length : newline + 1;
  }
  return bytes.length;
}

function beginsSignature(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== 0x2d) return false;
  const line = String.fromCharCode(...bytes.subarray(at, at + LONGEST));
  return KINDS.some(kind => line.startsWith(`-----BEGIN ${kind}-----`));
}

const LONGEST = Math.max(...KINDS.map(kind => `-----BEGIN ${kind}-----`.length));
