import { type ChangedPath, changedPaths as walk, type ObjectId } from '@cargo-tuf/git-object';
import { fail } from './errors.ts';
import { type ObjectSource, PATH_DEPTH, readTree } from './history.ts';

/**
 * The files, links and submodules that differ. A tree that is undefined is empty: all paths of the other are given.
 * Throws `GIT_LIMIT` after `limit` paths, and for trees deeper than 64 folders.
 */
export function changedPaths(
  source: ObjectSource,
  before: ObjectId | undefined,
  after: ObjectId | undefined,
  { limit: paths }: { readonly limit: number },
): AsyncGenerator<ChangedPath> {
  const reader = {
    format: source.format,
    readTree: (id: ObjectId) => readTree(source, id),
    limits: { paths, depth: PATH_DEPTH },
    refuse: (message: string, limit: number) =>
      fail('GIT_LIMIT', `trees: ${message}`, { details: { limit } }),
  };
  return walk(reader, before, after);
}
