// Bytes that can be fetched again: tiles, targets, crates. `cache/<kind>/<first two digits>/<hash>`.
//
// Nothing in here is trusted: the caller verifies what it reads against the hash that it asked for. That is why
// these writes are not put on the disk one by one; a file torn by a loss of power is fetched again.

import { isTufError } from '@cargo-tuf/errors';
import { ensureFolder, moveIntoPlace } from './atomic-write.ts';
import { fail } from './errors.ts';
import type { FileSystem, FolderEntry } from './file-system.ts';
import { STORE_LIMITS } from './limits.ts';
import { isSha256 } from './manifest.ts';

export async function readCached(
  fileSystem: FileSystem,
  folder: string,
  kind: string,
  hash: string,
): Promise<Uint8Array | null> {
  try {
    return await fileSystem.read(`${cacheFolder(folder, kind, hash)}/${hash}`, STORE_LIMITS.cachedBytes);
  } catch (error) {
    if (isTufError(error, 'STORE_NOT_A_FILE')) return null;
    throw error;
  }
}

/** `known`: folders that need no look, since this process has looked at them before. */
export async function writeCached(
  fileSystem: FileSystem,
  folder: string,
  kind: string,
  hash: string,
  bytes: Uint8Array,
  known: Set<string>,
): Promise<void> {
  const target = cacheFolder(folder, kind, hash);
  const first = known.size === 0;
  // Each level is checked: a link planted at one of them would carry the file elsewhere.
  for (const level of [`${folder}/temporary`, `${folder}/cache`, `${folder}/cache/${kind}`, target]) {
    if (known.has(level)) continue;
    await ensureFolder(fileSystem, level);
    known.add(level);
  }
  try {
    await moveIntoPlace(fileSystem, folder, `${target}/${hash}`, bytes, false);
  } catch (error) {
    if (first) throw error;
    // Somebody may have removed a folder meanwhile.
    known.clear();
    await writeCached(fileSystem, folder, kind, hash, bytes, new Set());
  }
}

export interface Pruned {
  readonly keptBytes: number;
  readonly removedBytes: number;
}

/** Removes what was used least recently until at most `maxBytes` are left, and what crashed writers left behind. */
export async function pruneCache(fileSystem: FileSystem, folder: string, maxBytes: number): Promise<Pruned> {
  await removeAbandoned(fileSystem, `${folder}/temporary`);
  const files = await cachedFiles(fileSystem, `${folder}/cache`);
  files.sort((a, b) => b.used - a.used);
  let [keptBytes, removedBytes] = [0, 0];
  for (const { path, length } of files) {
    if (keptBytes + length <= maxBytes) keptBytes += length;
    else {
      await fileSystem.remove(path);
      removedBytes += length;
    }
  }
  return { keptBytes, removedBytes };
}

const ABANDONED_MS = 24 * 60 * 60 * 1000;

async function removeAbandoned(fileSystem: FileSystem, folder: string): Promise<void> {
  for (const { name, kind, written } of await fileSystem.list(folder)) {
    if (kind === 'file' && Date.now() - written > ABANDONED_MS) await fileSystem.remove(`${folder}/${name}`);
  }
}

interface CachedFile extends FolderEntry {
  readonly path: string;
}

async function cachedFiles(fileSystem: FileSystem, folder: string): Promise<CachedFile[]> {
  const files: CachedFile[] = [];
  for (const entry of await fileSystem.list(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.kind === 'folder') files.push(...(await cachedFiles(fileSystem, path)));
    else if (entry.kind === 'file') files.push({ ...entry, path });
  }
  return files;
}

function cacheFolder(folder: string, kind: string, hash: string): string {
  if (!/^[a-z]{1,16}$/.test(kind)) {
    throw fail('STORE_ARGUMENT', 'kind: not 1 to 16 letters a to z', { details: { length: kind.length } });
  }
  if (!isSha256(hash)) {
    throw fail('STORE_ARGUMENT', 'hash: not 64 lower-case hexadecimal digits', {
      details: { length: hash.length },
    });
  }
  return `${folder}/cache/${kind}/${hash.slice(0, 2)}`;
}
