// The refs of our repository of a signed git index. Those of a mirror are kept apart until they are verified:
//
//   refs/cargo-tuf/trusted                                        the commit that was verified last
//   refs/cargo-tuf/rotations/root-rotation-v1-3                   rotations that lead from the anchor to the trusted root.toml:
//                                                                 they are followed again each time, the store is not believed
//   refs/cargo-tuf/offered/<seconds>-<random>/tip                 what one update was offered
//   refs/cargo-tuf/offered/<seconds>-<random>/root-rotation-v1-4
//
// Each update has a name of its own, so that several processes can work in one repository. What a crash leaves is removed
// after a day.

import { isTufError } from '@cargo-tuf/errors';
import type { ObjectId } from '@cargo-tuf/git-object';
import type { GitRepository, Ref, RefUpdate } from '@cargo-tuf/git-transport';
import { type RegistrySource, rotationTag } from '@cargo-tuf/registry-commits';

const ALL = 'refs/cargo-tuf';
const TRUSTED = `${ALL}/trusted`;
const ROTATIONS = `${ALL}/rotations/`;
export const OFFERED: string = `${ALL}/offered/`;
export const TAGS = 'refs/tags/';
const DAY_SECONDS = 86_400;

export interface IndexRefs {
  readonly trusted: ObjectId | undefined;
  /** By the name of the tag. */
  readonly rotations: ReadonlyMap<string, ObjectId>;
  readonly offered: readonly Ref[];
}

export async function readIndexRefs(repository: GitRepository): Promise<IndexRefs> {
  const refs = await repository.refs(ALL);
  const below = (prefix: string) => refs.filter(({ name }) => name.startsWith(prefix));
  return {
    trusted: refs.find(({ name }) => name === TRUSTED)?.id,
    rotations: new Map(below(ROTATIONS).map(({ name, id }) => [name.slice(ROTATIONS.length), id])),
    offered: below(OFFERED),
  };
}

/** What a verifier reads: objects by id, and the tags that it may follow. */
export function sourceOf(repository: GitRepository, tags: ReadonlyMap<string, ObjectId>): RegistrySource {
  return {
    format: repository.format,
    read: id => repository.read(id),
    ref: async name => (name.startsWith(TAGS) ? tags.get(name.slice(TAGS.length)) : undefined),
  };
}

/** Follows the trusted commit: `from` is what the ref was when it was read, before the state was. */
export function moveTrusted(
  repository: GitRepository,
  to: ObjectId,
  from: ObjectId | undefined,
): Promise<void> {
  return updateOurs(repository, [{ name: TRUSTED, to, from: from ?? null }]);
}

/** Keeps the tags of rotations up to the trusted root; they are there when this returns. */
export async function keepRotations(
  repository: GitRepository,
  tags: ReadonlyMap<string, ObjectId>,
  root: number,
): Promise<void> {
  const updates: RefUpdate[] = [];
  for (const [name, id] of tags) {
    if (versionOf(name) <= root) updates.push({ name: `${ROTATIONS}${name}`, to: id, from: null });
  }
  try {
    if (updates.length > 0) await repository.updateRefs(updates);
  } catch (error) {
    // Another process that follows the same rotations, or a lock that one has left.
    if (!isTufError(error, 'GIT_REF_CONFLICT')) throw error;
    const { rotations } = await readIndexRefs(repository);
    if (!updates.every(({ name }) => rotations.has(name.slice(ROTATIONS.length)))) throw error;
  }
}

/** Lets go of what an update was offered, and of what was left a day ago. */
export function removeOffered(
  repository: GitRepository,
  { offered }: IndexRefs,
  folder: string,
  now: number,
): Promise<void> {
  const gone = offered.filter(({ name }) => name.startsWith(`${folder}/`) || isOld(name, now));
  return updateOurs(
    repository,
    gone.map(({ name, id }) => ({ name, to: null, from: id })),
  );
}

async function updateOurs(repository: GitRepository, updates: readonly RefUpdate[]): Promise<void> {
  try {
    if (updates.length > 0) await repository.updateRefs(updates);
  } catch (error) {
    // Another process has done the same, or more, meanwhile.
    if (!isTufError(error, 'GIT_REF_CONFLICT')) throw error;
  }
}

function versionOf(tag: string): number {
  const version = Number(/[0-9]+$/.exec(tag)?.[0]);
  return tag === rotationTag(version) ? version : Number.POSITIVE_INFINITY;
}

function isOld(name: string, now: number): boolean {
  const seconds = Number(/^[0-9]{1,12}/.exec(name.slice(OFFERED.length))?.[0]);
  return !(now / 1000 - seconds < DAY_SECONDS);
}
