// An index that exists already, as a folder: a checkout of a git index, or a copy of a sparse one. Every file is an entry
// at its index path, in lower case; config.json and names that start with a dot are not taken.

import { readdir } from 'node:fs/promises';
import { INDEX_LIMITS, parseIndexPath } from '@cargo-tuf/crate-index';
import { escapeText } from '@cargo-tuf/errors';
import { about, fail } from './errors.ts';
import { isFolder, readExistingFile, unusable } from './local-file.ts';
import type { Taking } from './seen-files.ts';

/** Lower-case crate name to the bytes of its entry; with `taking`, of those that are new to it. */
export async function readIndexFolder(
  folder: string,
  taking?: Taking,
): Promise<ReadonlyMap<string, Uint8Array>> {
  if (!isFolder(folder))
    throw fail('ADMIN_FILE', `${escapeText(folder)}: no folder`, { details: { path: folder } });
  const entries = new Map<string, Uint8Array>();
  for await (const path of filesOf(folder, '', 0)) {
    if (path === 'config.json') continue;
    if (taking?.take(`${folder}/${path}`) === false) continue;
    const name = await about(escapeText(`${folder}/${path}`), () => parseIndexPath(path));
    entries.set(name, readExistingFile(`${folder}/${path}`, INDEX_LIMITS.entryBytes));
  }
  return entries;
}

/** Directories above an entry: "it/oa". */
const DEEPEST = 2;

async function* filesOf(folder: string, prefix: string, depth: number): AsyncGenerator<string> {
  for (const item of await listFolder(`${folder}/${prefix}`)) {
    if (item.name.startsWith('.')) continue;
    const path = `${prefix}${item.name}`;
    if (item.isDirectory() && depth < DEEPEST) yield* filesOf(folder, `${path}/`, depth + 1);
    else yield path;
  }
}

async function listFolder(
  path: string,
): Promise<readonly { readonly name: string; isDirectory(): boolean }[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    throw unusable(path, error);
  }
}
