// Many small files at once. Written one by one without waiting, they cost a fraction of what promises and a sync of each cost; then
// the whole file system is synced once, which is when they are durable. Where no program does that, each file and folder is
// synced by itself.

import { execFile } from 'node:child_process';
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  linkSync,
  openSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { systemCode } from './errors.ts';
import { syncPath, unusable } from './local-file.ts';

export interface BulkFile {
  /** Where it shall stand; its folder is there. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

/**
 * Gives each file its name if nothing has it, and tells for each whether it did. A file appears whole: it is written as
 * `temporary`, on the same file system, and then linked.
 */
export function linkAll(files: readonly BulkFile[], temporary: string): readonly boolean[] {
  return files.map(({ file, bytes }) => {
    writeTemporary(temporary, bytes);
    try {
      linkSync(temporary, file);
      return true;
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw unusable(file, error);
    } finally {
      unlinkSync(temporary);
    }
  });
}

/** Makes files, and the names that lead to them, durable. `folder` is on their file system. */
export async function syncAll(files: readonly BulkFile[], folder: string): Promise<void> {
  if (await syncFileSystem(folder)) return;
  const folders = new Set(files.map(({ file }) => dirname(file)));
  for (const path of [...files.map(({ file }) => file), ...folders]) await syncPath(path);
}

/** Makes the removal of files from these folders durable. `root` is on their file system. */
export async function syncFolders(folders: Iterable<string>, root: string): Promise<void> {
  if (await syncFileSystem(root)) return;
  for (const folder of folders) await syncPath(folder);
}

/** Readable for a server of another user. */
const MODE = 0o644;

function writeTemporary(temporary: string, bytes: Uint8Array): void {
  try {
    const file = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, MODE);
    try {
      fchmodSync(file, MODE);
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      // Windows syncs a file by a handle that may write, and has no other program for it.
      if (process.platform === 'win32') fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unusable(temporary, error);
  }
}

/** syncfs(2), by the program that does it. False where there is none. */
async function syncFileSystem(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  try {
    await promisify(execFile)('sync', ['--file-system', folder]);
    return true;
  } catch {
    return false;
  }
}
