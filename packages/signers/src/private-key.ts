// A private key as text: PKCS#8 in PEM (RFC 7468).
//
//   -----BEGIN ENCRYPTED PRIVATE KEY-----
//   MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSsGAQQB2kcECzAcBBB…
//   -----END ENCRYPTED PRIVATE KEY-----

import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { Scheme } from '@cargo-tuf/keys';
import { encryptPrivateKey } from './encrypted-key.ts';
import { fail } from './errors.ts';

const PLAIN = 'PRIVATE KEY';
const ENCRYPTED = 'ENCRYPTED PRIVATE KEY';

export async function formatPrivateKey(pkcs8: Uint8Array, passphrase: string | undefined): Promise<string> {
  if (passphrase === undefined) return formatPem(PLAIN, pkcs8);
  return formatPem(ENCRYPTED, await encryptPrivateKey(pkcs8, passphrase));
}

/** `subject` names the key in errors. */
export function parsePrivateKey(text: string, passphrase: string | undefined, subject: string): KeyObject {
  const label = /^-----BEGIN ([A-Z ]{1,32})-----\r?\n/.exec(text)?.[1];
  if (label !== PLAIN && label !== ENCRYPTED) {
    throw fail('SIGNER_FORMAT', `${subject}: ${label ?? 'no PEM label'}, expected ${PLAIN} or ${ENCRYPTED}`, {
      details: { local: true },
    });
  }
  if (label === ENCRYPTED && passphrase === undefined) {
    throw fail('SIGNER_PASSPHRASE_MISSING', `${subject}: encrypted, expected a passphrase`);
  }
  if (label === PLAIN && passphrase !== undefined) {
    throw fail('SIGNER_PASSPHRASE_UNUSED', `${subject}: not encrypted, expected no passphrase`);
  }
  try {
    return createPrivateKey({
      key: text,
      format: 'pem',
      ...(passphrase === undefined ? {} : { passphrase }),
    });
  } catch {
    // The cause is left out: an error of a parser of private keys must not carry their bytes along.
    if (label === PLAIN)
      throw fail('SIGNER_FORMAT', `${subject}: no private key in it`, { details: { local: true } });
    throw fail('SIGNER_PASSPHRASE_WRONG', `${subject}: the passphrase does not open it`);
  }
}

/** The scheme that a key signs with. */
export function schemeOf(key: KeyObject, subject: string): Scheme {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const kind = curve === undefined ? key.asymmetricKeyType : `${key.asymmetricKeyType} ${curve}`;
  const scheme = SCHEMES.get(kind ?? '');
  if (scheme !== undefined) return scheme;
  throw fail('SIGNER_SCHEME', `${subject}: ${kind}, expected ${[...SCHEMES.keys()].join(', ')}`);
}

const SCHEMES: ReadonlyMap<string, Scheme> = new Map([
  ['ed25519', 'ed25519'],
  ['ec prime256v1', 'ecdsa-sha2-nistp256'],
  ['ec secp384r1', 'ecdsa-sha2-nistp384'],
  ['rsa', 'rsassa-pss-sha256'],
]);

function formatPem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
