// Signature packets, RFC 4880, section 5.2.3, as they are spelled; signature.ts says what they mean.
//
//   04 00 16 08         version 4, type 0x00 (binary document), algorithm 22, hash 8 (SHA-256)
//   001d …              hashed subpackets
//   000a …              unhashed subpackets
//   ade8                the first 16 bits of the hash
//   00fe … 0100 …       R and S

import { ByteReader, concatBytes, writeNumber } from './bytes.ts';
import { fail } from './errors.ts';
import { OPENPGP_LIMITS } from './limits.ts';
import { decodeSubpackets, encodeSubpackets, type Subpacket } from './subpackets.ts';

export interface SignaturePacket {
  readonly type: number;
  readonly algorithm: number;
  readonly hash: number;
  readonly hashed: readonly Subpacket[];
  readonly unhashed: readonly Subpacket[];
  /** Version to the end of the hashed subpackets: these octets are signed. */
  readonly signed: Uint8Array;
  /** The first two octets of the hash. */
  readonly prefix: Uint8Array;
  /** The numbers of the algorithm. */
  readonly numbers: Uint8Array;
  readonly body: Uint8Array;
}

/** What is signed of the packet itself. */
export function encodeSigned(
  packet: Pick<SignaturePacket, 'type' | 'algorithm' | 'hash' | 'hashed'>,
): Uint8Array {
  const area = encodeSubpackets(packet.hashed);
  const head = Uint8Array.of(4, packet.type, packet.algorithm, packet.hash);
  return concatBytes(head, writeNumber(area.length, 2), area);
}

export function encodeSignaturePacket(
  packet: Pick<SignaturePacket, 'signed' | 'unhashed' | 'prefix' | 'numbers'>,
): Uint8Array {
  const area = encodeSubpackets(packet.unhashed);
  return concatBytes(packet.signed, writeNumber(area.length, 2), area, packet.prefix, packet.numbers);
}

/** Throws `OPENPGP_VERSION`, `OPENPGP_LIMIT`, `OPENPGP_TRUNCATED`, `OPENPGP_SUBPACKET`. */
export function decodeSignaturePacket(body: Uint8Array): SignaturePacket {
  checkLimit('signature', body.length, OPENPGP_LIMITS.signaturePacket);
  const reader = new ByteReader(body, 'signature');
  const version = reader.byte();
  if (version !== 4) {
    throw fail('OPENPGP_VERSION', `signature: version ${version}, expected 4`, { details: { version } });
  }
  const type = reader.byte();
  const algorithm = reader.byte();
  const hash = reader.byte();
  const hashed = readArea(reader, 'hashed subpackets', OPENPGP_LIMITS.hashedBytes);
  const signed = body.subarray(0, reader.offset);
  const unhashed = readArea(reader, 'unhashed subpackets', OPENPGP_LIMITS.unhashedBytes);
  const prefix = reader.take(2);
  return { type, algorithm, hash, hashed, unhashed, signed, prefix, numbers: reader.takeRest(), body };
}

function readArea(reader: ByteReader, subject: string, limit: number): readonly Subpacket[] {
  const length = reader.uint16();
  checkLimit(subject, length, limit);
  return decodeSubpackets(reader.take(length));
}

function checkLimit(subject: string, length: number, limit: number): void {
  if (length <= limit) return;
  throw fail('OPENPGP_LIMIT', `${subject}: ${length} bytes, expected at most ${limit}`, {
    details: { length, limit },
  });
}
