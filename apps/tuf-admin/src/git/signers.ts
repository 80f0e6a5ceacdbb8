// Keys that sign an index: in files, or in gpg-agent by their fingerprint. The public key of a fingerprint comes from a
// certificate that is in the index, or that the command was given; gpg itself is not asked.

import { escapeText } from '@cargo-tuf/errors';
import type { PublicKey, Signer } from '@cargo-tuf/keys';
import { type Certificate, parseFingerprint, publicKeyOf } from '@cargo-tuf/openpgp';
import { openGpgAgentSigner } from '@cargo-tuf/signers';
import type { Context } from '../context.ts';
import { about, fail } from '../errors.ts';
import { openKeyFile } from '../key-folder.ts';
import { readPassphrase, resolvePath } from '../passphrase.ts';
import type { SigningOptions } from './options.ts';

export interface Author {
  readonly name: string;
  readonly email: string;
}

export async function openSigners(
  context: Context,
  options: SigningOptions,
  certificates: readonly Certificate[],
): Promise<readonly Signer[]> {
  const signers: Signer[] = [];
  for (const text of options.gpgKey) {
    const publicKey = await about('--gpg-key', () => findKey(text, certificates));
    const description = `tuf-admin: sign the index with the key ${text.slice(-16)}`;
    signers.push(await openGpgAgentSigner(publicKey, { environment: context.env, description }));
  }
  const passphrase = options.key.length === 0 ? undefined : await readPassphrase(context, options);
  for (const file of options.key) signers.push(await openKeyFile(resolvePath(context, file), passphrase));
  return signers;
}

function findKey(text: string, certificates: readonly Certificate[]): PublicKey {
  const fingerprint = parseFingerprint(text.replaceAll(' ', '').toUpperCase());
  for (const certificate of certificates) {
    const publicKey = publicKeyOf(certificate, fingerprint);
    if (publicKey !== undefined) return publicKey;
  }
  throw fail(
    'ADMIN_GIT_KEY',
    `key ${fingerprint}: not in the index, expected the fingerprint of one of its keys`,
    {
      details: { fingerprint, known: certificates.map(each => each.fingerprint) },
    },
  );
}

/** From "Name <address>"; else the owner of the first key that signs. */
export function authorOf(
  text: string | undefined,
  signers: readonly Signer[],
  certificates: readonly Certificate[],
): Author {
  if (text !== undefined) {
    const author = parseAuthor(text);
    if (author !== undefined) return author;
    throw fail('ADMIN_USAGE', `--author: "${escapeText(text, 80)}", expected "Name <address>"`);
  }
  const identity = signers[0]?.publicKey.identity;
  const owner = certificates.find(each =>
    [each.fingerprint, ...each.subkeys].some(key => publicKeyOf(each, key)?.identity === identity),
  );
  return parseAuthor(owner?.userIds[0] ?? '') ?? { name: 'tuf-admin', email: 'tuf-admin@localhost' };
}

function parseAuthor(text: string): Author | undefined {
  const [, name, email] = /^([^<>\p{Cc}]{1,200}?) <([^<>\s\p{Cc}]{1,200})>$/u.exec(text) ?? [];
  return name === undefined || email === undefined ? undefined : { name, email };
}
