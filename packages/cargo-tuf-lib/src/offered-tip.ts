// What mirrors of a signed git index offer, fetched into a bare repository of ours. Refs of a mirror are kept apart until
// they are verified:
//
//   refs/cargo-tuf/trusted                                        the commit that was verified last
//   refs/cargo-tuf/offered/<seconds>-<random>/tip                 what one update was offered
//   refs/cargo-tuf/offered/<seconds>-<random>/root-rotation-v1-3
//
// Each update has a name of its own, so that several processes can work in one repository. What a crash leaves is removed
// after a day.

import { randomBytes } from 'node:crypto';
import { isTufError } from '@cargo-tuf/errors';
import type { ObjectId } from '@cargo-tuf/git-object';
import {
  type GitOptions,
  type GitRepository,
  listRemote,
  type Ref,
  type RemoteListing,
} from '@cargo-tuf/git-transport';
import { type RegistrySource, rotationTag, type TrustedState } from '@cargo-tuf/registry-commits';
import { fail } from './errors.ts';

export const TRUSTED = 'refs/cargo-tuf/trusted';
const OFFERED = 'refs/cargo-tuf/offered';
const TAGS = 'refs/tags/';
const DAY_SECONDS = 86_400;

export interface Listing {
  readonly url: string;
  readonly format: RemoteListing['format'];
  readonly tip: ObjectId;
  readonly refs: ReadonlyMap<string, ObjectId>;
}

/** Where HEAD and the rotation tags of a mirror lead to. Throws `LIB_GIT_EMPTY`. */
export async function listIndex(url: string, options: GitOptions): Promise<Listing> {
  const patterns = ['HEAD', `${TAGS}${rotationTag(1).replace(/1$/, '*')}`];
  const listing = await listRemote({ ...options, url, patterns });
  const refs = new Map(listing?.refs.map(({ name, id }) => [name, id]));
  const tip = refs.get('HEAD');
  if (listing !== undefined && tip !== undefined) return { url, format: listing.format, tip, refs };
  throw fail('LIB_GIT_EMPTY', `${url}: no commit at HEAD, expected an index`);
}

export interface OfferedTip {
  readonly tip: ObjectId;
  readonly source: RegistrySource;
  /** The refs that hold it, until it is trusted or refused. */
  readonly refs: readonly Ref[];
}

/** Fetches what is not here yet: the tip, and the tags of rotations that follow the trusted root. */
export async function fetchOffered(
  repository: GitRepository,
  listing: Listing,
  state: TrustedState,
  now: number,
): Promise<OfferedTip> {
  const { url, tip, refs } = listing;
  const tags = tagsAfter(state.root, refs);
  const isMissing = state.commit !== undefined && (await restoreTrusted(repository, state.commit));
  if (tip === state.commit && tags.length === 0 && !isMissing)
    return { tip, source: sourceOf(repository, new Map()), refs: [] };
  const folder = `${OFFERED}/${Math.floor(now / 1000)}-${randomBytes(8).toString('hex')}`;
  const refspecs = [
    { from: 'HEAD', to: `${folder}/tip` },
    ...tags.map(name => ({ from: `${TAGS}${name}`, to: `${folder}/${name}` })),
    ...(isMissing && state.commit !== undefined ? [{ from: state.commit, to: `${folder}/trusted` }] : []),
  ];
  await repository.fetch({ url, refspecs });
  const fetched = await repository.refs(folder);
  const ids = new Map(fetched.map(({ name, id }) => [name.slice(folder.length + 1), id]));
  return { tip: ids.get('tip') ?? tip, source: sourceOf(repository, ids), refs: fetched };
}

/** Names of the tags that lead on from a root of this version, one after the other. */
function tagsAfter(version: number, refs: ReadonlyMap<string, ObjectId>): readonly string[] {
  const names: string[] = [];
  for (let next = version + 1; refs.has(`${TAGS}${rotationTag(next)}`); next += 1)
    names.push(rotationTag(next));
  return names;
}

function sourceOf(repository: GitRepository, tags: ReadonlyMap<string, ObjectId>): RegistrySource {
  return {
    format: repository.format,
    read: id => repository.read(id),
    ref: async name => (name.startsWith(TAGS) ? tags.get(name.slice(TAGS.length)) : undefined),
  };
}

/** A crash can come between the state and its ref. True when the commit itself is gone, which a mirror then has to give. */
async function restoreTrusted(repository: GitRepository, commit: ObjectId): Promise<boolean> {
  const kept = await repository.ref(TRUSTED);
  if (kept === commit) return false;
  try {
    await repository.read(commit);
  } catch (error) {
    if (isTufError(error, 'GIT_MISSING')) return true;
    throw error;
  }
  await moveTrusted(repository, commit, kept ?? null);
  return false;
}

/** Of a repository that nobody else works in: what was offered is all that it holds on to. */
export async function holdOffered(repository: GitRepository, { tip, refs }: OfferedTip): Promise<void> {
  const gone = refs.map(({ name, id }) => ({ name, to: null, from: id }));
  await repository.updateRefs([{ name: TRUSTED, to: tip, from: null }, ...gone]);
}

/** Keeps the commit that became trusted, and lets go of what this update was offered, and of what was left a day ago. */
export async function settleOffered(
  repository: GitRepository,
  { refs }: OfferedTip,
  trusted: { readonly read: () => Promise<ObjectId | undefined>; readonly now: number },
): Promise<void> {
  // In this order: a ref that another process has moved since it was read is not moved back.
  const kept = (await repository.ref(TRUSTED)) ?? null;
  const commit = await trusted.read();
  if (commit !== undefined && commit !== kept) await moveTrusted(repository, commit, kept);
  if (refs.length === 0) return;
  const old = (await repository.refs(OFFERED)).filter(({ name }) => isOld(name, trusted.now));
  const gone = new Map([...refs, ...old].map(({ name, id }) => [name, id]));
  await removeRefs(repository, gone);
}

async function moveTrusted(repository: GitRepository, to: ObjectId, from: ObjectId | null): Promise<void> {
  try {
    await repository.updateRef(TRUSTED, to, from);
  } catch (error) {
    // Another process moved it, to what it trusts since.
    if (!isTufError(error, 'GIT_REF_CONFLICT')) throw error;
  }
}

async function removeRefs(repository: GitRepository, refs: ReadonlyMap<string, ObjectId>): Promise<void> {
  try {
    await repository.updateRefs(Array.from(refs, ([name, from]) => ({ name, to: null, from })));
  } catch (error) {
    // Another process removes old ones as well; they are removed the next time.
    if (!isTufError(error, 'GIT_REF_CONFLICT')) throw error;
  }
}

function isOld(name: string, now: number): boolean {
  const seconds = Number(/^[0-9]{1,12}/.exec(name.slice(OFFERED.length + 1))?.[0]);
  return !(now / 1000 - seconds < DAY_SECONDS);
}
