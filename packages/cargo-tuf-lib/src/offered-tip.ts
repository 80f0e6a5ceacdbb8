// What a mirror of a signed git index offers, fetched into our repository (index-refs.ts), and what becomes of it.

import { randomBytes } from 'node:crypto';
import { isTufError } from '@cargo-tuf/errors';
import type { ObjectId } from '@cargo-tuf/git-object';
import {
  type GitOptions,
  type GitRepository,
  listRemote,
  type RemoteListing,
} from '@cargo-tuf/git-transport';
import { type RegistrySource, rotationTag, type TrustedState } from '@cargo-tuf/registry-commits';
import { fail } from './errors.ts';
import {
  keepRotations,
  moveTrusted,
  OFFERED,
  readIndexRefs,
  removeOffered,
  sourceOf,
  TAGS,
} from './index-refs.ts';

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
  /** Tags of rotations that were fetched. */
  readonly tags: ReadonlyMap<string, ObjectId>;
  /** Where the refs stand that hold them; undefined when nothing was fetched. */
  readonly folder: string | undefined;
}

/** Fetches what is not here yet: the tip, and the tags of rotations that follow the anchor. */
export async function fetchOffered(
  repository: GitRepository,
  listing: Listing,
  state: TrustedState,
  now: number,
): Promise<OfferedTip> {
  const { url, tip } = listing;
  const { trusted, rotations } = await readIndexRefs(repository);
  const wanted = tagsAfter(state.anchor, listing.refs, rotations);
  const isMissing = state.commit !== undefined && (await isGone(repository, state.commit, trusted));
  if (tip === state.commit && wanted.length === 0 && !isMissing)
    return { tip, source: sourceOf(repository, rotations), tags: new Map(), folder: undefined };
  const folder = `${OFFERED}${Math.floor(now / 1000)}-${randomBytes(8).toString('hex')}`;
  const refspecs = [
    { from: 'HEAD', to: `${folder}/tip` },
    ...wanted.map(name => ({ from: `${TAGS}${name}`, to: `${folder}/${name}` })),
    ...(isMissing && state.commit !== undefined ? [{ from: state.commit, to: `${folder}/trusted` }] : []),
  ];
  await repository.fetch({ url, refspecs });
  const fetched = await repository.refs(folder);
  const ids = new Map(fetched.map(({ name, id }) => [name.slice(folder.length + 1), id]));
  const tags = new Map([...ids].filter(([name]) => wanted.includes(name)));
  const source = sourceOf(repository, new Map([...tags, ...rotations]));
  return { tip: ids.get('tip') ?? tip, source, tags, folder };
}

/** Names of the tags that lead on from a root of this version, one after the other, and are not kept. */
function tagsAfter(
  version: number,
  refs: ReadonlyMap<string, ObjectId>,
  kept: ReadonlyMap<string, ObjectId>,
): readonly string[] {
  const names: string[] = [];
  for (let next = version + 1; ; next += 1) {
    const name = rotationTag(next);
    if (kept.has(name)) continue;
    if (!refs.has(`${TAGS}${name}`)) return names;
    names.push(name);
  }
}

/** A crash can come between the state and its ref. True when the commit itself is gone: a mirror then has to give it. */
async function isGone(
  repository: GitRepository,
  commit: ObjectId,
  trusted: ObjectId | undefined,
): Promise<boolean> {
  if (trusted === commit) return false;
  try {
    await repository.read(commit);
  } catch (error) {
    if (isTufError(error, 'GIT_MISSING')) return true;
    throw error;
  }
  await moveTrusted(repository, commit, trusted);
  return false;
}

/** Lets the refs follow what became trusted. `read` gives the state as it stands by then. */
export async function settleOffered(
  repository: GitRepository,
  { tags, folder }: OfferedTip,
  read: () => Promise<TrustedState>,
  now: number,
): Promise<void> {
  // Nothing new was fetched: the refs are as they were found.
  if (folder === undefined) return;
  // In this order: a ref that another process has moved since it was read is not moved back.
  const refs = await readIndexRefs(repository);
  const { commit, root } = await read();
  const left = [...tags].filter(([name]) => !refs.rotations.has(name));
  await keepRotations(repository, new Map(left), root);
  if (commit !== undefined && commit !== refs.trusted) await moveTrusted(repository, commit, refs.trusted);
  await removeOffered(repository, refs, folder, now);
}
