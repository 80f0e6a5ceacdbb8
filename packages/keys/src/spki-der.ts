// SubjectPublicKeyInfo in DER: which algorithm, and the key (RFC 5480, RFC 8410, RFC 3279):
//
//   SEQUENCE { algorithm SEQUENCE { … }, BIT STRING of whole bytes: the key }
//
// Each algorithm has one spelling, so a comparison is a complete parser of it.

import { concatBytes, equalBytes } from './bytes.ts';
import { BIT_STRING, decodeDer, encodeDer, SEQUENCE } from './der.ts';
import { decodeHex } from './hex.ts';
import type { LegacyScheme, Scheme } from './scheme.ts';

/** 1.3.101.112 */
const ED25519 = decodeHex('300506032b6570');
/** 1.2.840.10045.2.1 with 1.2.840.10045.3.1.7 */
const P256 = decodeHex('301306072a8648ce3d020106082a8648ce3d030107');
/** 1.2.840.10045.2.1 with 1.3.132.0.34 */
const P384 = decodeHex('301006072a8648ce3d020106052b81040022');
/** 1.2.840.113549.1.1.1 with NULL: a key of RSA that says nothing of a padding. */
const RSA = decodeHex('300d06092a864886f70d0101010500');

const ALGORITHMS: Readonly<Record<Scheme | LegacyScheme, Uint8Array>> = {
  ed25519: ED25519,
  'ecdsa-sha2-nistp256': P256,
  'ecdsa-sha2-nistp384': P384,
  'rsassa-pss-sha256': RSA,
  'rsa-pkcs1v15-sha256': RSA,
};

/** In the order in which a scheme is found for a key: an RSA key is one of RSASSA-PSS unless more is said. */
const SCHEMES: readonly Scheme[] = [
  'ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'rsassa-pss-sha256',
];

/** The info of a key of `scheme`, from the canonical bytes of a `PublicKey`. */
export function encodeInfo(scheme: Scheme | LegacyScheme, bytes: Uint8Array): Uint8Array {
  return encodeDer(SEQUENCE, ALGORITHMS[scheme], encodeDer(BIT_STRING, Uint8Array.of(0), bytes));
}

export interface KeyInfo {
  /** Undefined for an algorithm that is not spoken. */
  readonly scheme: Scheme | undefined;
  /** The key, not checked. */
  readonly bytes: Uint8Array;
}

/** Undefined for what is no info in DER. */
export function decodeInfo(der: Uint8Array): KeyInfo | undefined {
  const info = decodeDer(der, SEQUENCE);
  if (info === undefined || info.end !== der.length) return undefined;
  const algorithm = decodeDer(info.content, SEQUENCE);
  if (algorithm === undefined) return undefined;
  const key = decodeDer(info.content, BIT_STRING, algorithm.end);
  if (key === undefined || key.end !== info.content.length || key.content[0] !== 0) return undefined;
  const spelling = encodeDer(SEQUENCE, algorithm.content);
  return {
    scheme: SCHEMES.find(scheme => equalBytes(ALGORITHMS[scheme], spelling)),
    bytes: concatBytes([key.content.subarray(1)]),
  };
}
