// A whole index folder against the signed map: every leaf's file must be there with its hash, and no other crate's.

import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { Snapshot } from '@cargo-tuf/client';
import { indexPath } from '@cargo-tuf/crate-index';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { fail } from './errors.ts';
import { isMissing, readLocalFile } from './files.ts';

export interface IndexReport {
  /** Files that are as signed. */
  readonly verified: number;
  /** Files that differ from what was signed. */
  readonly changed: readonly ChangedFile[];
  /** Index paths that were signed and are not there. */
  readonly missing: readonly string[];
  /** Index paths that are there and were not signed. */
  readonly unsigned: readonly string[];
}

export interface ChangedFile {
  readonly path: string;
  /** SHA-256, 64 hex digits. */
  readonly seen: string;
  readonly expected: string;
}

const ENTRY_BYTES = 16 * 1024 * 1024;

/** Files other than crates that a registry keeps in its index folder. */
const OTHER_FILES: readonly string[] = ['config.json'];

export async function verifyIndexFolder(
  snapshot: Snapshot,
  folder: string,
  onProgress?: (done: number, total: number) => void,
): Promise<IndexReport> {
  const present = new Set(await listFiles(folder, ''));
  if (present.size === 0) throw fail('LIB_FILE', `${folder}: holds no index`);
  const tree = await snapshot.tree();
  const changed: ChangedFile[] = [];
  const missing: string[] = [];
  let verified = 0;
  let done = 0;
  for (const leaf of tree.leaves()) {
    const path = indexPath(leaf.name);
    done += 1;
    onProgress?.(done, tree.size);
    if (leaf.kind === 'tombstone') continue;
    const bytes = present.delete(path) ? await readLocalFile(`${folder}/${path}`, ENTRY_BYTES) : undefined;
    if (bytes === undefined) {
      missing.push(path);
      continue;
    }
    const seen = encodeHex(sha256(bytes));
    const expected = encodeHex(leaf.sha256);
    if (seen === expected) verified += 1;
    else changed.push({ path, seen, expected });
  }
  for (const path of OTHER_FILES) present.delete(path);
  return { verified, changed, missing, unsigned: [...present].sort() };
}

/** Regular files below a folder as slash-separated paths; what starts with a dot is no part of an index. */
async function listFiles(folder: string, below: string): Promise<string[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(`${folder}/${below}`, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw fail('LIB_FILE', `${folder}/${below}: cannot be read`, { cause: error });
  }
  const files: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) files.push(...(await listFiles(folder, path)));
    else files.push(path);
  }
  return files;
}
