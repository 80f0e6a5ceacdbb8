import { escapeText } from '@cargo-tuf/errors';
import { type EditedTree, editTree as edit, type ObjectId, type TreeChanges } from '@cargo-tuf/git-object';
import { fail } from './errors.ts';
import { type ObjectSource, readTree, splitPath } from './history.ts';

/** As `editTree` of git-object, with the trees of a repository. Throws `GIT_PATH`. */
export function editTree(
  source: ObjectSource,
  base: ObjectId | undefined,
  changes: TreeChanges,
): Promise<EditedTree> {
  const editor = {
    format: source.format,
    readTree: (id: ObjectId) => readTree(source, id),
    splitPath,
    refuse: (name: string, kind: string, expected: string) =>
      fail('GIT_PATH', `path: "${escapeText(name, 120)}" is a ${kind}, expected ${expected}`),
  };
  return edit(editor, base, changes);
}
