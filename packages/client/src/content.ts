import { isTufError } from '@cargo-tuf/errors';
import { type ExpectedContent, targetUrlPath, verifyContent } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import { fetchAccepted } from './fetch.ts';
import type { SnapshotContext } from './snapshot.ts';
import type { TrustedMetadata } from './trusted.ts';

/** What a signed role says of some bytes. */
export interface SignedContent {
  readonly length: number;
  readonly hashes: ReadonlyMap<string, string>;
}

/** Some bytes that a signature covers, and where mirrors have them. */
export interface PlacedContent {
  /** What errors call it. */
  readonly subject: string;
  /** Path below a mirror's base. */
  readonly from: string;
  /** Undefined where the hash alone is signed. */
  readonly length: number | undefined;
  readonly hashes: ReadonlyMap<string, string>;
}

export function placeTarget(trusted: TrustedMetadata, path: string, file: SignedContent): PlacedContent {
  return { subject: path, from: contentPath(trusted, path, file), length: file.length, hashes: file.hashes };
}

/** A file that is no target, but that a verified target names. */
export interface NamedFile {
  /** Path below a mirror's base: "dist/2026-11-20/rustc-1.95.0-x86_64-unknown-linux-gnu.tar.xz". */
  readonly path: string;
  /** 64 hex digits. */
  readonly sha256: string;
}

export function placeNamed({ path, sha256 }: NamedFile): PlacedContent {
  return { subject: path, from: path, length: undefined, hashes: new Map([['sha256', sha256]]) };
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
function contentPath(trusted: TrustedMetadata, path: string, { hashes }: SignedContent): string {
  const digest = hashes.get('sha256') ?? hashes.get('sha512') ?? '';
  return trusted.root.value.consistentSnapshot
    ? `targets/${targetUrlPath(path, digest)}`
    : `targets/${path.split('/').map(encodeURIComponent).join('/')}`;
}

export function isContent(bytes: Uint8Array, file: ExpectedContent, path: string): boolean {
  try {
    verifyContent(bytes, file, path);
    return true;
  } catch (error) {
    if (isTufError(error)) return false;
    throw error;
  }
}
