import { openClient, type Snapshot, type Source } from '@cargo-tuf/client';
import { openFolderStore } from '@cargo-tuf/folder-store';
import { clientRules, trustAnchorRoot } from './anchor-rules.ts';
import { CrateArchives } from './crate-archives.ts';
import { requiredOf } from './floor-file.ts';
import type { ListedRoots } from './listed-roots.ts';
import { openMirrors } from './open-mirrors.ts';
import type { Registry, RegistryOptions } from './registry.ts';
import { registrySlug } from './registry-id.ts';
import { RegistrySnapshot } from './registry-snapshot.ts';
import { TufIndex } from './tuf-index.ts';

/** A registry whose index TUF metadata proves. */
export async function openTufRegistry(options: RegistryOptions): Promise<Registry> {
  const { anchor, home, clock, limits } = options;
  const root = trustAnchorRoot(anchor.root, anchor);
  const repository = root.root.value.repository ?? anchor.fingerprint;
  const store = await openFolderStore(`${home.crates}/${registrySlug(anchor.registry)}/${repository}`);
  const { source, http } = openMirrors(anchor.mirrors, options);
  const listed = anchor.listed === true ? await openListedRoots(source, options) : undefined;
  const rules = clientRules(anchor);
  const client = openClient({
    root,
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
      await Promise.all([http?.close(), store.settled(), listed?.close()]);
    },
  };
}

/** Few registries are trusted through the releases. */
async function openListedRoots(source: Source, options: RegistryOptions): Promise<ListedRoots> {
  const [{ ListedRoots }, { openReleases, readReleasesAnchor }] = await Promise.all([
    import('./listed-roots.ts'),
    import('./releases.ts'),
  ]);
  const anchor = await readReleasesAnchor(options.home);
  return new ListedRoots(source, await openReleases({ ...options, anchor }));
}
