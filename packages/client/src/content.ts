import { isTufError } from '@cargo-tuf/errors';
import { targetUrlPath, verifyContent } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import { fetchAccepted } from './fetch.ts';
import type { SnapshotContext } from './snapshot.ts';

/** What a signed role says of some bytes. */
export interface SignedContent {
  readonly length: number;
  readonly hashes: ReadonlyMap<string, string>;
}

/** The verified bytes of a target: kept ones where they still verify, else from a mirror, and then kept. */
export async function fetchContent(
  context: SnapshotContext,
  path: string,
  file: SignedContent,
): Promise<Uint8Array> {
  const { store, source, signal, limits, trusted } = context;
  const sha256 = file.hashes.get('sha256');
  const kept = sha256 === undefined ? null : await store.cached('target', sha256);
  if (kept !== null && isContent(kept, file, path)) return kept;
  if (source === undefined) {
    throw fail('CLIENT_OFFLINE', `${path}: not on this machine, and this run is offline`);
  }
  const digest = sha256 ?? file.hashes.get('sha512') ?? '';
  const bytes = await fetchAccepted(
    source,
    `targets/${trusted.root.value.consistentSnapshot ? targetUrlPath(path, digest) : path.split('/').map(encodeURIComponent).join('/')}`,
    Math.min(file.length, limits.target),
    `the signed index lists ${path} with hash ${digest}`,
    each => {
      verifyContent(each, file, path);
      return each;
    },
    signal,
  );
  if (sha256 !== undefined) await store.keep('target', sha256, bytes);
  return bytes;
}

function isContent(bytes: Uint8Array, file: SignedContent, path: string): boolean {
  try {
    verifyContent(bytes, file, path);
    return true;
  } catch (error) {
    if (isTufError(error)) return false;
    throw error;
  }
}
