// Public keys as PEM (RFC 7468), the form in TUF metadata of every key that is not Ed25519:
//
//   -----BEGIN PUBLIC KEY-----
//   MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
//   -----END PUBLIC KEY-----

import type { CryptoBackend } from './backend.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { defaultBackend } from '#default-backend';
import { fail } from './errors.ts';
import { importPublicKey, type PublicKey } from './public-key.ts';
import { decodeInfo, encodeInfo } from './spki-der.ts';

/** An RSA key of 16,384 bits takes less. */
const PEM_CHARACTERS = 4_096;

/**
 * Reads one PEM block, with LF or CRLF and at most one line break at the end. Throws `KEY_SPKI` for what is no PEM or no
 * SubjectPublicKeyInfo, `KEY_UNSUPPORTED` for another algorithm or curve, and what `importPublicKey` throws. A key of RSA
 * is read as one of RSASSA-PSS.
 */
export function parseSpki(pem: string, backend: CryptoBackend = defaultBackend): PublicKey {
  const info = decodeInfo(decodePem(pem));
  if (info === undefined) throw fail('KEY_SPKI', 'public key: bytes are no SubjectPublicKeyInfo in DER');
  if (info.scheme === undefined) {
    throw fail('KEY_UNSUPPORTED', 'public key: algorithm is none of Ed25519, ECDSA on P-256 or P-384, RSA');
  }
  return importPublicKey(info.scheme, info.bytes, backend);
}

/** PEM with LF, 64 characters a line, and a line break at the end. */
export function formatSpki(key: PublicKey): string {
  const lines = encodeBase64(encodeSpki(key)).match(/.{1,64}/g) ?? [];
  return `${BEGIN}\n${lines.join('\n')}\n${END}\n`;
}

/** SubjectPublicKeyInfo in DER: the bytes in the PEM of `formatSpki`. */
export function encodeSpki(key: PublicKey): Uint8Array {
  return encodeInfo(key.scheme, key.bytes);
}

const BEGIN = '-----BEGIN PUBLIC KEY-----';
const END = '-----END PUBLIC KEY-----';

function decodePem(pem: string): Uint8Array {
  if (pem.length > PEM_CHARACTERS) {
    throw fail('KEY_SPKI', `public key: ${pem.length} characters of PEM, expected at most ${PEM_CHARACTERS}`);
  }
  const lines = pem.replace(/\r?\n$/, '').split(/\r?\n/);
  const der =
    lines[0] === BEGIN && lines.at(-1) === END ? decodeBase64(lines.slice(1, -1).join('')) : undefined;
  if (der === undefined)
    throw fail('KEY_SPKI', `public key: text is no PEM block of a public key, expected "${BEGIN}"`);
  return der;
}
