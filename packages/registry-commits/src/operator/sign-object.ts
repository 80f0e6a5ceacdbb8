// Signatures of commits, tags and files: added to those that are there, each of which is verified first.

import { signedPayload, withSignature } from '@cargo-tuf/git-object';
import { type Certificate, joinSignatures, type SignOptions, signDetached } from '@cargo-tuf/openpgp';
import { type SignatureOptions, verifySigners } from '../signatures.ts';
import type { OperatorContext } from './context.ts';
import type { SigningKey } from './signing-keys.ts';

/** Key ids of those who signed a commit or tag. Throws when one of the signatures does not verify. */
export function signersOf(
  context: OperatorContext,
  type: 'commit' | 'tag',
  bytes: Uint8Array,
  certificates: readonly Certificate[],
): readonly string[] {
  const { payload, signature } = signedPayload(type, bytes, context.repository.format);
  if (signature === undefined) return [];
  const signed = verifySigners({ payload, armor: signature }, certificates, certificates.length, context);
  return signed.map(({ certificate }) => certificate.keyId);
}

/** The commit or tag with these further signatures. */
export async function signObject(
  context: OperatorContext,
  type: 'commit' | 'tag',
  bytes: Uint8Array,
  keys: readonly SigningKey[],
): Promise<Uint8Array> {
  if (keys.length === 0) return bytes;
  const { format } = context.repository;
  const { payload, signature } = signedPayload(type, bytes, format);
  return withSignature(type, payload, await signBytes(payload, signature, keys, context), format);
}

/** Armor with the signatures of `before` and of the keys. */
export async function signBytes(
  payload: Uint8Array,
  before: string | undefined,
  keys: readonly SigningKey[],
  { now, hashes }: SignatureOptions,
): Promise<string> {
  const options: SignOptions = { time: now, ...(hashes?.[0] !== undefined && { hash: hashes[0] }) };
  const armors = before === undefined ? [] : [before];
  for (const { signer, certificate } of keys)
    armors.push(await signDetached(payload, signer, certificate, options));
  const [only, ...more] = armors;
  return only !== undefined && more.length === 0 ? only : joinSignatures(armors, hashes);
}
