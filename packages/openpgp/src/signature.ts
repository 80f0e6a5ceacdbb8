// A signature that was read completely, and not verified yet. Types, RFC 4880, section 5.2.1: 0x00 of a binary document,
// 0x10 to 0x13 certify a user id, 0x18 binds a subkey, 0x19 is the subkey's back-signature, 0x20, 0x28 and 0x30 revoke a key,
// a subkey and a user id.

import { equalBytes } from '@cargo-tuf/keys';
import { ByteReader, concatBytes, writeNumber } from './bytes.ts';
import { fail } from './errors.ts';
import { digest, type HashName, hashOf } from './hash.ts';
import { readMpi } from './mpi.ts';
import { EDDSA, type KeyPacket } from './public-key-packet.ts';
import type { SignaturePacket } from './signature-packet.ts';
import { readStatements, type Statements } from './statements.ts';

export const BINARY = 0x00;
export const CERTIFICATIONS: readonly number[] = [0x10, 0x11, 0x12, 0x13];
export const BINDING = 0x18;
export const BACK_SIGNATURE = 0x19;
export const KEY_REVOCATION = 0x20;
export const SUBKEY_REVOCATION = 0x28;
export const USER_ID_REVOCATION = 0x30;

export interface Signature extends Statements {
  readonly type: number;
  readonly hash: HashName;
  /** Version to the end of the hashed subpackets. */
  readonly signed: Uint8Array;
  readonly prefix: Uint8Array;
  /** R ‖ S, 64 bytes. */
  readonly value: Uint8Array;
  readonly body: Uint8Array;
}

/** Throws `OPENPGP_SIGNATURE_TYPE`, `OPENPGP_ALGORITHM`, `OPENPGP_HASH`, `OPENPGP_MPI`, and what `readStatements` throws. */
export function readSignature(
  packet: SignaturePacket,
  types: readonly number[],
  hashes: readonly HashName[],
): Signature {
  if (!types.includes(packet.type)) {
    const expected = types.map(nameType).join(', ');
    throw fail('OPENPGP_SIGNATURE_TYPE', `signature: type ${nameType(packet.type)}, expected ${expected}`, {
      details: { type: packet.type, expected },
    });
  }
  if (packet.algorithm !== EDDSA) {
    throw fail('OPENPGP_ALGORITHM', `signature: algorithm ${packet.algorithm}, expected ${EDDSA} (EdDSA)`, {
      details: { algorithm: packet.algorithm },
    });
  }
  const hash = hashOf(packet.hash, hashes);
  const statements = readStatements(packet, packet.type === BINDING);
  const { type, signed, prefix, body } = packet;
  return { ...statements, type, hash, signed, prefix, value: readValue(packet.numbers), body };
}

function readValue(numbers: Uint8Array): Uint8Array {
  const reader = new ByteReader(numbers, 'signature');
  const r = readMpi(reader, 32, 'signature: R');
  const s = readMpi(reader, 32, 'signature: S');
  reader.end();
  return concatBytes(r, s);
}

function nameType(type: number): string {
  return `0x${type.toString(16).padStart(2, '0')}`;
}

/** Throws `OPENPGP_ISSUER`, `OPENPGP_HASH_PREFIX` or `OPENPGP_SIGNATURE` unless `key` made it over `parts`. */
export function verifySignature(signature: Signature, key: KeyPacket, parts: readonly Uint8Array[]): void {
  const { issuer, type } = signature;
  const { fingerprint, publicKey } = key;
  if (issuer !== fingerprint || publicKey === undefined) {
    throw fail('OPENPGP_ISSUER', `signature: issuer ${issuer}, expected ${fingerprint}`, {
      details: { issuer, expected: fingerprint },
    });
  }
  const hash = hashToSign(signature.hash, signature.signed, parts);
  if (!equalBytes(hash.subarray(0, 2), signature.prefix)) {
    throw fail('OPENPGP_HASH_PREFIX', `signature: type ${nameType(type)}, of other bytes than these`, {
      details: { type, issuer },
    });
  }
  if (!publicKey.verify(hash, signature.value)) {
    throw fail('OPENPGP_SIGNATURE', `signature: type ${nameType(type)}, not one of key ${fingerprint}`, {
      details: { type, issuer },
    });
  }
}

/** What the key signs, RFC 4880, section 5.2.4. */
export function hashToSign(name: HashName, signed: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const trailer = concatBytes(signed, Uint8Array.of(4, 0xff), writeNumber(signed.length, 4));
  return digest(name, [...parts, trailer]);
}
