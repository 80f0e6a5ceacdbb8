// A file appears under its name with all its bytes, or not at all: it is written under a name that nobody reads,
// put on the disk, and moved.

import { randomBytes } from 'node:crypto';
import { fail } from './errors.ts';
import type { FileSystem } from './file-system.ts';

/**
 * Puts `bytes` at `target`, which is inside the store's `folder`, whose folder of temporary files is there. When `durable`,
 * they survive a loss of power once `fileSystem.sync` of the target's folder has returned.
 */
export async function moveIntoPlace(
  fileSystem: FileSystem,
  folder: string,
  target: string,
  bytes: Uint8Array,
  durable: boolean,
): Promise<void> {
  const temporary = `${folder}/temporary/${randomBytes(16).toString('hex')}`;
  if (!(await fileSystem.create(temporary, bytes))) {
    throw fail('STORE_UNWRITABLE', `${temporary}: exists, expected a name of our own`, {
      details: { path: temporary },
    });
  }
  if (durable) await fileSystem.sync(temporary, 'file');
  await fileSystem.rename(temporary, target);
}

/** A real folder of ours, made where it is missing. */
export async function ensureFolder(fileSystem: FileSystem, path: string): Promise<void> {
  await fileSystem.makeFolder(path);
  await fileSystem.checkFolder(path);
}
