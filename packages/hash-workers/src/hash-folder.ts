import { readdir } from 'node:fs/promises';
import type { FolderPart } from './file-tasks.ts';
import { spread, withLanes } from './lanes.ts';

export interface FolderOptions {
  /** Longest file that is read, in bytes. */
  readonly limit: number;
  /** Threads; 0: the caller's own. As many as there are cores if absent. */
  readonly workers?: number | undefined;
  /**
   * The seal of a part by its `below`, from an earlier run. The files of a part that still has it are not read. Without it,
   * parts have no seal.
   */
  readonly sealOf?: ((below: string) => string | undefined) | undefined;
}

/**
 * Hashes every file below a folder in one pass. `accept` takes a part for each folder that lies in `root`, and one for the
 * files that lie in `root` itself, in the order in which they are done; memory holds a few parts. Throws what the file system
 * throws for a folder that cannot be listed, and what `accept` throws.
 */
export async function hashFolder(
  root: string,
  { limit, workers, sealOf }: FolderOptions,
  accept: (part: FolderPart) => void | Promise<void>,
): Promise<void> {
  const entries = await readdir(root, { withFileTypes: true });
  const folders = entries.filter(each => each.isDirectory() && !each.name.startsWith('.'));
  await withLanes(workers, lanes =>
    spread(lanes, ['', ...folders.map(each => each.name)], async (lane, below) =>
      accept(
        await lane.call('hashFolder', {
          root,
          below,
          limit,
          isSealed: sealOf !== undefined,
          seal: sealOf?.(below),
        }),
      ),
    ),
  );
}
