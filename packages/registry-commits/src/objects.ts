// Commits, tags and files of a repository, by id and path.

import {
  type Commit,
  type ObjectId,
  parseCommit,
  parseTag,
  parseTree,
  signedPayload,
  type Tag,
  type Tree,
  type TreeEntry,
} from '@cargo-tuf/git-object';
import { fail } from './errors.ts';
import type { GitObject, RegistrySource } from './source.ts';

export interface SignedCommit {
  readonly commit: Commit;
  /** What `commit.signature` covers. */
  readonly payload: Uint8Array;
}

export async function readCommit(source: RegistrySource, id: ObjectId): Promise<SignedCommit> {
  const bytes = await readTyped(source, id, 'commit');
  const { payload } = signedPayload('commit', bytes, source.format);
  return { commit: parseCommit(bytes, source.format), payload };
}

export async function readTag(
  source: RegistrySource,
  id: ObjectId,
): Promise<{ readonly tag: Tag; readonly payload: Uint8Array }> {
  const bytes = await readTyped(source, id, 'tag');
  const { payload } = signedPayload('tag', bytes, source.format);
  return { tag: parseTag(bytes, source.format), payload };
}

export async function readTree(source: RegistrySource, id: ObjectId): Promise<Tree> {
  return parseTree(await readTyped(source, id, 'tree'), source.format);
}

async function readTyped(source: RegistrySource, id: ObjectId, type: GitObject['type']): Promise<Uint8Array> {
  const object = await source.read(id);
  if (object.type === type) return object.bytes;
  throw fail('REGISTRY_OBJECT_TYPE', `object ${id}: a ${object.type}, expected a ${type}`, {
    details: { id, found: object.type, expected: type },
  });
}

/** What stands at a path such as "it/oa/itoa"; undefined when nothing does. */
export async function findEntry(
  source: RegistrySource,
  tree: ObjectId,
  path: string,
): Promise<TreeEntry | undefined> {
  let entry: TreeEntry | undefined = { kind: 'tree', id: tree };
  for (const name of path.split('/')) {
    if (entry?.kind !== 'tree') return undefined;
    entry = (await readTree(source, entry.id)).get(name);
  }
  return entry;
}

/** The bytes of the file at a path; undefined when nothing is there. A link is no file. */
export async function readFile(
  source: RegistrySource,
  tree: ObjectId,
  path: string,
  limit: number,
): Promise<Uint8Array | undefined> {
  const entry = await findEntry(source, tree, path);
  return entry === undefined ? undefined : readBlob(source, path, entry, limit);
}

export async function readBlob(
  source: RegistrySource,
  path: string,
  entry: TreeEntry,
  limit: number,
): Promise<Uint8Array> {
  if (entry.kind !== 'file') {
    throw fail('REGISTRY_FILE_KIND', `${path}: of kind ${entry.kind}, expected a file`, {
      details: { path, kind: entry.kind },
    });
  }
  const bytes = await readTyped(source, entry.id, 'blob');
  if (bytes.length <= limit) return bytes;
  throw fail('REGISTRY_LIMIT', `${path}: ${bytes.length} bytes, expected at most ${limit}`, {
    details: { path, length: bytes.length, limit },
  });
}
