// Which paths differ between two trees. Equal subtrees have equal ids and are not read, so ten changed files of a
// hundred thousand cost some thirty objects.

import { type ObjectFormat, type ObjectId, objectId } from './object-id.ts';
import type { Tree, TreeEntry } from './tree.ts';

export interface ChangedPath {
  readonly path: string;
  /** Undefined when the path was not there. Never a tree: its files are given one by one. */
  readonly before: TreeEntry | undefined;
  /** Undefined when it is gone. */
  readonly after: TreeEntry | undefined;
}

/** Where trees come from, and how much of them is read. */
export interface TreeReader {
  readonly format: ObjectFormat;
  readTree(id: ObjectId): Promise<Tree>;
  /** Paths that are given at most, and folders inside one another. */
  readonly limits: { readonly paths: number; readonly depth: number };
  /** The error for what is past a limit: "more than 64 folders inside one another". */
  refuse(message: string, limit: number): Error;
}

/** The files, links and submodules that differ. A tree that is undefined is empty: all paths of the other are given. */
export async function* changedPaths(
  reader: TreeReader,
  before: ObjectId | undefined,
  after: ObjectId | undefined,
): AsyncGenerator<ChangedPath> {
  const { paths } = reader.limits;
  let count = 0;
  for await (const changed of walk(reader, before, after, '', 0)) {
    count += 1;
    if (count > paths) throw reader.refuse(`more than ${paths} changed paths`, paths);
    yield changed;
  }
}

async function* walk(
  reader: TreeReader,
  before: ObjectId | undefined,
  after: ObjectId | undefined,
  prefix: string,
  level: number,
): AsyncGenerator<ChangedPath> {
  if (before === after) return;
  const { depth } = reader.limits;
  if (level === depth) throw reader.refuse(`more than ${depth} folders inside one another`, depth);
  const [left, right] = await Promise.all([treeOf(reader, before), treeOf(reader, after)]);
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    const [from, to] = [left.get(name), right.get(name)];
    if (from?.id === to?.id && from?.kind === to?.kind) continue;
    const path = `${prefix}${name}`;
    const [gone, come] = [leafOf(from), leafOf(to)];
    if (gone !== undefined || come !== undefined) yield { path, before: gone, after: come };
    yield* walk(reader, subtreeOf(from), subtreeOf(to), `${path}/`, level + 1);
  }
}

async function treeOf(reader: TreeReader, id: ObjectId | undefined): Promise<Tree> {
  // Git need not have the empty tree among its objects.
  if (id === undefined || id === objectId('tree', new Uint8Array(0), reader.format)) return new Map();
  return reader.readTree(id);
}

function leafOf(entry: TreeEntry | undefined): TreeEntry | undefined {
  return entry?.kind === 'tree' ? undefined : entry;
}

function subtreeOf(entry: TreeEntry | undefined): ObjectId | undefined {
  return entry?.kind === 'tree' ? entry.id : undefined;
}
