// Packets, RFC 4880, section 4. gpg writes keys and signatures in the old format, with a length of one octet where it fits:
//
//   88 75 …      old format, tag 2, 117 bytes
//   99 01 0d …   old format, tag 6, 269 bytes
//   c2 75 …      new format, tag 2, 117 bytes
//
// The other lengths (four and five octets, partial, to the end of the file) are only of use for messages.

import { ByteReader, concatBytes, writeNumber } from './bytes.ts';
import { fail } from './errors.ts';

export const SIGNATURE = 2;
export const PUBLIC_KEY = 6;
export const USER_ID = 13;
export const PUBLIC_SUBKEY = 14;

const NAMES: Readonly<Record<number, string>> = {
  1: 'encrypted session key',
  [SIGNATURE]: 'signature',
  3: 'symmetrically encrypted session key',
  4: 'one-pass signature',
  5: 'secret key',
  [PUBLIC_KEY]: 'public key',
  7: 'secret subkey',
  8: 'compressed data',
  9: 'encrypted data',
  10: 'marker',
  11: 'literal data',
  12: 'trust',
  [USER_ID]: 'user id',
  [PUBLIC_SUBKEY]: 'public subkey',
  17: 'user attribute',
  18: 'encrypted data with integrity protection',
  19: 'modification detection code',
  20: 'AEAD encrypted data',
  21: 'padding',
};

export function nameTag(tag: number): string {
  return NAMES[tag] ?? `unknown type ${tag}`;
}

export interface Packet {
  readonly tag: number;
  readonly body: Uint8Array;
  /** Header and body, as they were read. */
  readonly bytes: Uint8Array;
}

/** As gpg writes it: old format. For tags below 16 and bodies below 64 KiB. */
export function encodePacket(tag: number, body: Uint8Array): Uint8Array {
  const octets = body.length < 256 ? 1 : 2;
  return concatBytes(Uint8Array.of(0x80 | (tag << 2) | (octets - 1)), writeNumber(body.length, octets), body);
}

/** All packets, at most `limit`. Throws `OPENPGP_PACKET`, `OPENPGP_PACKET_LENGTH`, `OPENPGP_TRUNCATED`, `OPENPGP_LIMIT`. */
export function decodePackets(bytes: Uint8Array, limit: number): readonly Packet[] {
  const reader = new ByteReader(bytes, 'packet');
  const packets: Packet[] = [];
  while (!reader.isAtEnd) {
    if (packets.length === limit) {
      throw fail('OPENPGP_LIMIT', `packets: more than ${limit}, expected at most ${limit}`, {
        details: { limit, offset: reader.offset },
      });
    }
    const start = reader.offset;
    const { tag, length } = readHeader(reader);
    const body = reader.take(length);
    packets.push({ tag, body, bytes: bytes.subarray(start, reader.offset) });
  }
  return packets;
}

function readHeader(reader: ByteReader): { tag: number; length: number } {
  const { offset } = reader;
  const first = reader.byte();
  const isNew = (first & 0x40) !== 0;
  const tag = isNew ? first & 0x3f : (first >> 2) & 0x0f;
  if ((first & 0x80) === 0 || tag === 0) {
    throw fail('OPENPGP_PACKET', `packet: first octet ${first} at ${offset}, expected that of a packet`, {
      details: { offset, octet: first },
    });
  }
  return { tag, length: isNew ? readNewLength(reader, tag) : readOldLength(reader, tag, first & 3) };
}

function readOldLength(reader: ByteReader, tag: number, type: number): number {
  if (type === 0) return reader.byte();
  if (type === 1) return reader.uint16();
  throw unsupported(reader, tag, type === 2 ? 'a length of four octets' : 'an indeterminate length');
}

function readNewLength(reader: ByteReader, tag: number): number {
  const first = reader.byte();
  if (first < 192) return first;
  if (first < 224) return (first - 192) * 256 + reader.byte() + 192;
  throw unsupported(reader, tag, first === 255 ? 'a length of five octets' : 'a partial length');
}

function unsupported(reader: ByteReader, tag: number, found: string): Error {
  const message = `packet: ${nameTag(tag)} with ${found}, expected one of one or two octets`;
  return fail('OPENPGP_PACKET_LENGTH', message, { details: { tag, offset: reader.offset } });
}
