// Many small files at once: written by two threads, and then the whole file system is synced once, which is when they are
// durable. Where no program does that, each file and folder is synced by itself.

import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { type BulkFile, linkAll } from './link-files.ts';
import { type LinkLane, linkLane } from './link-lane.ts';
import { syncPath } from './local-file.ts';

/** Slices that are written before another thread is worth its start. */
const ALONE = 4;
/** Slices that a thread has at a time: while it writes one, the other is on its way. */
const AHEAD = 2;

export interface LinkOptions {
  /** Two names on the file system of the files, which nobody else uses. */
  readonly temporaries: readonly [string, string];
  /** The thread that helps, started if `isWorthIt`; the program's own unless given. */
  readonly lane?: (isWorthIt: boolean) => LinkLane | undefined;
}

/**
 * Gives each file its name if nothing has it (`linkAll`), slice by slice while they are made, and tells for each, in their order,
 * whether it did. After an error, of which the first is thrown, nothing is under way.
 */
export async function linkSlices(
  slices: AsyncIterable<readonly BulkFile[]>,
  { temporaries: [here, there], lane = linkLane }: LinkOptions,
): Promise<readonly boolean[]> {
  const linked: Promise<readonly boolean[]>[] = [];
  let hasFailed = false;
  const link = async (files: readonly BulkFile[]): Promise<readonly boolean[]> => {
    const helper = lane(linked.length >= ALONE);
    const isFree = helper !== undefined && helper.waiting < AHEAD;
    return (isFree ? await helper.link(files, there) : undefined) ?? linkAll(files, here);
  };
  try {
    for await (const files of slices) {
      const work = link(files);
      work.catch(() => (hasFailed = true));
      linked.push(work);
      // Progress, signals and answers have their turn.
      await new Promise<void>(resolve => setImmediate(resolve));
      if (hasFailed) break;
    }
  } finally {
    await Promise.allSettled(linked);
  }
  return (await Promise.all(linked)).flat();
}

/** Makes files, and the names that lead to them, durable. `folder` is on their file system. */
export async function syncAll(files: readonly string[], folder: string): Promise<void> {
  if (await syncFileSystem(folder)) return;
  for (const path of [...files, ...new Set(files.map(file => dirname(file)))]) await syncPath(path);
}

/** Makes the removal of files from these folders durable. `root` is on their file system. */
export async function syncFolders(folders: Iterable<string>, root: string): Promise<void> {
  if (await syncFileSystem(root)) return;
  for (const folder of folders) await syncPath(folder);
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
