// Which paths differ between two trees. Equal subtrees have equal ids and are not read, so ten changed files of a
// hundred thousand cost some thirty objects.

import { type ObjectId, objectId, type Tree, type TreeEntry } from '@cargo-tuf/git-object';
import { fail } from './errors.ts';
import { type ObjectSource, PATH_DEPTH, readTree } from './history.ts';

export interface ChangedPath {
  readonly path: string;
  /** Undefined when the path was not there. Never a tree: its files are given one by one. */
  readonly before: TreeEntry | undefined;
  /** Undefined when it is gone. */
  readonly after: TreeEntry | undefined;
}

/**
 * The files, links and submodules that differ. A tree that is undefined is empty: all paths of the other are given.
 * Throws `GIT_LIMIT` after `limit` paths.
 */
export async function* changedPaths(
  source: ObjectSource,
  before: ObjectId | undefined,
  after: ObjectId | undefined,
  options: { readonly limit: number },
): AsyncGenerator<ChangedPath> {
  let count = 0;
  for await (const changed of walk(source, before, after, '', 0)) {
    count += 1;
    if (count > options.limit)
      throw fail('GIT_LIMIT', `changed paths: more than ${options.limit}`, {
        details: { limit: options.limit },
      });
    yield changed;
  }
}

async function* walk(
  source: ObjectSource,
  before: ObjectId | undefined,
  after: ObjectId | undefined,
  prefix: string,
  depth: number,
): AsyncGenerator<ChangedPath> {
  if (before === after) return;
  if (depth === PATH_DEPTH) throw fail('GIT_LIMIT', `tree: more than ${PATH_DEPTH} levels`);
  const [left, right] = await Promise.all([treeOf(source, before), treeOf(source, after)]);
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    const [from, to] = [left.get(name), right.get(name)];
    if (from?.id === to?.id && from?.kind === to?.kind) continue;
    const path = `${prefix}${name}`;
    const [gone, come] = [leafOf(from), leafOf(to)];
    if (gone !== undefined || come !== undefined) yield { path, before: gone, after: come };
    yield* walk(source, subtreeOf(from), subtreeOf(to), `${path}/`, depth + 1);
  }
}

async function treeOf(source: ObjectSource, id: ObjectId | undefined): Promise<Tree> {
  // Git need not have the empty tree among its objects.
  if (id === undefined || id === objectId('tree', new Uint8Array(0), source.format)) return new Map();
  return readTree(source, id);
}

function leafOf(entry: TreeEntry | undefined): TreeEntry | undefined {
  return entry?.kind === 'tree' ? undefined : entry;
}

function subtreeOf(entry: TreeEntry | undefined): ObjectId | undefined {
  return entry?.kind === 'tree' ? entry.id : undefined;
}
