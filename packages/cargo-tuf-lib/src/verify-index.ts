// A whole index folder against what was signed: every file must be there with its hash, and no other.

import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
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

/** A file as it was signed. Its hash is asked for when the file is compared. */
export interface SignedFile {
  readonly path: string;
  /** 64 hex digits. */
  sha256(): Promise<string>;
}

export interface ComparisonOptions {
  /** Paths that may be there and are not compared. */
  readonly ignored: readonly string[];
  readonly onProgress?: (done: number, total: number) => void;
}

const ENTRY_BYTES = 16 * 1024 * 1024;
/** Files read at once. */
const PARALLEL = 64;

export async function compareFolder(
  folder: string,
  signed: readonly SignedFile[],
  { ignored, onProgress }: ComparisonOptions,
): Promise<IndexReport> {
  const present = new Set(await listFiles(folder, ''));
  if (present.size === 0) throw fail('LIB_FILE', `${folder}: holds no index`);
  const changed: ChangedFile[] = [];
  const missing: string[] = [];
  let verified = 0;
  for (let at = 0; at < signed.length; at += PARALLEL) {
    for (const [path, seen, expected] of await hashesOf(folder, signed.slice(at, at + PARALLEL), present)) {
      present.delete(path);
      if (seen === undefined) missing.push(path);
      else if (seen === expected) verified += 1;
      else changed.push({ path, seen, expected });
    }
    onProgress?.(Math.min(at + PARALLEL, signed.length), signed.length);
  }
  for (const path of ignored) present.delete(path);
  return { verified, changed, missing, unsigned: [...present].sort() };
}

/** Path, hash of what lies there, and hash of what was signed. */
function hashesOf(
  folder: string,
  files: readonly SignedFile[],
  present: ReadonlySet<string>,
): Promise<readonly (readonly [path: string, seen: string | undefined, expected: string])[]> {
  return Promise.all(
    files.map(async file => {
      const { path } = file;
      const bytes = present.has(path) ? await readLocalFile(`${folder}/${path}`, ENTRY_BYTES) : undefined;
      return [path, bytes && encodeHex(sha256(bytes)), await file.sha256()] as const;
    }),
  );
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
