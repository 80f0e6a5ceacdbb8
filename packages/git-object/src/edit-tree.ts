// Another tree from one that is there: only the trees on the way to what changes are made.

import { type ObjectFormat, type ObjectId, objectId } from './object-id.ts';
import { formatTree, type Tree, type TreeEntry } from './tree.ts';

export interface EditedTree {
  readonly id: ObjectId;
  /** The trees to write, those inside first. */
  readonly objects: readonly { readonly type: 'tree'; readonly bytes: Uint8Array }[];
}

/** Where the trees on the way come from. */
export interface TreeEditor {
  readonly format: ObjectFormat;
  readTree(id: ObjectId): Promise<Tree>;
  /** The names of a path such as "it/oa/itoa", none of them empty; or throws. */
  splitPath(path: string): readonly string[];
  /** The error for a file where a folder would be, or the other way round. */
  refuse(name: string, kind: string, expected: string): Error;
}

/** Entries by path; null removes. A file and a folder of one name give way to each other only when removed. */
export type TreeChanges = ReadonlyMap<string, TreeEntry | null>;

/** `base` undefined is the empty tree. Folders that become empty go. */
export async function editTree(
  editor: TreeEditor,
  base: ObjectId | undefined,
  changes: TreeChanges,
): Promise<EditedTree> {
  const objects: EditedTree['objects'][number][] = [];
  const id = await edit(
    editor,
    base,
    Array.from(changes, ([path, entry]) => [editor.splitPath(path), entry] as const),
    objects,
  );
  if (id !== undefined) return { id, objects };
  return { id: emptyTree(editor), objects: [{ type: 'tree', bytes: new Uint8Array(0) }] };
}

type Change = readonly [names: readonly string[], entry: TreeEntry | null];

/** Undefined when the tree becomes empty. */
async function edit(
  editor: TreeEditor,
  base: ObjectId | undefined,
  changes: readonly Change[],
  objects: EditedTree['objects'][number][],
): Promise<ObjectId | undefined> {
  const isEmpty = base === undefined || base === emptyTree(editor);
  const tree = new Map(isEmpty ? [] : await editor.readTree(base));
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
    if (below !== undefined && below.kind !== 'tree') throw editor.refuse(name, below.kind, 'a folder');
    const id = await edit(editor, below?.id, inside, objects);
    if (id === undefined) tree.delete(name);
    else tree.set(name, { kind: 'tree', id });
  }
  for (const [name, entry] of placed) {
    if (tree.get(name)?.kind === 'tree' && entry.kind !== 'tree')
      throw editor.refuse(name, 'tree', 'no files in it');
    tree.set(name, entry);
  }
  if (tree.size === 0) return undefined;
  const bytes = formatTree(tree, editor.format);
  objects.push({ type: 'tree', bytes });
  return objectId('tree', bytes, editor.format);
}

function emptyTree({ format }: TreeEditor): ObjectId {
  return objectId('tree', new Uint8Array(0), format);
}
