import { changedPaths, type ObjectId } from '@cargo-tuf/git-object';
import { fail } from '../errors.ts';
import { ROOT, TIMESTAMP } from '../files.ts';
import { readCommit, readTree } from '../objects.ts';
import type { RegistrySource } from '../source.ts';

/** Throws `REGISTRY_ROTATION_CONTENT` when a tree differs from that of `parent` in more than root.toml and timestamp.toml. */
export async function assertOnlyMetadata(
  source: RegistrySource,
  parent: ObjectId,
  tree: ObjectId,
): Promise<void> {
  const before = (await readCommit(source, parent)).commit.tree;
  const reader = {
    format: source.format,
    readTree: (id: ObjectId) => readTree(source, id),
    limits: { paths: 2, depth: 16 },
    refuse: (message: string, limit: number) =>
      fail('REGISTRY_ROTATION_CONTENT', `rotation: ${message}, expected root.toml and timestamp.toml`, {
        details: { limit },
      }),
  };
  for await (const { path } of changedPaths(reader, before, tree)) {
    if (path === ROOT || path === TIMESTAMP) continue;
    throw fail(
      'REGISTRY_ROTATION_CONTENT',
      `rotation: changes ${path}, expected root.toml and timestamp.toml`,
      {
        details: { path },
      },
    );
  }
}
