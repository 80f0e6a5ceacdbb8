// A bare repository for the unmodified cargo, which reads an index as `file:///…/clone.git`. It holds the tip that was verified
// last and nothing that was not:
//
//   HEAD -> refs/heads/main       what cargo fetches; moves at once, when all that it leads to is there
//   refs/cargo-tuf/verified       the same, and the mark that this clone is ours to write
//
// cargo's libgit2 reads SHA-1 objects alone, and its fetch with the git program fails at another format as well
// (docs/adr/0010). The clone of a SHA-256 index therefore holds the same files in SHA-1 objects, in a commit of our own without
// parents. What they are was verified over SHA-256; nobody else writes the clone.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ObjectId } from '@cargo-tuf/git-object';
import { type GitOptions, type GitRepository, openGitRepository } from '@cargo-tuf/git-transport';
import type { VerifiedRegistry } from '@cargo-tuf/registry-commits';
import { isTufError } from '@cargo-tuf/errors';
import { copyFiles } from './copy-files.ts';
import { fail } from './errors.ts';
import { createRepository, type IndexRepository, isThere, tidyRepository } from './index-repository.ts';

export interface VerifiedClone {
  /** The absolute path of the bare repository. */
  readonly folder: string;
  /** What cargo's configuration takes as the address of a registry. */
  readonly url: string;
  /** The commit that was verified. */
  readonly verified: ObjectId;
  /** The commit at HEAD of the clone: the same, where the index has SHA-1 objects. */
  readonly commit: ObjectId;
}

const VERIFIED = 'refs/cargo-tuf/verified';
const MAIN = 'refs/heads/main';

/** Throws `LIB_CLONE` where something else stands in the folder. */
export async function writeClone(
  registry: VerifiedRegistry,
  objects: IndexRepository,
  target: string,
): Promise<VerifiedClone> {
  const folder = resolve(target);
  const clone = await openClone(folder);
  let commit: ObjectId;
  if (clone === undefined) {
    commit = registry.commit;
    await createRepository(folder, CLONE_OPTIONS, async made => {
      commit = await update(made, registry, objects);
    });
  } else {
    try {
      commit = await update(clone, registry, objects);
      await tidyRepository(clone);
    } finally {
      clone.close();
    }
  }
  return { folder, url: pathToFileURL(folder).href, verified: registry.commit, commit };
}

const CLONE_OPTIONS: GitOptions & { readonly format: 'sha1' } = { protocols: ['file'], format: 'sha1' };

async function openClone(folder: string): Promise<GitRepository | undefined> {
  if (!(await isThere(folder))) return undefined;
  try {
    const repository = await openGitRepository(folder, CLONE_OPTIONS);
    if ((await repository.ref(VERIFIED)) !== undefined) return repository;
    repository.close();
  } catch (error) {
    if (!isTufError(error, 'GIT_REPOSITORY')) throw error;
  }
  throw fail('LIB_CLONE', `${folder}: holds something else than a verified clone`);
}

/** The commit that cargo sees from here on. */
async function update(
  clone: GitRepository,
  registry: VerifiedRegistry,
  objects: IndexRepository,
): Promise<ObjectId> {
  const [main, verified] = [await clone.ref(MAIN), await clone.ref(VERIFIED)];
  const commit = await bring(clone, registry, objects, verified);
  // Also where somebody moved a ref of the clone: cargo is to see what was verified.
  await clone.updateRefs([
    { name: MAIN, to: commit, from: main ?? null },
    { name: VERIFIED, to: commit, from: (await clone.ref(VERIFIED)) ?? null },
  ]);
  return commit;
}

async function bring(
  clone: GitRepository,
  registry: VerifiedRegistry,
  objects: IndexRepository,
  before: ObjectId | undefined,
): Promise<ObjectId> {
  const source = await objects.open();
  if (source?.format === 'sha256') return copyFiles(source, registry, clone, before);
  const url = pathToFileURL(objects.folder).href;
  await clone.fetch({ url, refspecs: [{ from: registry.commit, to: VERIFIED }] });
  return registry.commit;
}
