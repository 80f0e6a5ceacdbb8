// Commits and tags, as git makes them, without their signatures.

import {
  editTree,
  formatCommit,
  formatTag,
  type Identity,
  type ObjectId,
  type TreeChanges,
  type TreeEntry,
} from '@cargo-tuf/git-object';
import { escapeText } from '@cargo-tuf/errors';
import { fail } from '../errors.ts';
import { REGISTRY_LIMITS } from '../limits.ts';
import { readTree } from '../objects.ts';
import type { OperatorContext } from './context.ts';
import type { Draft } from './draft.ts';
import { encodeText } from './text.ts';

/** Contents by path from the root of the index; null takes a file away. */
export type FileChanges = ReadonlyMap<string, Uint8Array | null>;

/** The tree with these changes, in the draft. Throws `REGISTRY_PATH`. */
export async function changeTree(
  draft: Draft,
  base: ObjectId | undefined,
  files: FileChanges,
): Promise<ObjectId> {
  const changes: TreeChanges = new Map(
    Array.from(files, ([path, bytes]): [string, TreeEntry | null] => [
      path,
      bytes === null ? null : { kind: 'file', id: draft.put('blob', bytes) },
    ]),
  );
  const editor = {
    format: draft.format,
    readTree: (id: ObjectId) => readTree(draft, id),
    splitPath,
    refuse: (name: string, kind: string, expected: string) =>
      fail('REGISTRY_PATH', `path: "${escapeText(name, 120)}" is a ${kind}, expected ${expected}`),
  };
  const { id, objects } = await editTree(editor, base, changes);
  for (const { type, bytes } of objects) draft.put(type, bytes);
  return id;
}

function splitPath(path: string): readonly string[] {
  const names = path.split('/');
  if (names.length <= REGISTRY_LIMITS.depth && !names.includes('')) return names;
  throw fail('REGISTRY_PATH', `path: "${escapeText(path, 120)}", expected names between slashes`);
}

export interface CommitParts {
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  /** Ends with a line feed. */
  readonly message: string;
}

/** Not put into the draft: it has no signatures yet. */
export function buildCommit(context: OperatorContext, { tree, parents, message }: CommitParts): Uint8Array {
  const author = identityOf(context);
  return formatCommit(
    { tree, parents, author, committer: author, mergeTags: [], message: encodeText(message) },
    context.repository.format,
  );
}

export function buildTag(context: OperatorContext, name: string, commit: ObjectId): Uint8Array {
  const tagger = identityOf(context);
  const message = encodeText(`Rotate the keys of the index\n`);
  return formatTag({ object: commit, type: 'commit', name, tagger, message }, context.repository.format);
}

function identityOf({ author, now }: OperatorContext): Identity {
  return { ...author, time: Math.floor(now / 1000), zone: '+0000' };
}
