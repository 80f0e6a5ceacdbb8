// Detached signatures, made with any signer of an Ed25519 key.

import type { Signer } from '@cargo-tuf/keys';
import { formatArmor, parseArmor } from './armor.ts';
import { concatBytes } from './bytes.ts';
import { type Certificate, partsOf } from './certificate.ts';
import { fail } from './errors.ts';
import type { HashName } from './hash.ts';
import { makeSignature } from './make-signature.ts';
import type { KeyPacket } from './public-key-packet.ts';
import { BINARY } from './signature.ts';
import { verifySigningKey } from './signing-key.ts';
import { parseSignatures } from './verify.ts';

export interface SignOptions {
  /** Milliseconds since 1970: stated in the signature. */
  readonly time: number;
  /** Default: SHA-256. */
  readonly hash?: HashName;
}

/**
 * Armor with one signature over `payload`, by the key of the certificate that `signer` holds: the primary key or a subkey.
 * Throws `OPENPGP_SIGNER` when it holds none of them, and as `verifyDetached` does when that key may not sign at the time.
 */
export async function signDetached(
  payload: Uint8Array,
  signer: Signer,
  certificate: Certificate,
  { time, hash = 'sha256' }: SignOptions,
): Promise<string> {
  const { fingerprint } = keyOf(signer, certificate);
  const { key } = verifySigningKey(certificate, fingerprint, time);
  const bytes = await makeSignature(signer, { type: BINARY, hash, time, key, parts: [payload] });
  return formatArmor('PGP SIGNATURE', bytes);
}

/**
 * One armor with the signatures of all, in their order: what a threshold above 1 needs. gpg verifies all of them. git, since
 * 2.20, refuses a commit or tag with more than one.
 */
export function joinSignatures(armors: readonly string[], hashes?: readonly HashName[]): string {
  for (const armor of armors) parseSignatures(armor, hashes);
  return formatArmor(
    'PGP SIGNATURE',
    concatBytes(...armors.map(armor => parseArmor('PGP SIGNATURE', armor))),
  );
}

function keyOf(signer: Signer, certificate: Certificate): KeyPacket {
  const { primary, subkeys } = partsOf(certificate);
  const { identity } = signer.publicKey;
  const found = [primary, ...subkeys.map(({ key }) => key)].find(
    ({ publicKey }) => publicKey?.identity === identity,
  );
  if (found !== undefined) return found;
  throw fail(
    'OPENPGP_SIGNER',
    `signer: key ${identity}, which is none of certificate ${certificate.fingerprint}`,
    {
      details: { identity, fingerprint: certificate.fingerprint },
    },
  );
}
