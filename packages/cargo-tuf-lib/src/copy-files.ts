// The files of a verified commit in a repository of another object format: a commit without parents, whose message says of
// what it is a copy, so that the next copy costs as much as the change is large:
//
//   Copy of 5d5c…9e (sha256 objects)

import { formatCommit, isObjectId, type ObjectId, type TreeEntry } from '@cargo-tuf/git-object';
import {
  changedPaths,
  editTree,
  type GitObject,
  type GitRepository,
  readCommit,
} from '@cargo-tuf/git-transport';
import type { VerifiedRegistry } from '@cargo-tuf/registry-commits';
import { isTufError } from '@cargo-tuf/errors';
import { fail } from './errors.ts';

const MOST_PATHS = 1_000_000;
/** Objects and bytes that are written at once. */
const BATCH = { objects: 10_000, bytes: 64 * 1024 * 1024 };

export async function copyFiles(
  from: GitRepository,
  registry: VerifiedRegistry,
  to: GitRepository,
  before: ObjectId | undefined,
): Promise<ObjectId> {
  const base = before && (await readCopy(from, to, before));
  if (before !== undefined && base?.original === registry.commit) return before;
  const changes = new Map<string, TreeEntry | null>();
  for await (const batch of batches(from, base?.originalTree, registry.tree)) {
    const ids = await to.writeAll(batch.flatMap(({ object }) => (object === undefined ? [] : [object])));
    let at = 0;
    for (const { path, object } of batch)
      changes.set(path, object === undefined ? null : { kind: 'file', id: ids[at++] as ObjectId });
  }
  const edited = await editTree(to, base?.tree, changes);
  await to.writeAll(edited.objects);
  const who = { name: 'cargo-tuf', email: 'cargo-tuf@localhost', time: 0, zone: '+0000' };
  const message = new TextEncoder().encode(`Copy of ${registry.commit} (${from.format} objects)\n`);
  const commit = { tree: edited.id, parents: [], author: who, committer: who, mergeTags: [], message };
  return to.write('commit', formatCommit(commit, to.format));
}

interface Copy {
  readonly tree: ObjectId;
  readonly original: ObjectId;
  readonly originalTree: ObjectId;
}

/** An earlier copy, where what it is a copy of is still here. */
async function readCopy(from: GitRepository, to: GitRepository, id: ObjectId): Promise<Copy | undefined> {
  const { tree, message } = await readCommit(to, id);
  const original = /^Copy of ([0-9a-f]{64}) /.exec(new TextDecoder().decode(message))?.[1];
  if (original === undefined || !isObjectId(original, from.format)) return undefined;
  try {
    return { tree, original, originalTree: (await readCommit(from, original)).tree };
  } catch (error) {
    if (isTufError(error, 'GIT_MISSING')) return undefined;
    throw error;
  }
}

interface CopiedFile {
  readonly path: string;
  /** Undefined: the path is gone. */
  readonly object: GitObject | undefined;
}

async function* batches(
  from: GitRepository,
  before: ObjectId | undefined,
  after: ObjectId,
): AsyncGenerator<readonly CopiedFile[]> {
  let batch: CopiedFile[] = [];
  let size = 0;
  for await (const { path, after: entry } of changedPaths(from, before, after, { limit: MOST_PATHS })) {
    if (entry !== undefined && entry.kind !== 'file')
      throw fail('LIB_CLONE', `${path}: of kind ${entry.kind}, expected a file`);
    const object = entry && (await from.read(entry.id));
    batch.push({ path, object });
    size += object?.bytes.length ?? 0;
    if (batch.length < BATCH.objects && size < BATCH.bytes) continue;
    yield batch;
    [batch, size] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}
