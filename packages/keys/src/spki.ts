// Public keys as PEM (RFC 7468), the form in TUF metadata of every key that is not Ed25519:
//
//   -----BEGIN PUBLIC KEY-----
//   MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
//   -----END PUBLIC KEY-----

import type { CryptoBackend } from './backend.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { concatBytes, startsWithBytes } from './bytes.ts';
import { defaultBackend } from './default-backend.ts';
import { fail } from './errors.ts';
import { importPublicKey, type PublicKey } from './public-key.ts';
import { ED25519_SPKI_PREFIX, P256_COMPRESSED_SPKI_PREFIX, P256_SPKI_PREFIX } from './spki-prefixes.ts';

/** An RSA key of 16,384 bits takes less. */
const PEM_CHARACTERS = 4_096;

/**
 * Reads one PEM block, with LF or CRLF and at most one line break at the end. Throws `KEY_SPKI` for what is no PEM or no
 * SubjectPublicKeyInfo, `KEY_UNSUPPORTED` for another algorithm or curve, and what `importPublicKey` throws.
 */
export function parseSpki(pem: string, backend: CryptoBackend = defaultBackend): PublicKey {
  const der = decodePem(pem);
  for (const [scheme, prefix, length] of FORMS) {
    if (startsWithBytes(der, prefix) && der.length === prefix.length + length) {
      return importPublicKey(scheme, der.subarray(prefix.length), backend);
    }
  }
  if (!isSequence(der)) throw fail('KEY_SPKI', 'public key: bytes are no SubjectPublicKeyInfo in DER');
  throw fail('KEY_UNSUPPORTED', 'public key: algorithm is neither Ed25519 nor ECDSA on P-256');
}

/** PEM with LF, 64 characters a line, and a line break at the end. */
export function formatSpki(key: PublicKey): string {
  const prefix = key.scheme === 'ed25519' ? ED25519_SPKI_PREFIX : P256_SPKI_PREFIX;
  const lines = encodeBase64(concatBytes([prefix, key.bytes])).match(/.{1,64}/g) ?? [];
  return `${BEGIN}\n${lines.join('\n')}\n${END}\n`;
}

const BEGIN = '-----BEGIN PUBLIC KEY-----';
const END = '-----END PUBLIC KEY-----';

const FORMS = [
  ['ed25519', ED25519_SPKI_PREFIX, 32],
  ['ecdsa-sha2-nistp256', P256_SPKI_PREFIX, 65],
  ['ecdsa-sha2-nistp256', P256_COMPRESSED_SPKI_PREFIX, 33],
] as const;

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

/** True for one DER sequence that spans all of `der`. */
function isSequence(der: Uint8Array): boolean {
  const [tag, length = 0, first = 0, second = 0] = der;
  if (tag !== 0x30) return false;
  if (length < 0x80) return der.length === length + 2;
  if (length === 0x81) return first >= 0x80 && der.length === first + 3;
  return length === 0x82 && first > 0 && der.length === first * 256 + second + 4;
}
