// Files that spare clients requests and proofs: bundles of roles, and what changed in the last versions of the map (docs/pouf.md,
// sections 2.3 and 5.2). Clients do without those that are wrong, so nothing else would tell.

import type { Snapshot } from '@cargo-tuf/client';
import { isTufError } from '@cargo-tuf/errors';
import { decodeHex, encodeHex, sha256 } from '@cargo-tuf/keys';
import { changesPath } from '@cargo-tuf/merkle-snapshot';
import { unpackBundle } from '@cargo-tuf/metadata';
import type { PublishedBytes } from '@cargo-tuf/repository';
import type { Difference } from './verify-published.ts';

/** What is wrong with the files that the snapshot names or goes with. */
export async function verifySpares(
  snapshot: Snapshot,
  bytes: PublishedBytes,
): Promise<readonly Difference[]> {
  const differences: Difference[] = [];
  const differs = (path: string, message: string): void => {
    differences.push({ subject: path, code: 'ADMIN_DIFFERS', message: `public/${path}: ${message}` });
  };
  const { changes = new Map() } = snapshot.delegated('crates')?.value.map ?? {};
  for (const file of changes.values()) {
    const path = changesPath(decodeHex(file.sha256));
    const found = await bytes.get(path);
    if (found === null) differs(path, 'is missing');
    else if (found.tag !== file.sha256) differs(path, `sha256 ${found.tag}, expected ${file.sha256}`);
  }
  const path = `metadata/${snapshot.versions.snapshot}.bundle`;
  const bundle = await bytes.get(path);
  const seen = bundle === null ? undefined : contentHash(bundle.bytes);
  const expected = await rolesHash(snapshot, bytes);
  if (bundle === null) differs(path, 'is missing');
  else if (seen !== expected) differs(path, 'holds other roles than those that stand beside it');
  return differences;
}

function contentHash(bundle: Uint8Array): string | undefined {
  try {
    return encodeHex(sha256(unpackBundle(bundle)));
  } catch (error) {
    if (isTufError(error)) return undefined;
    throw error;
  }
}

async function rolesHash(snapshot: Snapshot, bytes: PublishedBytes): Promise<string> {
  const roles = [
    (await bytes.get(`metadata/${snapshot.versions.snapshot}.snapshot.json`))?.bytes,
    snapshot.targets.bytes,
    snapshot.delegated('claims')?.bytes,
    snapshot.delegated('crates')?.bytes,
  ];
  return encodeHex(sha256(Buffer.concat(roles.map(role => role ?? new Uint8Array(0)))));
}
