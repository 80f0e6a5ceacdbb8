// RSA signatures without a library, for where there is no `node:crypto`: RSASSA-PSS and RSASSA-PKCS1-v1_5 of RFC 8017,
// sections 8.1.2 and 8.2.2, with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes. Everything here is public, so the
// time that it takes may depend on the values.

import { concatBytes, equalBytes } from './bytes.ts';
import { decodeHex, encodeHex } from './hex.ts';
import type { RsaPadding } from './backend.ts';
import { bitLength } from './rsa-key.ts';

type Hash = (bytes: Uint8Array) => Uint8Array;
const HASH_BYTES = 32;
const SALT_BYTES = 32;

/** `signature` has as many bytes as `modulus`. */
export function verifyRsa(
  modulus: Uint8Array,
  padding: RsaPadding,
  message: Uint8Array,
  signature: Uint8Array,
  sha256: Hash,
): boolean {
  const n = toNumber(modulus);
  const s = toNumber(signature);
  if (s >= n) return false;
  const encoded = toBytes(power65537(s, n), modulus.length);
  const hash = sha256(message);
  if (padding === 'pkcs1v15') return equalBytes(encoded, encodePkcs1(hash, modulus.length));
  return isPss(encoded, bitLength(modulus) - 1, hash, sha256);
}

function power65537(base: bigint, modulus: bigint): bigint {
  let power = base;
  for (let bit = 0; bit < 16; bit += 1) power = (power * power) % modulus;
  return (power * base) % modulus;
}

/** SEQUENCE { SEQUENCE { sha256, NULL }, OCTET STRING of 32 bytes } */
const DIGEST_PREFIX = decodeHex('3031300d060960864801650304020105000420');

/** EMSA-PKCS1-v1_5, section 9.2: built and compared, never parsed. */
function encodePkcs1(hash: Uint8Array, size: number): Uint8Array {
  const encoded = new Uint8Array(size).fill(0xff);
  const digest = concatBytes([Uint8Array.of(0), DIGEST_PREFIX, hash]);
  encoded.set([0, 1]);
  encoded.set(digest, size - digest.length);
  return encoded;
}

/** EMSA-PSS-VERIFY, section 9.1.2. `encoded` may have one byte more in front than `bits` bits need: it is 0. */
function isPss(encoded: Uint8Array, bits: number, hash: Uint8Array, sha256: Hash): boolean {
  const size = Math.ceil(bits / 8);
  const front = encoded.length - size;
  const em = encoded.subarray(front);
  const blockSize = size - HASH_BYTES - 1;
  const maskedBlock = em.subarray(0, blockSize);
  const h = em.subarray(blockSize, size - 1);
  const unusedBits = 8 * size - bits;
  const isFramed = front === 0 || encoded[0] === 0;
  if (!isFramed || em[size - 1] !== 0xbc || (em[0] as number) >> (8 - unusedBits) !== 0) return false;
  const mask = maskOf(h, blockSize, sha256);
  const block = maskedBlock.map((byte, index) => byte ^ (mask[index] as number));
  block[0] = (block[0] as number) & (0xff >> unusedBits);
  const salt = block.subarray(blockSize - SALT_BYTES);
  const padding = block.subarray(0, blockSize - SALT_BYTES);
  if (padding.at(-1) !== 1 || padding.subarray(0, -1).some(byte => byte !== 0)) return false;
  return equalBytes(h, sha256(concatBytes([new Uint8Array(8), hash, salt])));
}

/** MGF1, appendix B.2.1. */
function maskOf(seed: Uint8Array, length: number, sha256: Hash): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let count = 0; count * HASH_BYTES < length; count += 1) {
    parts.push(sha256(concatBytes([seed, Uint8Array.of(0, 0, 0, count)])));
  }
  return concatBytes(parts).subarray(0, length);
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${encodeHex(bytes)}`);
}

function toBytes(number: bigint, size: number): Uint8Array {
  return decodeHex(number.toString(16).padStart(size * 2, '0'));
}
