// What commits and trees say, read from objects that were hashed again; git's own walks are not asked.

import { escapeText } from '@cargo-tuf/errors';
import {
  type Commit,
  type ObjectFormat,
  type ObjectId,
  parseCommit,
  parseTag,
  parseTree,
  type Tag,
  type Tree,
  type TreeEntry,
} from '@cargo-tuf/git-object';
import { fail } from './errors.ts';
import type { GitObject } from './object-reader.ts';

/** What a walk needs of a repository. `read` gives bytes that have the id that was asked for. */
export interface ObjectSource {
  readonly format: ObjectFormat;
  read(id: ObjectId): Promise<GitObject>;
}

/** Throws `GIT_WRONG_TYPE`, and what `parseCommit` throws. */
export async function readCommit(source: ObjectSource, id: ObjectId): Promise<Commit> {
  return parseCommit(await readTyped(source, id, 'commit'), source.format);
}

export async function readTag(source: ObjectSource, id: ObjectId): Promise<Tag> {
  return parseTag(await readTyped(source, id, 'tag'), source.format);
}

export async function readTree(source: ObjectSource, id: ObjectId): Promise<Tree> {
  return parseTree(await readTyped(source, id, 'tree'), source.format);
}

async function readTyped(source: ObjectSource, id: ObjectId, type: GitObject['type']): Promise<Uint8Array> {
  const object = await source.read(id);
  if (object.type === type) return object.bytes;
  throw fail('GIT_WRONG_TYPE', `object ${id}: a ${object.type}, expected a ${type}`, {
    details: { id, found: object.type, expected: type },
  });
}

export interface HistoryEntry {
  readonly id: ObjectId;
  readonly commit: Commit;
}

/**
 * The commit `tip` and its first parents, the latest first, down to `until`, which is not given, or to a commit without
 * parents. Whether `until` was met is for the caller to see: the last commit given has it as its parent.
 * Throws `GIT_LIMIT` after `limit` commits.
 */
export async function* firstParents(
  source: ObjectSource,
  tip: ObjectId,
  options: { readonly until?: ObjectId; readonly limit: number },
): AsyncGenerator<HistoryEntry> {
  let id: ObjectId | undefined = tip;
  for (let count = 0; id !== undefined && id !== options.until; count += 1) {
    if (count === options.limit)
      throw fail('GIT_LIMIT', `history of ${tip}: more than ${options.limit} commits`, { details: { tip } });
    const commit: Commit = await readCommit(source, id);
    yield { id, commit };
    id = commit.parents[0];
  }
}

/** The entry at a path such as "it/oa/itoa"; undefined when there is none. Throws `GIT_PATH` for what is no path. */
export async function findPath(
  source: ObjectSource,
  tree: ObjectId,
  path: string,
): Promise<TreeEntry | undefined> {
  let entry: TreeEntry | undefined = { kind: 'tree', id: tree };
  for (const name of splitPath(path)) {
    if (entry?.kind !== 'tree') return undefined;
    entry = (await readTree(source, entry.id)).get(name);
  }
  return entry;
}

/** Throws `GIT_PATH`. */
export function splitPath(path: string): readonly string[] {
  const names = path.split('/');
  if (names.length <= PATH_DEPTH && !names.includes('')) return names;
  throw fail(
    'GIT_PATH',
    `path: "${escapeText(path, 120)}", expected up to ${PATH_DEPTH} names between slashes`,
  );
}

/** Trees inside one another. */
export const PATH_DEPTH = 64;
