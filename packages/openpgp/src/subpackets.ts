// Signature subpackets, RFC 4880, section 5.2.3.1: a length, the type with the critical bit, the body.
//
//   16 21 04 5308148ea2…   22 octets, type 33 (issuer fingerprint)
//   05 02 6b015f30         5 octets, type 2 (creation time)
//
// The hashed area is signed. The unhashed one can be changed by anybody.

import { ByteReader, concatBytes, writeNumber } from './bytes.ts';
import { fail } from './errors.ts';
import { OPENPGP_LIMITS } from './limits.ts';

export interface Subpacket {
  readonly type: number;
  readonly isCritical: boolean;
  readonly body: Uint8Array;
}

/** Throws `OPENPGP_SUBPACKET`, `OPENPGP_TRUNCATED`, `OPENPGP_LIMIT`. */
export function decodeSubpackets(area: Uint8Array): readonly Subpacket[] {
  const reader = new ByteReader(area, 'subpacket');
  const subpackets: Subpacket[] = [];
  while (!reader.isAtEnd) {
    if (subpackets.length === OPENPGP_LIMITS.subpackets) {
      throw fail('OPENPGP_LIMIT', `subpackets: expected at most ${OPENPGP_LIMITS.subpackets} in one area`);
    }
    const length = readLength(reader);
    if (length === 0) throw malformed('length 0, expected its type', reader);
    const bytes = reader.take(length);
    const first = bytes[0] as number;
    subpackets.push({ type: first & 0x7f, isCritical: (first & 0x80) !== 0, body: bytes.subarray(1) });
  }
  return subpackets;
}

export function encodeSubpackets(subpackets: readonly Subpacket[]): Uint8Array {
  return concatBytes(
    ...subpackets.flatMap(({ type, isCritical, body }) => [
      encodeLength(body.length + 1),
      Uint8Array.of(type | (isCritical ? 0x80 : 0)),
      body,
    ]),
  );
}

function readLength(reader: ByteReader): number {
  const first = reader.byte();
  if (first < 192) return first;
  if (first < 255) return (first - 192) * 256 + reader.byte() + 192;
  throw malformed('length of five octets, expected one or two', reader);
}

function encodeLength(length: number): Uint8Array {
  if (length < 192) return Uint8Array.of(length);
  return writeNumber(length - 192 + 192 * 256, 2);
}

function malformed(problem: string, reader: ByteReader): Error {
  return fail('OPENPGP_SUBPACKET', `subpacket: ${problem}`, { details: { offset: reader.offset } });
}
