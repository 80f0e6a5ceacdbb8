import type { IncrementalHash } from './backend.ts';
import { defaultBackend } from '#default-backend';

/** The SHA-256 of the parts one after the other: 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return defaultBackend.sha256(parts);
}

/**
 * Writes the SHA-256 of `bytes`, 32 bytes, to `out` from `offset` on: nothing is allocated, for those who hash millions of
 * small messages. `out` may be `bytes`.
 */
export function sha256Into(bytes: Uint8Array, out: Uint8Array, offset: number): void {
  if (offset + 32 > out.length) throw new RangeError(`sha256: 32 bytes at ${offset} of ${out.length}`);
  defaultBackend.sha256Into(bytes, out, offset);
}

/** The SHA-512 of the parts one after the other: 64 bytes. */
export function sha512(...parts: readonly Uint8Array[]): Uint8Array {
  return defaultBackend.sha512(parts);
}

/** SHA-256 of bytes that come in pieces, such as a download. */
export function createSha256(): IncrementalHash {
  return defaultBackend.createSha256();
}

/** SHA-512 of bytes that come in pieces. */
export function createSha512(): IncrementalHash {
  return defaultBackend.createSha512();
}
