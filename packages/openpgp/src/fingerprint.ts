// The fingerprint of a key of version 4, RFC 4880, section 12.2, and the key id of it in metadata:
//
//   FF88733444562854EC62ABE84CB919A8625280AA
//   openpgp:FF88733444562854EC62ABE84CB919A8625280AA
//
// It is SHA-1, as the format has it. A collision needs two keys of one owner; to trust a key by its fingerprint asks for a
// second preimage, which nobody can make. The short ids, 8 octets and fewer, can be made at will and are never trusted.

import { escapeText } from '@cargo-tuf/errors';
import { encodeHex } from '@cargo-tuf/keys';
import { sha1 } from '@noble/hashes/legacy.js';
import { concatBytes, writeNumber } from './bytes.ts';
import { fail } from './errors.ts';

declare const brand: unique symbol;
/** 40 upper-case hex digits. */
export type Fingerprint = string & { readonly [brand]: 'Fingerprint' };

const PATTERN = /^[0-9A-F]{40}$/;
const PREFIX = 'openpgp:';

/** Throws `OPENPGP_KEY_ID`. */
export function parseFingerprint(text: string): Fingerprint {
  if (PATTERN.test(text)) return text as Fingerprint;
  throw fail('OPENPGP_KEY_ID', `fingerprint: "${escapeText(text, 60)}", expected 40 upper-case hex digits`, {
    details: { found: escapeText(text, 60) },
  });
}

/** `openpgp:<fingerprint>` → the fingerprint. Throws `OPENPGP_KEY_ID`. */
export function parseKeyId(text: string): Fingerprint {
  if (text.startsWith(PREFIX) && PATTERN.test(text.slice(PREFIX.length)))
    return parseFingerprint(text.slice(PREFIX.length));
  const message = `key id: "${escapeText(text, 60)}", expected ${PREFIX} and 40 upper-case hex digits`;
  throw fail('OPENPGP_KEY_ID', message, { details: { found: escapeText(text, 60) } });
}

export function formatKeyId(fingerprint: Fingerprint): string {
  return `${PREFIX}${fingerprint}`;
}

/** Throws `OPENPGP_FINGERPRINT` when the key id is that of another key. */
export function verifyKeyId(text: string, fingerprint: Fingerprint): void {
  const stated = parseKeyId(text);
  if (stated === fingerprint) return;
  throw fail('OPENPGP_FINGERPRINT', `key id: ${text}, but the key's fingerprint is ${fingerprint}`, {
    details: { stated, fingerprint },
  });
}

/** Of the body of a public key packet. */
export function computeFingerprint(body: Uint8Array): Fingerprint {
  return fingerprintOf(sha1(hashedKey(body)));
}

/** How a key goes into a hash: its fingerprint's, and those of the signatures about it. */
export function hashedKey(body: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(0x99), writeNumber(body.length, 2), body);
}

/** From its 20 octets. */
export function fingerprintOf(octets: Uint8Array): Fingerprint {
  return encodeHex(octets).toUpperCase() as Fingerprint;
}
