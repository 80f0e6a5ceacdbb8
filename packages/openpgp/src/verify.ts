// Detached signatures of bytes, verified with keys that are trusted already.

import { parseArmor } from './armor.ts';
import type { Certificate } from './certificate.ts';
import { fail } from './errors.ts';
import type { Fingerprint } from './fingerprint.ts';
import { DEFAULT_HASHES, type HashName } from './hash.ts';
import { OPENPGP_LIMITS } from './limits.ts';
import { decodePackets, nameTag, SIGNATURE } from './packets.ts';
import { BINARY, readSignature, type Signature, verifySignature } from './signature.ts';
import { decodeSignaturePacket } from './signature-packet.ts';
import { hasKey, type SigningKey, verifySigningKey } from './signing-key.ts';
import { checkTime, CLOCK_TOLERANCE, formatTime } from './time.ts';

export interface VerifyOptions {
  /** Milliseconds since 1970: keys and signatures must be valid then. */
  readonly time: number;
  /** How many keys must have signed. Default: 1, and then there is exactly one signature. */
  readonly threshold?: number;
  /** At most so many signatures. Default: 1 for a threshold of 1, else 16. */
  readonly maximum?: number;
  /** Hashes that the signatures may use. Default: SHA-256 alone. */
  readonly hashes?: readonly HashName[];
}

let mint: (certificate: Certificate, signature: Signature) => VerifiedSignature;

/** A signature that was verified. Immutable. Made by `verifyDetached` only. */
export class VerifiedSignature {
  static {
    mint = (certificate, signature) => new VerifiedSignature(certificate, signature);
  }

  readonly certificate: Certificate;
  readonly #signature: Signature;

  private constructor(certificate: Certificate, signature: Signature) {
    this.certificate = certificate;
    this.#signature = signature;
    Object.freeze(this);
  }

  /** Of the key that signed: the primary key or a subkey. */
  get fingerprint(): Fingerprint {
    return this.#signature.issuer;
  }

  /** When it was made, as the signer says: milliseconds since 1970. */
  get created(): number {
    return this.#signature.created;
  }

  get hash(): HashName {
    return this.#signature.hash;
  }
}

/**
 * The signatures in the order of the armor. All of them must verify, each by another certificate and another key; there is
 * no signature that is left out. Throws `OPENPGP_…`.
 */
export function verifyDetached(
  payload: Uint8Array,
  armor: string,
  certificates: readonly Certificate[],
  options: VerifyOptions,
): readonly VerifiedSignature[] {
  checkTime(options.time);
  const signatures = parseSignatures(armor, options.hashes);
  checkCount(signatures.length, options);
  const signers = new Set<string>();
  return signatures.map(signature => {
    const { certificate, signingKey } = findKey(signature, certificates, options.time);
    verifyTimes(signature, signingKey, options.time);
    verifySignature(signature, signingKey.key, [payload]);
    checkDistinct(signers, [certificate.fingerprint, signingKey.key.publicKey?.identity ?? '']);
    return mint(certificate, signature);
  });
}

/** Read completely, not verified: binary detached signatures in one armor. */
export function parseSignatures(
  armor: string,
  hashes: readonly HashName[] = DEFAULT_HASHES,
): readonly Signature[] {
  const packets = decodePackets(parseArmor('PGP SIGNATURE', armor), OPENPGP_LIMITS.signatures);
  return packets.map(({ tag, body }) => {
    if (tag === SIGNATURE) return readSignature(decodeSignaturePacket(body), [BINARY], hashes);
    throw fail('OPENPGP_PACKET_TYPE', `signature: packet ${nameTag(tag)}, expected signatures alone`, {
      details: { tag },
    });
  });
}

function checkCount(count: number, { threshold = 1, maximum }: VerifyOptions): void {
  const most = maximum ?? (threshold === 1 ? 1 : OPENPGP_LIMITS.signatures);
  // Written so that NaN refuses.
  if (threshold >= 1 && count >= threshold && count <= most) return;
  throw fail('OPENPGP_SIGNATURE_COUNT', `signatures: ${count}, expected ${threshold} to ${most}`, {
    details: { count, threshold, maximum: most },
  });
}

/** A key that may sign at the time, or what is wrong with the first that has the fingerprint. */
function findKey(
  { issuer }: Signature,
  certificates: readonly Certificate[],
  time: number,
): { certificate: Certificate; signingKey: SigningKey } {
  let problem: unknown;
  for (const certificate of certificates.filter(each => hasKey(each, issuer))) {
    try {
      return { certificate, signingKey: verifySigningKey(certificate, issuer, time) };
    } catch (error) {
      problem ??= error;
    }
  }
  if (problem !== undefined) throw problem;
  throw fail('OPENPGP_UNKNOWN_KEY', `signature: by key ${issuer}, which is none of the trusted ones`, {
    details: { issuer, trusted: certificates.map(({ fingerprint }) => fingerprint) },
  });
}

function verifyTimes(
  { created, expires }: Signature,
  { key, expires: keyEnd }: SigningKey,
  time: number,
): void {
  if (created < key.created || created >= keyEnd || created > time + CLOCK_TOLERANCE) {
    const message = `signature: made ${formatTime(created)}, when its key was not valid or in the future`;
    throw fail('OPENPGP_SIGNATURE_TIME', message, { details: { created, keyCreated: key.created, time } });
  }
  if (expires !== undefined && expires <= time) {
    const message = `signature: expired ${formatTime(expires)}, it is ${formatTime(time)}`;
    throw fail('OPENPGP_SIGNATURE_EXPIRED', message, { details: { expires, time } });
  }
}

/** One owner, or one key in two certificates, counts once: a second signature of theirs is refused. */
function checkDistinct(seen: Set<string>, names: readonly string[]): void {
  for (const name of names) {
    if (seen.has(name))
      throw fail('OPENPGP_REPEATED_SIGNER', `signatures: two by ${name}, expected one a key`);
  }
  for (const name of names) seen.add(name);
}
