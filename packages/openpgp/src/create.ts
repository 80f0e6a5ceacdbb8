// Certificates of one's own keys, which gpg imports: a primary key that certifies and signs, one user id, and subkeys that
// sign. What is made is read again before it is given back.

import type { Signer } from '@cargo-tuf/keys';
import { concatBytes, writeNumber } from './bytes.ts';
import { type Certificate, parseCertificate, partsOf } from './certificate.ts';
import { fail } from './errors.ts';
import { hashedKey } from './fingerprint.ts';
import { OPENPGP_LIMITS } from './limits.ts';
import { makeSignature, type SignatureRequest, state } from './make-signature.ts';
import { decodePackets, encodePacket, PUBLIC_KEY, PUBLIC_SUBKEY, USER_ID } from './packets.ts';
import { decodePublicKey, encodePublicKey, type KeyPacket } from './public-key-packet.ts';
import { BACK_SIGNATURE, BINDING, KEY_REVOCATION } from './signature.ts';
import { MAY_SIGN } from './signing-key.ts';
import { EMBEDDED, KEY_FLAGS, KEY_LIFETIME, REASON } from './statements.ts';
import type { Subpacket } from './subpackets.ts';
import { writeSeconds } from './time.ts';

declare const TextEncoder: new () => { encode(text: string): Uint8Array };

export interface CreateOptions {
  /** `Index Bot <bot@example.com>` */
  readonly userId: string;
  /** When the keys are made: milliseconds since 1970. With the public key it makes the fingerprint. */
  readonly time: number;
  /** Milliseconds until the keys expire. Default: never. */
  readonly lifetime?: number;
  /** Keys that sign beside the primary key. */
  readonly subkeys?: readonly Signer[];
}

const MAY_CERTIFY = 0x01;
/** A self-signature of a user id that says nothing of how it was checked; gpg's own. */
const POSITIVE_CERTIFICATION = 0x13;

/** Throws `OPENPGP_SIGNER`, `OPENPGP_TIME`, `OPENPGP_LIMIT`. */
export async function createCertificate(signer: Signer, options: CreateOptions): Promise<Certificate> {
  const { time, subkeys = [] } = options;
  const primary = keyPacket(signer, time);
  const userId = new TextEncoder().encode(options.userId);
  const packets = [
    encodePacket(PUBLIC_KEY, primary.body),
    encodePacket(USER_ID, userId),
    await makeSignature(signer, {
      ...madeBy(primary, time),
      type: POSITIVE_CERTIFICATION,
      parts: [hashedKey(primary.body), Uint8Array.of(0xb4), writeNumber(userId.length, 4), userId],
      hashed: rights(MAY_CERTIFY | MAY_SIGN, options.lifetime),
    }),
  ];
  for (const subkey of subkeys) packets.push(...(await bindSubkey(signer, primary, subkey, options)));
  return parseCertificate(concatBytes(...packets));
}

/** Reasons of RFC 4880, section 5.2.3.23, and their numbers. */
const REASONS = { none: 0, superseded: 1, compromised: 2, retired: 3 } as const;

export interface RevokeOptions {
  readonly time: number;
  readonly reason: keyof typeof REASONS;
}

/** The certificate with a revocation of its primary key, by that key itself. It can never sign again. */
export async function revokeCertificate(
  signer: Signer,
  certificate: Certificate,
  { time, reason }: RevokeOptions,
): Promise<Certificate> {
  const { primary } = partsOf(certificate);
  const revocation = await makeSignature(signer, {
    ...madeBy(primary, time),
    type: KEY_REVOCATION,
    parts: [hashedKey(primary.body)],
    hashed: [state(REASON, Uint8Array.of(REASONS[reason]))],
  });
  const [head, ...rest] = decodePackets(certificate.bytes, OPENPGP_LIMITS.certificatePackets).map(
    ({ bytes }) => bytes,
  );
  return parseCertificate(concatBytes(head as Uint8Array, revocation, ...rest), {
    hashes: ['sha256', 'sha512'],
  });
}

async function bindSubkey(
  signer: Signer,
  primary: KeyPacket,
  subkeySigner: Signer,
  { time, lifetime }: CreateOptions,
): Promise<readonly Uint8Array[]> {
  const subkey = keyPacket(subkeySigner, time);
  const parts = [hashedKey(primary.body), hashedKey(subkey.body)];
  const back = await makeSignature(subkeySigner, {
    ...madeBy(subkey, time),
    type: BACK_SIGNATURE,
    parts,
  });
  const [{ body: embedded } = { body: back }] = decodePackets(back, 1);
  const binding = await makeSignature(signer, {
    ...madeBy(primary, time),
    type: BINDING,
    parts,
    hashed: rights(MAY_SIGN, lifetime),
    unhashed: [state(EMBEDDED, embedded)],
  });
  return [encodePacket(PUBLIC_SUBKEY, subkey.body), binding];
}

function keyPacket(signer: Signer, time: number): KeyPacket {
  if (signer.publicKey.scheme !== 'ed25519') {
    throw fail('OPENPGP_SIGNER', `signer: key of scheme ${signer.publicKey.scheme}, expected ed25519`);
  }
  return decodePublicKey(encodePublicKey(signer.publicKey, time));
}

function madeBy(key: KeyPacket, time: number): Pick<SignatureRequest, 'hash' | 'time' | 'key'> {
  return { hash: 'sha256', time, key };
}

function rights(flags: number, lifetime: number | undefined): readonly Subpacket[] {
  const said = state(KEY_FLAGS, Uint8Array.of(flags));
  if (lifetime === undefined) return [said];
  // Zero on the wire is "never".
  if (!(lifetime >= 1000)) {
    throw fail('OPENPGP_TIME', `lifetime: ${lifetime} ms, expected at least a second`, {
      details: { lifetime },
    });
  }
  return [said, state(KEY_LIFETIME, writeSeconds(lifetime))];
}
