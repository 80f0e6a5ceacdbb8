// Which paths differ between two trees. Trees of one id are not read: ten changed files cost some thirty objects.

import { type ObjectId, objectId, type Tree, type TreeEntry } from '@cargo-tuf/git-object';
import { fail } from './errors.ts';
import type { RegistryLimits } from './limits.ts';
import { readTree } from './objects.ts';
import type { RegistrySource } from './source.ts';

export interface ChangedPath {
  readonly path: string;
  /** Undefined when it was not there. Never a tree. */
  readonly before: TreeEntry | undefined;
  readonly after: TreeEntry | undefined;
}

export async function* changedPaths(
  source: RegistrySource,
  before: ObjectId,
  after: ObjectId,
  limits: RegistryLimits,
): AsyncGenerator<ChangedPath> {
  let count = 0;
  for await (const changed of walk(source, before, after, '', limits.depth)) {
    count += 1;
    if (count > limits.changedPaths)
      throw fail('REGISTRY_LIMIT', `index: more than ${limits.changedPaths} changed files`);
    yield changed;
  }
}

async function* walk(
  source: RegistrySource,
  before: ObjectId | undefined,
  after: ObjectId | undefined,
  prefix: string,
  depth: number,
): AsyncGenerator<ChangedPath> {
  if (before === after) return;
  if (depth === 0) throw fail('REGISTRY_LIMIT', 'index: too many folders inside one another');
  const [left, right] = await Promise.all([treeOf(source, before), treeOf(source, after)]);
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    const [from, to] = [left.get(name), right.get(name)];
    if (from?.id === to?.id && from?.kind === to?.kind) continue;
    const path = `${prefix}${name}`;
    const [gone, come] = [leafOf(from), leafOf(to)];
    if (gone !== undefined || come !== undefined) yield { path, before: gone, after: come };
    yield* walk(source, subtreeOf(from), subtreeOf(to), `${path}/`, depth - 1);
  }
}

async function treeOf(source: RegistrySource, id: ObjectId | undefined): Promise<Tree> {
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
