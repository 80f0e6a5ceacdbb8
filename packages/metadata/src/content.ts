// Bytes against what a parent signed about them.

import { encodeHex, sha256, sha512 } from '@cargo-tuf/keys';
import { fail } from './errors.ts';

/** Other algorithms, MD5 and SHA-1 among them, never count. */
const ALGORITHMS: readonly (readonly [string, (bytes: Uint8Array) => Uint8Array])[] = [
  ['sha256', bytes => sha256(bytes)],
  ['sha512', bytes => sha512(bytes)],
];

export interface ExpectedContent {
  readonly length?: number;
  readonly hashes?: ReadonlyMap<string, string>;
}

/**
 * Returns when `bytes` have the length, and under every algorithm that is spoken the hash, of `file`. Throws
 * `METADATA_LENGTH` or `METADATA_HASH` with both values; hashes of unknown algorithms alone are `METADATA_HASH`.
 */
export function verifyContent(bytes: Uint8Array, file: ExpectedContent, subject: string): void {
  if (file.length !== undefined && bytes.length !== file.length) {
    throw fail('METADATA_LENGTH', `${subject}: ${bytes.length} bytes, expected ${file.length}`, {
      details: { subject, length: bytes.length, expected: file.length },
    });
  }
  if (file.hashes === undefined) return;
  let checked = 0;
  for (const [algorithm, hash] of ALGORITHMS) {
    const expected = file.hashes.get(algorithm);
    if (expected === undefined) continue;
    const found = encodeHex(hash(bytes));
    if (found !== expected) {
      throw fail('METADATA_HASH', `${subject}: ${algorithm} ${found}, expected ${expected}`, {
        details: { subject, algorithm, hash: found, expected },
      });
    }
    checked += 1;
  }
  if (checked === 0) {
    throw fail(
      'METADATA_HASH',
      `${subject}: no hash of an algorithm that is spoken, expected sha256 or sha512`,
      {
        details: { subject, algorithms: [...file.hashes.keys()] },
      },
    );
  }
}
