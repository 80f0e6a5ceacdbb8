import { isTufError } from '@cargo-tuf/errors';
import { targetUrlPath, verifyContent } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import { fetchAccepted } from './fetch.ts';
import type { SnapshotContext } from './snapshot.ts';
import type { TrustedMetadata } from './trusted.ts';

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
  const bytes = await fetchAccepted(
    source,
    contentPath(trusted, path, file),
    Math.min(file.length, limits.target),
    `the signed index lists ${path} with hash ${sha256 ?? file.hashes.get('sha512')}`,
    each => {
      verifyContent(each, file, path);
      return each;
    },
    signal,
  );
  if (sha256 !== undefined) await store.keep('target', sha256, bytes);
  return bytes;
}

/** Where a repository has a target: under its hash, unless it has no consistent snapshots. */
export function contentPath(trusted: TrustedMetadata, path: string, { hashes }: SignedContent): string {
  const digest = hashes.get('sha256') ?? hashes.get('sha512') ?? '';
  return trusted.root.value.consistentSnapshot
    ? `targets/${targetUrlPath(path, digest)}`
    : `targets/${path.split('/').map(encodeURIComponent).join('/')}`;
}

export function isContent(bytes: Uint8Array, file: SignedContent, path: string): boolean {
  try {
    verifyContent(bytes, file, path);
    return true;
  } catch (error) {
    if (isTufError(error)) return false;
    throw error;
  }
}
