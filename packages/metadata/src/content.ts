// Bytes against what a parent signed about them.

import { createSha256, createSha512, encodeHex, type IncrementalHash, sha256, sha512 } from '@cargo-tuf/keys';
import { fail } from './errors.ts';

interface Algorithm {
  readonly name: string;
  hash(bytes: Uint8Array): Uint8Array;
  create(): IncrementalHash;
}

/** Others, MD5 and SHA-1 among them, never count. */
const ALGORITHMS: readonly Algorithm[] = [
  { name: 'sha256', hash: bytes => sha256(bytes), create: createSha256 },
  { name: 'sha512', hash: bytes => sha512(bytes), create: createSha512 },
];

export interface ExpectedContent {
  readonly length?: number | undefined;
  readonly hashes?: ReadonlyMap<string, string>;
}

/**
 * Returns when `bytes` have the length, and under every algorithm that is spoken the hash, of `file`. Throws
 * `METADATA_LENGTH` or `METADATA_HASH` with both values; hashes of unknown algorithms alone are `METADATA_HASH`.
 */
export function verifyContent(bytes: Uint8Array, file: ExpectedContent, subject: string): void {
  if (file.length !== undefined && bytes.length !== file.length) {
    throw wrongLength(subject, bytes.length, file.length);
  }
  for (const { algorithm, expected } of expectedHashes(file, subject)) {
    verifyHash(subject, algorithm, algorithm.hash(bytes), expected);
  }
}

/** The same check for bytes that come in pieces. */
export interface ContentCheck {
  /** The next bytes. Throws `METADATA_LENGTH` as soon as there are more of them than were signed. */
  update(bytes: Uint8Array): void;
  /** After the last bytes: returns when all of them are the content, else throws as `verifyContent` does. */
  end(): void;
}

/** Throws `METADATA_HASH` at once where no hash is of an algorithm that is spoken. */
export function createContentCheck(file: ExpectedContent, subject: string): ContentCheck {
  const hashes = expectedHashes(file, subject).map(each => ({ ...each, state: each.algorithm.create() }));
  let length = 0;
  return {
    update: bytes => {
      length += bytes.length;
      if (file.length !== undefined && length > file.length) throw wrongLength(subject, length, file.length);
      for (const { state } of hashes) state.update(bytes);
    },
    end: () => {
      if (file.length !== undefined && length !== file.length)
        throw wrongLength(subject, length, file.length);
      for (const { algorithm, expected, state } of hashes) {
        verifyHash(subject, algorithm, state.digest(), expected);
      }
    },
  };
}

function expectedHashes(
  { hashes }: ExpectedContent,
  subject: string,
): readonly { readonly algorithm: Algorithm; readonly expected: string }[] {
  if (hashes === undefined) return [];
  const spoken = ALGORITHMS.flatMap(algorithm => {
    const expected = hashes.get(algorithm.name);
    return expected === undefined ? [] : [{ algorithm, expected }];
  });
  if (spoken.length > 0) return spoken;
  throw fail(
    'METADATA_HASH',
    `${subject}: no hash of an algorithm that is spoken, expected sha256 or sha512`,
    {
      details: { subject, algorithms: [...hashes.keys()] },
    },
  );
}

function verifyHash(subject: string, { name }: Algorithm, hash: Uint8Array, expected: string): void {
  const found = encodeHex(hash);
  if (found === expected) return;
  throw fail('METADATA_HASH', `${subject}: ${name} ${found}, expected ${expected}`, {
    details: { subject, algorithm: name, hash: found, expected },
  });
}

function wrongLength(subject: string, length: number, expected: number): Error {
  return fail('METADATA_LENGTH', `${subject}: ${length} bytes, expected ${expected}`, {
    details: { subject, length, expected },
  });
}
