// A registry whose index is a git repository with signed commits. An update:
//
//  1. The mirror's refs are listed. Nothing is fetched when its tip is what is trusted.
//  2. Tip and rotation tags are fetched under names of this update's own (offered-tip.ts).
//  3. `syncRegistry` verifies them, and writes what is trusted into the store: one document at a time, by compare-and-swap. The
//     tags of rotations are kept just before the root.toml that they lead to.
//  4. The other refs follow the store. A crash before that loses nothing: the offered refs hold the objects until then.
//
// Two processes that update at once each verify for themselves; who comes second at the store begins anew, once.

import { isTufError } from '@cargo-tuf/errors';
import { openFolderStore } from '@cargo-tuf/folder-store';
import type { ObjectId } from '@cargo-tuf/git-object';
import type { GitRepository } from '@cargo-tuf/git-transport';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { parseTomlRoot } from '@cargo-tuf/metadata';
import {
  openVerifiedRegistry,
  readTrustedState,
  type RegistrySource,
  type RegistryStore,
  ROOT_DOCUMENT,
  syncRegistry,
  type TrustedState,
  type VerifiedRegistry,
} from '@cargo-tuf/registry-commits';
import { gitLimits } from './anchor-limits.ts';
import { CrateArchives } from './crate-archives.ts';
import { fail } from './errors.ts';
import { requiredOf } from './floor-file.ts';
import { GitIndex } from './git-index.ts';
import { gitOptions } from './git-options.ts';
import { openArchiveSource } from './http.ts';
import { IndexRepository } from './index-repository.ts';
import { keepRotations, readIndexRefs, sourceOf } from './index-refs.ts';
import { askMirrors } from './mirror-order.ts';
import { fetchOffered, listIndex, settleOffered } from './offered-tip.ts';
import type { Registry, RegistryOptions } from './registry.ts';
import { type RegistryId, registrySlug } from './registry-id.ts';
import { RegistrySnapshot } from './registry-snapshot.ts';
import { writeClone } from './verified-clone.ts';

export async function openGitRegistry(options: RegistryOptions): Promise<Registry> {
  const { anchor, home, clock } = options;
  const stated = parseTomlRoot(anchor.root).repository;
  const repository = stated ?? encodeHex(sha256(new TextEncoder().encode(anchor.registry)));
  const folder = stateFolder(home.crates, anchor.registry, stated ?? anchor.fingerprint);
  const store = await openFolderStore(folder);
  const limits = gitLimits(anchor.limits ?? {});
  const git = gitOptions(options, limits.git);
  const objects = new IndexRepository(`${folder}.git`, git);
  const http = openArchiveSource(options, []);
  const state = () => ({ store, anchor: anchor.root, now: clock() });
  const floors = requiredOf(options.floors?.get(repository));

  const syncFrom = async (url: string): Promise<VerifiedRegistry> => {
    const listing = await listIndex(url, git);
    const trusted = await readTrustedState({ ...state(), format: listing.format });
    const opened = await objects.openFor(listing.format, { isEmpty: trusted.commit === undefined });
    const offered = await fetchOffered(opened, listing, trusted, clock());
    const settle = () => settleOffered(opened, offered, () => readTrustedState(state()), clock());
    const { source } = offered;
    let registry: VerifiedRegistry;
    try {
      const keeping = keepingRotations(store, opened, offered.tags);
      const given = { ...state(), store: keeping, source, floors, limits: limits.index };
      registry = await syncRegistry(offered.tip, given);
    } catch (error) {
      // What was refused is what counts; refs that stay are removed a day later.
      await settle().catch(() => undefined);
      throw error;
    }
    await settle();
    return registry;
  };

  const sync = () => askMirrors(anchor.mirrors, syncFrom);
  const openOffline = async (): Promise<VerifiedRegistry> => {
    const repository = await objects.open();
    const source =
      repository === undefined
        ? nothing(await readTrustedState(state()))
        : sourceOf(repository, (await readIndexRefs(repository)).rotations);
    return openVerifiedRegistry({ ...state(), source, floors, limits: limits.index });
  };
  const open = (registry: VerifiedRegistry, offline: boolean): RegistrySnapshot =>
    new RegistrySnapshot(new GitIndex(registry), {
      registry: anchor.registry,
      archives: new CrateArchives({ store, source: undefined, http, offline }),
    });

  return {
    id: anchor.registry,
    anchor,
    repository,
    sync: async () => {
      const registry = await onceMore(sync);
      objects.tidy();
      return open(registry, false);
    },
    openOffline: async () => open(await openOffline(), true),
    clone: async target => writeClone(await openOffline(), objects, target),
    clearCache: async () => {
      await store.prune({ maxBytes: 0 });
    },
    close: async () => {
      await Promise.all([http.close(), store.settled(), objects.settled()]);
      objects.close();
    },
  };
}

/**
 * The store, where the tags that lead to a root.toml are kept before it is trusted: without them it could not be followed to
 * after a crash. They were verified by then.
 */
function keepingRotations(
  store: RegistryStore,
  repository: GitRepository,
  tags: ReadonlyMap<string, ObjectId>,
): RegistryStore {
  return {
    read: () => store.read(),
    replace: async (revision, changes) => {
      const root = changes.get(ROOT_DOCUMENT);
      if (root) await keepRotations(repository, tags, parseTomlRoot(root).version);
      return store.replace(revision, changes);
    },
  };
}

/** Of the trusted documents; the repository stands beside it, with `.git` behind the name. */
export function stateFolder(crates: string, registry: RegistryId, name: string): string {
  return `${crates}/${registrySlug(registry)}/${name}`;
}

async function onceMore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isTufError(error) || error.kind !== 'conflict') throw error;
    return work();
  }
}

/** What is read where the repository was removed, though the state says what stood in it. */
function nothing({ format = 'sha1' }: TrustedState): RegistrySource {
  const absent = async (): Promise<never> => {
    throw fail('LIB_NO_OBJECTS', 'index: what was verified is not on this machine any more');
  };
  return { format, read: absent, ref: absent };
}
