// What a new tree may change of what was trusted. History is no evidence, since an index squashes its own: the two trees are
// compared, and no version that is in both may have another checksum. Versions may come, be yanked, and go.

import { type IndexEntry, parseIndexEntry, parseIndexPath } from '@cargo-tuf/crate-index';
import { isTufError } from '@cargo-tuf/errors';
import { type ChangedPath, changedPaths, type ObjectId } from '@cargo-tuf/git-object';
import { fail } from './errors.ts';
import type { RegistryLimits } from './limits.ts';
import { readBlob, readTree } from './objects.ts';
import type { RegistrySource } from './source.ts';

export async function assertChecksumsKept(
  source: RegistrySource,
  before: ObjectId,
  after: ObjectId,
  limits: RegistryLimits,
): Promise<void> {
  const reader = {
    format: source.format,
    readTree: (id: ObjectId) => readTree(source, id),
    limits: { paths: limits.changedPaths, depth: limits.depth },
    refuse: (message: string, limit: number) =>
      fail('REGISTRY_LIMIT', `index: ${message}`, { details: { limit } }),
  };
  for await (const changed of changedPaths(reader, before, after)) {
    if (isIndexPath(changed.path)) await assertEntryKept(source, changed, limits);
  }
}

async function assertEntryKept(
  source: RegistrySource,
  { path, before, after }: ChangedPath,
  limits: RegistryLimits,
): Promise<void> {
  if (after === undefined) return;
  const found = await readEntry(source, path, after, limits);
  if (before === undefined) return;
  const known = new Map(
    (await readEntry(source, path, before, limits)).versions.map(({ vers, cksum }) => [
      withoutBuild(vers),
      cksum,
    ]),
  );
  for (const { name, vers, cksum } of found.versions) {
    const trusted = known.get(withoutBuild(vers));
    if (trusted === undefined || trusted === cksum) continue;
    throw fail('REGISTRY_CHECKSUM', `${name} ${vers}: checksum ${cksum}, trusted ${trusted}`, {
      details: { path, name, version: vers, found: cksum, trusted },
    });
  }
}

async function readEntry(
  source: RegistrySource,
  path: string,
  entry: NonNullable<ChangedPath['after']>,
  limits: RegistryLimits,
): Promise<IndexEntry> {
  return parseIndexEntry(path, await readBlob(source, path, entry, limits.entryBytes));
}

/** Cargo takes 1.0.0+a and 1.0.0+b for one version, and so does an index. */
function withoutBuild(version: string): string {
  return version.split('+', 1)[0] ?? version;
}

/** Other files of an index, such as its own metadata or a README, are no entries. */
export function isIndexPath(path: string): boolean {
  try {
    parseIndexPath(path);
    return true;
  } catch (error) {
    if (isTufError(error, 'INDEX_PATH', 'INDEX_NAME')) return false;
    throw error;
  }
}
