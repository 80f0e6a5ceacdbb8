// Signature packets as gpg lays them out: the issuer fingerprint first, the issuer's id in the unhashed area.

import { decodeHex, type Signer, signVerified } from '@cargo-tuf/keys';
import { concatBytes } from './bytes.ts';
import { fail } from './errors.ts';
import { type HashName, hashNumber } from './hash.ts';
import { encodeMpi } from './mpi.ts';
import { encodePacket, SIGNATURE } from './packets.ts';
import { EDDSA, type KeyPacket } from './public-key-packet.ts';
import { hashToSign } from './signature.ts';
import { encodeSignaturePacket, encodeSigned } from './signature-packet.ts';
import { CREATED, ISSUER, ISSUER_FINGERPRINT } from './statements.ts';
import type { Subpacket } from './subpackets.ts';
import { writeSeconds } from './time.ts';

export interface SignatureRequest {
  readonly type: number;
  readonly hash: HashName;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The key of the signer. */
  readonly key: KeyPacket;
  /** What is signed. */
  readonly parts: readonly Uint8Array[];
  /** After the issuer fingerprint and the creation time. */
  readonly hashed?: readonly Subpacket[];
  /** After the issuer's id. */
  readonly unhashed?: readonly Subpacket[];
}

/** A whole packet. The signature was verified with the public key. Throws `OPENPGP_SIGNER`, `OPENPGP_TIME`. */
export async function makeSignature(signer: Signer, request: SignatureRequest): Promise<Uint8Array> {
  const { type, hash, time, key, parts } = request;
  if (key.publicKey === undefined || signer.publicKey.identity !== key.publicKey.identity) {
    throw fail(
      'OPENPGP_SIGNER',
      `signer: key ${signer.publicKey.identity}, expected that of ${key.fingerprint}`,
    );
  }
  const fingerprint = decodeHex(key.fingerprint.toLowerCase());
  const hashed = [
    state(ISSUER_FINGERPRINT, Uint8Array.of(4), fingerprint),
    state(CREATED, writeSeconds(time)),
    ...(request.hashed ?? []),
  ];
  const unhashed = [state(ISSUER, fingerprint.slice(-8)), ...(request.unhashed ?? [])];
  const signed = encodeSigned({ type, algorithm: EDDSA, hash: hashNumber(hash), hashed });
  const toSign = hashToSign(hash, signed, parts);
  const value = await signVerified(signer, toSign);
  const numbers = concatBytes(encodeMpi(value.subarray(0, 32)), encodeMpi(value.subarray(32)));
  const body = encodeSignaturePacket({ signed, unhashed, prefix: toSign.subarray(0, 2), numbers });
  return encodePacket(SIGNATURE, body);
}

/** A subpacket that is not critical, as gpg writes them. */
export function state(type: number, ...body: readonly Uint8Array[]): Subpacket {
  return { type, isCritical: false, body: concatBytes(...body) };
}
