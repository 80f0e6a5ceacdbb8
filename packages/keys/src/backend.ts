// What this package needs of a cryptographic library. Two libraries differ in the odd signatures that they accept, so a
// back end gets only what the strict rules of this package let through, and both then answer alike.

/** Checks signatures of one key. The signature's form was checked. */
export type VerifySignature = (message: Uint8Array, signature: Uint8Array) => boolean;

export interface IncrementalHash {
  update(bytes: Uint8Array): void;
  /** The hash of everything so far. Ends the use of this object. */
  digest(): Uint8Array;
}

export interface CryptoBackend {
  readonly name: 'node' | 'noble';
  sha256(parts: readonly Uint8Array[]): Uint8Array;
  sha512(parts: readonly Uint8Array[]): Uint8Array;
  createSha256(): IncrementalHash;
  /** `key`: 32 bytes, a canonical point that is not of low order. Signatures: 64 bytes with S < L. */
  openEd25519(key: Uint8Array): VerifySignature;
  /** `point`: 65 bytes, uncompressed, on the curve. Signatures: r and s, 32 bytes each, from 1 to n-1. */
  openP256(point: Uint8Array): VerifySignature;
}
