// What the owner's key has signed of a certificate. Every signature that claims to be the owner's has to verify: one that
// does not is damage or a forgery, and leaving it out could leave out a revocation.

import { encodeHex } from '@cargo-tuf/keys';
import { concatBytes, writeNumber } from './bytes.ts';
import type { CertificatePackets } from './certificate-packets.ts';
import { fail } from './errors.ts';
import { hashedKey } from './fingerprint.ts';
import type { HashName } from './hash.ts';
import { OPENPGP_LIMITS } from './limits.ts';
import type { KeyPacket } from './public-key-packet.ts';
import {
  BACK_SIGNATURE,
  BINDING,
  CERTIFICATIONS,
  KEY_REVOCATION,
  readSignature,
  type Signature,
  SUBKEY_REVOCATION,
  USER_ID_REVOCATION,
  verifySignature,
} from './signature.ts';
import { decodeSignaturePacket, type SignaturePacket } from './signature-packet.ts';
import { formatTime } from './time.ts';

declare const TextDecoder: new (
  label: 'utf-8',
  options: { readonly fatal: true; readonly ignoreBOM: true },
) => { decode(bytes: Uint8Array): string };

export interface BoundUserId {
  readonly text: string;
  readonly certifications: readonly Signature[];
  readonly revocations: readonly Signature[];
}

export interface Binding extends Signature {
  /** Verified where there is one. Undefined: the subkey has not agreed to sign for this certificate. */
  readonly backSignature: Signature | undefined;
}

export interface BoundSubkey {
  readonly key: KeyPacket;
  readonly bindings: readonly Binding[];
  readonly revocations: readonly Signature[];
}

export interface BoundParts {
  readonly primary: KeyPacket;
  readonly revocations: readonly Signature[];
  readonly userIds: readonly BoundUserId[];
  readonly subkeys: readonly BoundSubkey[];
}

/** Throws `OPENPGP_SIGNATURE`, `OPENPGP_HASH_PREFIX`, `OPENPGP_ISSUER`, and what reading a signature throws. */
export function verifyParts(packets: CertificatePackets, hashes: readonly HashName[]): BoundParts {
  const { primary } = packets;
  const head = hashedKey(primary.body);
  const verifyAll = (signatures: readonly SignaturePacket[], types: readonly number[], part?: Uint8Array) =>
    signatures.map(packet => verifyOwn(packet, types, hashes, primary, part ? [head, part] : [head]));

  const revocations = verifyAll(packets.signatures, [KEY_REVOCATION]);
  const userIds = packets.userIds.map(({ packet, signatures }) => {
    const text = decodeUserId(packet.body);
    const part = concatBytes(Uint8Array.of(0xb4), writeNumber(packet.body.length, 4), packet.body);
    const verified = verifyAll(signatures, [...CERTIFICATIONS, USER_ID_REVOCATION], part);
    return {
      text,
      certifications: verified.filter(({ type }) => type !== USER_ID_REVOCATION),
      revocations: verified.filter(({ type }) => type === USER_ID_REVOCATION),
    };
  });
  const subkeys = packets.subkeys.map(({ key, signatures }) => {
    const part = hashedKey(key.body);
    const verified = verifyAll(signatures, [BINDING, SUBKEY_REVOCATION], part);
    return {
      key,
      bindings: verified
        .filter(({ type }) => type === BINDING)
        .map(binding => ({ ...binding, backSignature: verifyBack(binding, key, hashes, [head, part]) })),
      revocations: verified.filter(({ type }) => type === SUBKEY_REVOCATION),
    };
  });
  checkDistinct(userIds.map(({ text }) => text));
  checkDistinct([primary.fingerprint, ...subkeys.map(({ key }) => key.fingerprint)]);
  return { primary, revocations, userIds, subkeys };
}

function verifyOwn(
  packet: SignaturePacket,
  types: readonly number[],
  hashes: readonly HashName[],
  key: KeyPacket,
  parts: readonly Uint8Array[],
): Signature {
  const signature = readSignature(packet, types, hashes);
  verifySignature(signature, key, parts);
  if (signature.created >= key.created) return signature;
  const { created } = signature;
  throw fail(
    'OPENPGP_SIGNATURE_TIME',
    `signature: made ${formatTime(created)}, before its key (${formatTime(key.created)})`,
    { details: { created, keyCreated: key.created } },
  );
}

/** The subkey's own signature inside the binding. One of another algorithm is of no use, since the subkey is not either. */
function verifyBack(
  { embedded }: Signature,
  key: KeyPacket,
  hashes: readonly HashName[],
  parts: readonly Uint8Array[],
): Signature | undefined {
  if (embedded === undefined || key.publicKey === undefined) return undefined;
  return verifyOwn(decodeSignaturePacket(embedded), [BACK_SIGNATURE], hashes, key, parts);
}

function decodeUserId(bytes: Uint8Array): string {
  const limit = OPENPGP_LIMITS.userIdBytes;
  if (bytes.length > limit) {
    throw fail('OPENPGP_LIMIT', `user id: ${bytes.length} bytes, expected at most ${limit}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw fail('OPENPGP_CERTIFICATE', 'user id: not UTF-8', { details: { bytes: encodeHex(bytes) } });
  }
}

function checkDistinct(names: readonly string[]): void {
  if (new Set(names).size === names.length) return;
  throw fail('OPENPGP_CERTIFICATE', 'certificate: a user id or a key twice, expected each once');
}
