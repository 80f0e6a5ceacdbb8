// Who signed, and whether that is enough for a role. Keys are counted, once each; the package openpgp sees to that.

import { isTufError } from '@cargo-tuf/errors';
import type { OpenPgpKey, RoleKeys } from '@cargo-tuf/metadata';
import {
  type Certificate,
  type HashName,
  parseCertificate,
  parseSignatures,
  type VerifiedSignature,
  verifyDetached,
  verifyKeyId,
} from '@cargo-tuf/openpgp';
import { fail, type RegistryErrorCode } from './errors.ts';

/** Certificates by key id, each with the fingerprint that its id names. */
export type Keyring = ReadonlyMap<string, Certificate>;

export interface SignatureOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Hashes that signatures may use. Default: SHA-256 alone. */
  readonly hashes?: readonly HashName[] | undefined;
}

/** Throws `OPENPGP_FINGERPRINT` for a key id that names another key, and what `parseCertificate` throws. */
export function openKeyring(keys: ReadonlyMap<string, OpenPgpKey>, options: SignatureOptions): Keyring {
  const { hashes } = options;
  const keyring = new Map<string, Certificate>();
  for (const [keyId, { certificate: text }] of keys) {
    if (text === undefined) continue;
    const certificate = parseCertificate(text, hashes === undefined ? {} : { hashes });
    verifyKeyId(keyId, certificate.fingerprint);
    keyring.set(keyId, certificate);
  }
  return keyring;
}

export function keysOf(
  keyring: Keyring,
  ...roles: readonly (RoleKeys | undefined)[]
): readonly Certificate[] {
  const ids = new Set(roles.flatMap(role => role?.keyIds ?? []));
  return Array.from(ids, keyId => keyring.get(keyId)).filter(certificate => certificate !== undefined);
}

export interface SignedBytes {
  readonly payload: Uint8Array;
  readonly armor: string;
}

/** The signatures, all of which verify now. `maximum`: at most so many. */
export function verifySigners(
  { payload, armor }: SignedBytes,
  certificates: readonly Certificate[],
  maximum: number,
  { now, hashes }: SignatureOptions,
): readonly VerifiedSignature[] {
  return verifyDetached(payload, armor, certificates, {
    time: now,
    maximum,
    ...(hashes === undefined ? {} : { hashes }),
  });
}

/**
 * The same for what is signed once and lasts: a key that has expired since counts, as it does in a chain of TUF roots; one
 * that was revoked does not. No signature is of the future.
 */
export function verifyLastingSigners(
  signed: SignedBytes,
  certificates: readonly Certificate[],
  maximum: number,
  options: SignatureOptions,
): readonly VerifiedSignature[] {
  try {
    return verifySigners(signed, certificates, maximum, options);
  } catch (error) {
    if (!isTufError(error, 'OPENPGP_KEY_EXPIRED')) throw error;
    const made = Math.max(...parseSignatures(signed.armor, options.hashes).map(({ created }) => created));
    return verifySigners(signed, certificates, maximum, { ...options, now: Math.min(made, options.now) });
  }
}

export function countSigners(role: RoleKeys, signers: readonly VerifiedSignature[]): number {
  return signers.filter(({ certificate }) => role.keyIds.includes(certificate.keyId)).length;
}

/** Throws `code` with both numbers when fewer keys of the role signed than it needs. */
export function assertThreshold(
  subject: string,
  role: RoleKeys,
  signers: readonly VerifiedSignature[],
  code: RegistryErrorCode = 'REGISTRY_THRESHOLD',
): void {
  const got = countSigners(role, signers);
  if (got >= role.threshold) return;
  throw fail(code, `${subject}: signed by ${got} keys of the role, expected ${role.threshold}`, {
    details: {
      got,
      threshold: role.threshold,
      signers: signers.map(({ certificate }) => certificate.keyId),
      keyIds: role.keyIds,
    },
  });
}

/** One signature for a threshold of one; for more, as many as there are keys. */
export function mostSignatures(role: RoleKeys): number {
  return role.threshold === 1 ? 1 : role.keyIds.length;
}
