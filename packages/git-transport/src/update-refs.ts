// Refs move by compare-and-swap, all of one call or none: `git update-ref --stdin -z`, which takes names from its
// input, never from its command line.

import { isObjectId, type ObjectFormat, type ObjectId } from '@cargo-tuf/git-object';
import { isTufError } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { checkRefName } from './ref-lines.ts';
import type { Commands } from './commands.ts';

export interface RefUpdate {
  /** "refs/…"; a symbolic ref is replaced, not followed. */
  readonly name: string;
  /** Null: the ref goes. */
  readonly to: ObjectId | null;
  /** What it must be before; null: it must not exist. */
  readonly from: ObjectId | null;
}

/** Throws `GIT_REF_CONFLICT` when a ref is not what it must be. */
export async function updateRefs(commands: Commands, updates: readonly RefUpdate[]): Promise<void> {
  const { format } = commands;
  for (const { name } of updates) checkMovable(name);
  const input = updates.map(
    ({ name, to, from }) => `update ${name}\0${idOrZeros(to, format)}\0${idOrZeros(from, format)}\0`,
  );
  try {
    await commands.run({ words: ['update-ref', '--no-deref', '-z', '--stdin'], input: input.join('') });
  } catch (error) {
    if (!isTufError(error, 'GIT_FAILED')) throw error;
    throw fail('GIT_REF_CONFLICT', `refs: not updated: ${String(error.details['stderr'])}`, {
      details: { names: updates.map(update => update.name), stderr: error.details['stderr'] ?? '' },
      cause: error,
    });
  }
}

function checkMovable(name: string): void {
  checkRefName(name);
  if (name === 'HEAD') throw fail('GIT_REF_NAME', 'ref: HEAD, expected a name that begins with refs/');
}

export function idOrZeros(id: ObjectId | null, format: ObjectFormat): string {
  if (id === null) return '0'.repeat(format === 'sha1' ? 40 : 64);
  if (!isObjectId(id, format)) throw fail('GIT_REF_NAME', `ref: an id that is not of ${format}`);
  return id;
}
