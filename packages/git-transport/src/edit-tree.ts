// Another tree from one that is there: only the trees on the way to what changes are made.

import { escapeText } from '@cargo-tuf/errors';
import { formatTree, type ObjectId, objectId, type TreeEntry } from '@cargo-tuf/git-object';
import { fail } from './errors.ts';
import { type ObjectSource, readTree, splitPath } from './history.ts';
import type { GitObject } from './object-reader.ts';

export interface EditedTree {
  readonly id: ObjectId;
  /** The trees to write, those inside first. */
  readonly objects: readonly GitObject[];
}

/** Entries by path; null removes. A file and a folder of one name give way to each other only when removed. */
export type TreeChanges = ReadonlyMap<string, TreeEntry | null>;

/** `base` undefined is the empty tree. Folders that become empty go. Throws `GIT_PATH`. */
export async function editTree(
  source: ObjectSource,
  base: ObjectId | undefined,
  changes: TreeChanges,
): Promise<EditedTree> {
  const objects: GitObject[] = [];
  const id = await edit(
    source,
    base,
    Array.from(changes, ([path, entry]) => [splitPath(path), entry] as const),
    objects,
  );
  if (id !== undefined) return { id, objects };
  return { id: emptyTree(source), objects: [{ type: 'tree', bytes: new Uint8Array(0) }] };
}

type Change = readonly [names: readonly string[], entry: TreeEntry | null];

/** Undefined when the tree becomes empty. */
async function edit(
  source: ObjectSource,
  base: ObjectId | undefined,
  changes: readonly Change[],
  objects: GitObject[],
): Promise<ObjectId | undefined> {
  const isEmpty = base === undefined || base === emptyTree(source);
  const tree = new Map(isEmpty ? [] : await readTree(source, base));
  const deeper = new Map<string, Change[]>();
  const placed = new Map<string, TreeEntry>();
  for (const [[name = '', ...rest], entry] of changes) {
    if (rest.length > 0)
      deeper
        .set(name, deeper.get(name) ?? [])
        .get(name)
        ?.push([rest, entry]);
    else if (entry === null) tree.delete(name);
    else placed.set(name, entry);
  }
  for (const [name, inside] of deeper) {
    const below = tree.get(name);
    if (below !== undefined && below.kind !== 'tree') throw wrongKind(name, below.kind, 'a folder');
    const id = await edit(source, below?.id, inside, objects);
    if (id === undefined) tree.delete(name);
    else tree.set(name, { kind: 'tree', id });
  }
  for (const [name, entry] of placed) {
    if (tree.get(name)?.kind === 'tree' && entry.kind !== 'tree')
      throw wrongKind(name, 'tree', 'no files in it');
    tree.set(name, entry);
  }
  if (tree.size === 0) return undefined;
  const bytes = formatTree(tree, source.format);
  objects.push({ type: 'tree', bytes });
  return objectId('tree', bytes, source.format);
}

function wrongKind(name: string, kind: string, expected: string) {
  return fail('GIT_PATH', `path: "${escapeText(name, 120)}" is a ${kind}, expected ${expected}`);
}

function emptyTree({ format }: ObjectSource): ObjectId {
  return objectId('tree', new Uint8Array(0), format);
}
