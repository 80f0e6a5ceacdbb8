// What this package needs of a cryptographic library. Two libraries differ in the odd signatures that they accept, so a
// back end gets only what the strict rules of this package let through, and both then answer alike.

/** Checks signatures of one key. The signature's form was checked. */
export type VerifySignature = (message: Uint8Array, signature: Uint8Array) => boolean;

export interface IncrementalHash {
  update(bytes: Uint8Array): void;
  /** The hash of everything so far. Ends the use of this object. */
  digest(): Uint8Array;
}

export type NistCurve = 'p-256' | 'p-384';

/** Of RFC 8017, both with SHA-256: RSASSA-PSS with a salt of 32 bytes, or RSASSA-PKCS1-v1_5. */
export type RsaPadding = 'pss' | 'pkcs1v15';

export interface CryptoBackend {
  readonly name: 'node' | 'noble';
  sha256(parts: readonly Uint8Array[]): Uint8Array;
  /** Writes the 32 bytes of the hash of `bytes` to `out`, from `offset` on. */
  sha256Into(bytes: Uint8Array, out: Uint8Array, offset: number): void;
  sha512(parts: readonly Uint8Array[]): Uint8Array;
  createSha256(): IncrementalHash;
  createSha512(): IncrementalHash;
  /** `key`: 32 bytes, a canonical point that is not of low order. Signatures: 64 bytes with S < L. */
  openEd25519(key: Uint8Array): VerifySignature;
  /** `point`: the first byte and the length fit each other. Throws unless it is on the curve, x and y below p. */
  uncompress(curve: NistCurve, point: Uint8Array): Uint8Array;
  /** `point`: 65 bytes, uncompressed, on the curve. Signatures: r and s, 32 bytes each, from 1 to n-1. */
  openP256(point: Uint8Array): VerifySignature;
  /** The same with 97 bytes, and 48 bytes each. The hash is SHA-384. */
  openP384(point: Uint8Array): VerifySignature;
  /** `key`: RSAPublicKey in DER, 2,048 to 4,096 bits, exponent 65537. Signatures: as many bytes as the modulus. */
  openRsa(key: Uint8Array, padding: RsaPadding): VerifySignature;
}
