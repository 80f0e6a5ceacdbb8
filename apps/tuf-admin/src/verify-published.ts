// A client with no memory reads all that is published: the metadata, every tile of the map, every entry, every archive.

import type { Snapshot } from '@cargo-tuf/client';
import { type IndexVersion, indexPath, parseIndexEntry } from '@cargo-tuf/crate-index';
import { isTufError } from '@cargo-tuf/errors';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import type { PublishedBytes } from '@cargo-tuf/repository';
import { archivePath } from './crate-folder.ts';

export interface Difference {
  /** The crate or published file. */
  readonly subject: string;
  readonly code: string;
  readonly message: string;
}

export interface VerifyReport {
  readonly crates: number;
  readonly deleted: number;
  readonly versions: number;
  /** Archives whose checksum is as signed. */
  readonly archives: number;
  readonly differences: readonly Difference[];
}

const BATCH = 500;

/**
 * `archives`: whether the repository keeps archives itself, so that each must be there; where it does not, the `dl` of its
 * config.json says where they are.
 */
export async function verifyPublished(
  snapshot: Snapshot,
  bytes: PublishedBytes,
  options: {
    readonly archives: boolean;
    readonly onProgress: (done: number, total: number, name: string) => void;
  },
): Promise<VerifyReport> {
  const names: string[] = [];
  let deleted = 0;
  for (const leaf of (await snapshot.tree()).leaves()) {
    if (leaf.kind === 'tombstone') deleted += 1;
    else names.push(leaf.name);
  }
  const differences: Difference[] = [];
  const found = { versions: 0, archives: 0 };
  for (let start = 0; start < names.length; start += BATCH) {
    const batch = names.slice(start, start + BATCH);
    options.onProgress(start, names.length, batch[0] ?? '');
    for (const [name, versions] of await readEntries(snapshot, batch, differences)) {
      found.versions += versions.length;
      if (!options.archives) continue;
      for (const version of versions) {
        const difference = await compareArchive(bytes, version);
        if (difference === undefined) found.archives += 1;
        else differences.push({ ...difference, subject: `${name} ${version.vers}` });
      }
    }
  }
  return { crates: names.length, deleted, ...found, differences };
}

/** The versions of every crate whose entry is as signed; the others are told apart one by one. */
async function readEntries(
  snapshot: Snapshot,
  names: readonly string[],
  differences: Difference[],
): Promise<ReadonlyMap<string, readonly IndexVersion[]>> {
  try {
    const versions = new Map<string, readonly IndexVersion[]>();
    for (const [name, entry] of await snapshot.entries(names)) {
      if (entry === undefined) continue;
      versions.set(name, parseIndexEntry(indexPath(name), entry.bytes).versions);
    }
    return versions;
  } catch (error) {
    if (!isTufError(error)) throw error;
    const [only] = names;
    if (names.length > 1 || only === undefined) return readOneByOne(snapshot, names, differences);
    differences.push({ subject: only, code: error.code, message: error.message });
    return new Map();
  }
}

async function readOneByOne(
  snapshot: Snapshot,
  names: readonly string[],
  differences: Difference[],
): Promise<ReadonlyMap<string, readonly IndexVersion[]>> {
  const versions = new Map<string, readonly IndexVersion[]>();
  for (const name of names) {
    for (const [each, found] of await readEntries(snapshot, [name], differences)) versions.set(each, found);
  }
  return versions;
}

async function compareArchive(
  bytes: PublishedBytes,
  version: IndexVersion,
): Promise<Omit<Difference, 'subject'> | undefined> {
  const path = archivePath(version);
  try {
    const file = await bytes.get(path);
    if (file === null) return { code: 'ADMIN_DIFFERS', message: `public/${path}: is missing` };
    const seen = encodeHex(sha256(file.bytes));
    if (seen === version.cksum) return undefined;
    return { code: 'ADMIN_DIFFERS', message: `public/${path}: sha256 ${seen}, expected ${version.cksum}` };
  } catch (error) {
    if (!isTufError(error)) throw error;
    return { code: error.code, message: error.message };
  }
}
