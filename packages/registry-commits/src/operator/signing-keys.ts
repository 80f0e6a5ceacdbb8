// Which of the keys at hand sign something, so that each role that must agree has its threshold with the fewest signatures:
// git verifies one, and refuses several.

import type { Signer } from '@cargo-tuf/keys';
import type { RoleKeys } from '@cargo-tuf/metadata';
import { type Certificate, publicKeyOf } from '@cargo-tuf/openpgp';
import type { Keyring } from '../signatures.ts';

/** A key at hand, and the certificate that it is of. */
export interface SigningKey {
  readonly signer: Signer;
  readonly certificate: Certificate;
}

/** A role whose threshold something needs. */
export interface Need {
  /** "timestamp", "root, before" */
  readonly name: string;
  readonly role: RoleKeys;
}

/** One signer a certificate, in the order in which they were given. */
export function matchSigners(signers: readonly Signer[], keyring: Keyring): readonly SigningKey[] {
  const found = new Map<string, SigningKey>();
  for (const signer of signers) {
    for (const certificate of keyring.values()) {
      const keys = [certificate.fingerprint, ...certificate.subkeys].map(each =>
        publicKeyOf(certificate, each),
      );
      if (!keys.some(key => key?.identity === signer.publicKey.identity)) continue;
      if (!found.has(certificate.keyId)) found.set(certificate.keyId, { signer, certificate });
    }
  }
  return [...found.values()];
}

/**
 * The keys to sign with, where `signed` have signed already. Keys that count for several of the roles come first, then those
 * that `preferred` names. With `isLinked`, one signer is of all roles.
 */
export function chooseKeys(
  needs: readonly Need[],
  available: readonly SigningKey[],
  signed: readonly string[],
  { isLinked = false, preferred = [] }: { isLinked?: boolean; preferred?: readonly string[] } = {},
): readonly SigningKey[] {
  const weight = ({ certificate: { keyId } }: SigningKey) =>
    2 * needs.filter(({ role }) => role.keyIds.includes(keyId)).length + (preferred.includes(keyId) ? 1 : 0);
  const isFree = ({ certificate: { keyId } }: SigningKey) => !signed.includes(keyId);
  const candidates = available.filter(isFree).toSorted((one, other) => weight(other) - weight(one));
  const chosen: SigningKey[] = [];
  const ids = () => [...signed, ...chosen.map(({ certificate }) => certificate.keyId)];
  const isOfAll = (keyId: string) => needs.every(({ role }) => role.keyIds.includes(keyId));
  if (isLinked && !ids().some(isOfAll)) {
    const link = candidates.find(({ certificate }) => isOfAll(certificate.keyId));
    if (link !== undefined) chosen.push(link);
  }
  for (const candidate of candidates) {
    const { keyId } = candidate.certificate;
    const isUseful = needs.some(
      ({ role }) => role.keyIds.includes(keyId) && count(role, ids()) < role.threshold,
    );
    if (isUseful && !chosen.includes(candidate)) chosen.push(candidate);
  }
  return chosen;
}

/** What a role still lacks. */
export interface Missing {
  /** What is to be signed: "commit", "tag". */
  readonly subject: string;
  readonly role: string;
  readonly have: number;
  readonly need: number;
  /** Keys of the role that have not signed. */
  readonly keyIds: readonly string[];
}

export function missingOf(
  subject: string,
  needs: readonly Need[],
  signed: readonly string[],
): readonly Missing[] {
  return needs
    .map(({ name, role }) => ({
      subject,
      role: name,
      have: count(role, signed),
      need: role.threshold,
      keyIds: role.keyIds.filter(keyId => !signed.includes(keyId)),
    }))
    .filter(({ have, need }) => have < need);
}

function count(role: RoleKeys, keyIds: readonly string[]): number {
  return keyIds.filter(keyId => role.keyIds.includes(keyId)).length;
}
