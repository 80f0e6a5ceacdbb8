import { openClient, type Snapshot } from '@cargo-tuf/client';
import { openFolderStore } from '@cargo-tuf/folder-store';
import { clientRules, trustAnchorRoot } from './anchor-rules.ts';
import { CrateArchives } from './crate-archives.ts';
import { requiredOf } from './floor-file.ts';
import { ListedRoots } from './listed-roots.ts';
import { openMirrors } from './open-mirrors.ts';
import type { Registry, RegistryOptions } from './registry.ts';
import { registrySlug } from './registry-id.ts';
import { openReleases, readReleasesAnchor, type Releases } from './releases.ts';
import { RegistrySnapshot } from './registry-snapshot.ts';
import { TufIndex } from './tuf-index.ts';

/** A registry whose index TUF metadata proves. */
export async function openTufRegistry(options: RegistryOptions): Promise<Registry> {
  const { anchor, home, clock, limits } = options;
  const repository = trustAnchorRoot(anchor.root, anchor).root.value.repository ?? anchor.fingerprint;
  const store = await openFolderStore(`${home.crates}/${registrySlug(anchor.registry)}/${repository}`);
  const { source, http } = openMirrors(anchor.mirrors, options);
  const releases = anchor.listed === true ? await openVouching(options) : undefined;
  const listed = releases && new ListedRoots(source, releases);
  const rules = clientRules(anchor);
  const client = openClient({
    root: anchor.root,
    source: listed ?? source,
    store,
    clock,
    eager: true,
    ...rules,
    limits: { ...rules.limits, ...limits },
    required: requiredOf(options.floors?.get(repository)),
  });
  let latest: TufIndex | undefined;
  const open = (snapshot: Snapshot, offline: boolean): RegistrySnapshot => {
    latest = new TufIndex(snapshot);
    return new RegistrySnapshot(latest, {
      registry: anchor.registry,
      archives: new CrateArchives({ store, source, http, offline }),
    });
  };
  return {
    id: anchor.registry,
    anchor,
    repository,
    sync: async () => open(await (listed ? listed.sync(() => client.sync()) : client.sync()), false),
    openOffline: async () => open(await client.openOffline(), true),
    clearCache: async () => {
      await store.prune({ maxBytes: 0 });
    },
    close: async () => {
      await latest?.settled();
      await Promise.all([http?.close(), store.settled(), releases?.close()]);
    },
  };
}

/** The releases that list the roots of a registry. */
async function openVouching(options: RegistryOptions): Promise<Releases> {
  return openReleases({ ...options, anchor: await readReleasesAnchor(options.home) });
}
