// The files beside a `.git`: whether they are as a commit has them, and how they follow a branch that moved. `read-tree` runs
// no hooks, and filters would need settings that config-file.ts refuses.

import { type ObjectId, objectId } from '@cargo-tuf/git-object';
import { isTufError } from '@cargo-tuf/errors';
import type { Commands } from './commands.ts';
import { fail } from './errors.ts';

/** `undefined` for a commit is the state before the first: no files. */
export interface WorkTree {
  /** Whether the files that git tracks, and those that are staged, are the commit's. Others do not count. */
  isAt(commit: ObjectId | undefined): Promise<boolean>;
  /** Throws `GIT_WORK_TREE` when `move` would overwrite something. Changes nothing. */
  assertMovable(from: ObjectId | undefined, to: ObjectId): Promise<void>;
  move(from: ObjectId | undefined, to: ObjectId): Promise<void>;
}

export function openWorkTree(commands: Commands, folder: string): WorkTree {
  const run = (words: readonly string[], codes: readonly number[] = [0]) =>
    commands.run({ words, codes, workTree: folder, milliseconds: commands.limits.fetchMs });
  const idOf = (commit: ObjectId | undefined) =>
    commit ?? objectId('tree', new Uint8Array(0), commands.format);
  const readTree = async (from: ObjectId | undefined, to: ObjectId, ...how: readonly string[]) => {
    try {
      await run(['read-tree', ...how, '-m', '-u', idOf(from), to]);
    } catch (cause) {
      if (!isTufError(cause, 'GIT_FAILED')) throw cause;
      throw fail('GIT_WORK_TREE', `working tree: cannot follow: ${String(cause.details['stderr'])}`, {
        cause,
      });
    }
  };
  return {
    isAt: async commit => {
      await run(['update-index', '-q', '--refresh'], [0, 1]);
      for (const how of [['--cached'], []]) {
        const { code } = await run(['diff-index', '--quiet', ...how, idOf(commit), '--'], [0, 1]);
        if (code !== 0) return false;
      }
      return true;
    },
    assertMovable: (from, to) => readTree(from, to, '-n'),
    move: (from, to) => readTree(from, to),
  };
}
