// Making room: what was used least recently goes first.

import type { FileSystem, FolderEntry } from './file-system.ts';

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
