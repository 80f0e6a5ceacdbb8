// The DER bytes before the key in a SubjectPublicKeyInfo (RFC 5480, RFC 8410). DER has one spelling, so a comparison with
// these is a complete parser.

import { decodeHex } from './hex.ts';

/** SEQUENCE { SEQUENCE { 1.3.101.112 }, BIT STRING of 32 bytes } */
export const ED25519_SPKI_PREFIX: Uint8Array = decodeHex('302a300506032b6570032100');
/** SEQUENCE { SEQUENCE { 1.2.840.10045.2.1, 1.2.840.10045.3.1.7 }, BIT STRING of 65 bytes } */
export const P256_SPKI_PREFIX: Uint8Array = decodeHex('3059301306072a8648ce3d020106082a8648ce3d030107034200');
/** The same with a BIT STRING of 33 bytes: the compressed point. */
export const P256_COMPRESSED_SPKI_PREFIX: Uint8Array = decodeHex(
  '3039301306072a8648ce3d020106082a8648ce3d030107032200',
);
