import { p256, p384 } from '@noble/curves/nist.js';
import { Point } from '@noble/ed25519';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import type { CryptoBackend, IncrementalHash, VerifySignature } from './backend.ts';
import { concatBytes, equalBytes } from './bytes.ts';
import { ED25519_ORDER, readLittleEndian } from './ed25519.ts';
import { decodeRsaModulus } from './rsa-key.ts';
import { verifyRsa } from './rsa-verify.ts';

/** JavaScript alone, for where there is no `node:crypto`. */
export const nobleBackend: CryptoBackend = {
  name: 'noble',
  sha256: parts => sha256(concatBytes(parts)),
  sha256Into: (bytes, out, offset) => out.set(sha256(bytes), offset),
  sha512: parts => sha512(concatBytes(parts)),
  createSha256: () => incremental(sha256.create()),
  createSha512: () => incremental(sha512.create()),
  openEd25519,
  uncompress: (curve, point) => (curve === 'p-256' ? p256 : p384).Point.fromBytes(point).toBytes(false),
  openP256: point => (message, signature) => p256.verify(signature, message, point, { lowS: false }),
  openP384: point => (message, signature) => p384.verify(signature, message, point, { lowS: false }),
  openRsa: (key, padding) => {
    const modulus = decodeRsaModulus(key);
    return (message, signature) => verifyRsa(modulus, padding, message, signature, sha256);
  },
};

function incremental(state: ReturnType<typeof sha256.create | typeof sha512.create>): IncrementalHash {
  return { update: bytes => void state.update(bytes), digest: () => state.digest() };
}

/**
 * The cofactorless equation of RFC 8032, section 5.1.7: the encoding of [S]B - [k]A equals R. The library's own `verify`
 * multiplies by the cofactor, and so accepts signatures that OpenSSL refuses.
 */
function openEd25519(bytes: Uint8Array): VerifySignature {
  const key = new Uint8Array(bytes);
  const negativeA = Point.fromBytes(key).negate();
  return (message, signature) => {
    const encodedR = signature.subarray(0, 32);
    const s = readLittleEndian(signature.subarray(32));
    const k = readLittleEndian(sha512(concatBytes([encodedR, key, message]))) % ED25519_ORDER;
    const computed = Point.BASE.multiplyUnsafe(s).add(negativeA.multiplyUnsafe(k));
    return equalBytes(computed.toBytes(), encodedR);
  };
}
