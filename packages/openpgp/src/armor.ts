// ASCII armor, RFC 4880, section 6.2. Nothing stands before it and nothing after it but one line end:
//
//   -----BEGIN PGP SIGNATURE-----
//
//   iHUEABYIAB0WIQTleITIFVnlqV5vk/fQYU3s2v+9uwUCawFfMAAKCRDQYU3s2v+9
//   u63oAP4zGTsDpmGdTZborAghsm7ay0/BctLJS5RGb9noInPxjgEAkoTmRiwG/lhe
//   nyWEadoHCrRYQBimo+2XXdZxAbVEAAM=
//   =dtGx
//   -----END PGP SIGNATURE-----
//
// Two readers that find different bytes in one text can be shown different signatures. So there is no white space to skip,
// no other line end than LF, one base64 with padding at its end alone, and a checksum that is right where there is one.

import { escapeText } from '@cargo-tuf/errors';
import { decodeBase64, encodeBase64 } from '@cargo-tuf/keys';
import { crc24 } from './crc24.ts';
import { readNumber, writeNumber } from './bytes.ts';
import { fail } from './errors.ts';
import { OPENPGP_LIMITS } from './limits.ts';

export type ArmorType = 'PGP SIGNATURE' | 'PGP PUBLIC KEY BLOCK';

const LINE = 64;

/** As gpg writes it: lines of 64, a checksum, a line end at the end. */
export function formatArmor(type: ArmorType, bytes: Uint8Array): string {
  const base64 = encodeBase64(bytes);
  const lines = [];
  for (let index = 0; index < base64.length; index += LINE) lines.push(base64.slice(index, index + LINE));
  const checksum = encodeBase64(writeNumber(crc24(bytes), 3));
  return `-----BEGIN ${type}-----\n\n${lines.join('\n')}\n=${checksum}\n-----END ${type}-----\n`;
}

/** Throws `OPENPGP_ARMOR`, `OPENPGP_ARMOR_TYPE`, `OPENPGP_ARMOR_CHECKSUM` or `OPENPGP_LIMIT`. */
export function parseArmor(type: ArmorType, text: string): Uint8Array {
  const limit = type === 'PGP SIGNATURE' ? OPENPGP_LIMITS.signatureArmor : OPENPGP_LIMITS.certificateArmor;
  if (text.length > limit) {
    throw fail('OPENPGP_LIMIT', `armor: ${text.length} characters, expected at most ${limit}`, {
      details: { length: text.length, limit },
    });
  }
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  checkFirstLine(type, lines[0] ?? '');
  if (lines.at(-1) !== `-----END ${type}-----`) throw malformed(lines.length, `END ${type}`);
  const start = skipHeaders(lines);
  const checksum = lines.at(-2)?.startsWith('=') === true ? lines.at(-2) : undefined;
  const bytes = decodeLines(lines, start, lines.length - (checksum === undefined ? 1 : 2));
  if (checksum !== undefined) verifyChecksum(checksum.slice(1), bytes);
  return bytes;
}

const FIRST = /^-----BEGIN (PGP [A-Z ,/0-9]{1,40})-----$/;

function checkFirstLine(type: ArmorType, line: string): void {
  if (line === `-----BEGIN ${type}-----`) return;
  const other = FIRST.exec(line)?.[1];
  if (other === undefined) throw malformed(1, `BEGIN ${type}`);
  throw fail('OPENPGP_ARMOR_TYPE', `armor: ${other}, expected ${type}`, { details: { type: other } });
}

const HEADER = /^(?:Version|Comment): /;

/** The headers are not authenticated and mean nothing. Gives the index of the first line of base64. */
function skipHeaders(lines: readonly string[]): number {
  const end = lines.indexOf('');
  if (end < 0) throw malformed(2, 'an empty line before the base64');
  if (end - 1 > OPENPGP_LIMITS.armorHeaders) {
    throw fail('OPENPGP_LIMIT', `armor: ${end - 1} headers, expected at most ${OPENPGP_LIMITS.armorHeaders}`);
  }
  for (let index = 1; index < end; index += 1) {
    const line = lines[index] as string;
    if (!HEADER.test(line) || line.length > OPENPGP_LIMITS.armorHeaderLength) {
      throw malformed(index + 1, `a header Version or Comment, not "${escapeText(line, 40)}"`);
    }
  }
  return end + 1;
}

function decodeLines(lines: readonly string[], start: number, end: number): Uint8Array {
  const body = lines.slice(start, end);
  for (const [index, line] of body.entries()) {
    if (line.length === 0 || line.length > OPENPGP_LIMITS.armorLine) {
      throw malformed(start + index + 1, `1 to ${OPENPGP_LIMITS.armorLine} characters of base64`);
    }
  }
  const bytes = decodeBase64(body.join(''));
  if (bytes === undefined || bytes.length === 0) throw malformed(start + 1, 'base64 of whole bytes');
  return bytes;
}

function verifyChecksum(text: string, bytes: Uint8Array): void {
  const decoded = text.length === 4 ? decodeBase64(text) : undefined;
  const computed = crc24(bytes);
  if (decoded !== undefined && decoded.length === 3 && readNumber(decoded) === computed) return;
  const expected = encodeBase64(writeNumber(computed, 3));
  throw fail(
    'OPENPGP_ARMOR_CHECKSUM',
    `armor: checksum =${escapeText(text, 8)}, the bytes have =${expected}`,
    { details: { found: escapeText(text, 8), computed: expected } },
  );
}

function malformed(line: number, expected: string): Error {
  return fail('OPENPGP_ARMOR', `armor: line ${line}, expected ${expected}`, { details: { line } });
}
