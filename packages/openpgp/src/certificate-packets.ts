// A certificate (transferable public key, RFC 4880, section 11.1), put together from its packets and not verified:
//
//   public key, revocations
//   user id, certifications and revocations      once or more
//   subkey, bindings and revocations             any number
//
// A certification by somebody else's key is left out: it says nothing that counts here, and anybody can add some. Its form
// alone is checked, since other programs refuse a certificate with a damaged one.

import { fail } from './errors.ts';
import { ByteReader } from './bytes.ts';
import type { Fingerprint } from './fingerprint.ts';
import { skipSignatureNumbers } from './foreign-numbers.ts';
import { OPENPGP_LIMITS } from './limits.ts';
import {
  decodePackets,
  nameTag,
  type Packet,
  PUBLIC_KEY,
  PUBLIC_SUBKEY,
  SIGNATURE,
  USER_ID,
} from './packets.ts';
import { decodePublicKey, type KeyPacket } from './public-key-packet.ts';
import { decodeSignaturePacket, type SignaturePacket } from './signature-packet.ts';
import { claimsIssuer } from './statements.ts';

export interface CertificatePackets {
  readonly primary: KeyPacket;
  readonly signatures: readonly SignaturePacket[];
  readonly userIds: readonly { readonly packet: Packet; readonly signatures: readonly SignaturePacket[] }[];
  readonly subkeys: readonly { readonly key: KeyPacket; readonly signatures: readonly SignaturePacket[] }[];
}

interface Part {
  readonly packet: Packet;
  readonly signatures: SignaturePacket[];
}

/** Throws `OPENPGP_CERTIFICATE`, `OPENPGP_PACKET_TYPE`, `OPENPGP_LIMIT`, and what packets and keys are refused for. */
export function decodeCertificate(bytes: Uint8Array): CertificatePackets {
  const limit = OPENPGP_LIMITS.certificateArmor;
  if (bytes.length > limit) {
    throw fail('OPENPGP_LIMIT', `certificate: ${bytes.length} bytes, expected at most ${limit}`);
  }
  const [first, ...rest] = decodePackets(bytes, OPENPGP_LIMITS.certificatePackets);
  if (first === undefined) throw malformed('empty, expected a public key');
  checkTag(first);
  if (first.tag !== PUBLIC_KEY) throw malformed(`begins with a ${nameTag(first.tag)}, expected a public key`);
  const primary = decodePublicKey(first.body);
  if (primary.publicKey === undefined) {
    throw fail('OPENPGP_ALGORITHM', `public key: algorithm ${primary.algorithm}, expected 22 (EdDSA)`, {
      details: { algorithm: primary.algorithm },
    });
  }
  const parts = gather(first, rest, primary.fingerprint);
  const [{ signatures } = { signatures: [] }] = parts;
  const userIds = parts.filter(({ packet }) => packet.tag === USER_ID);
  const subkeys = parts
    .filter(({ packet }) => packet.tag === PUBLIC_SUBKEY)
    .map(part => ({ key: decodePublicKey(part.packet.body), signatures: part.signatures }));
  checkCount('user ids', userIds.length, OPENPGP_LIMITS.userIds);
  checkCount('subkeys', subkeys.length, OPENPGP_LIMITS.subkeys);
  return { primary, signatures, userIds, subkeys };
}

/** Each key and user id with the signatures after it that claim to be the owner's. */
function gather(first: Packet, rest: readonly Packet[], owner: Fingerprint): readonly Part[] {
  const parts: Part[] = [{ packet: first, signatures: [] }];
  for (const packet of rest) {
    checkTag(packet);
    const last = parts.at(-1) as Part;
    if (packet.tag === SIGNATURE) {
      const signature = decodeSignaturePacket(packet.body);
      if (claimsIssuer(signature, owner)) last.signatures.push(signature);
      else skipSignatureNumbers(new ByteReader(signature.numbers, 'signature'), signature.algorithm);
      continue;
    }
    if (packet.tag === PUBLIC_KEY) throw malformed('a second public key, expected one');
    if (packet.tag === USER_ID && last.packet.tag === PUBLIC_SUBKEY)
      throw malformed('a user id after a subkey');
    parts.push({ packet, signatures: [] });
  }
  return parts;
}

const TAGS: readonly number[] = [PUBLIC_KEY, USER_ID, PUBLIC_SUBKEY, SIGNATURE];

function checkTag({ tag }: Packet): void {
  if (TAGS.includes(tag)) return;
  throw fail(
    'OPENPGP_PACKET_TYPE',
    `certificate: packet ${nameTag(tag)}, expected keys, user ids and signatures`,
    {
      details: { tag },
    },
  );
}

function checkCount(what: string, count: number, limit: number): void {
  if (count <= limit) return;
  throw fail('OPENPGP_LIMIT', `certificate: ${count} ${what}, expected at most ${limit}`, {
    details: { count, limit },
  });
}

function malformed(problem: string): Error {
  return fail('OPENPGP_CERTIFICATE', `certificate: ${problem}`);
}
