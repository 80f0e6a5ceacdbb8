// The signed releases of Rust, tuf-root of RFC 3724 (docs/adr/0024-signed-releases.md).

import { type ClientLimits, openClient, type Snapshot } from '@cargo-tuf/client';
import { type FolderStore, openFolderStore } from '@cargo-tuf/folder-store';
import { clientRules } from './anchor-rules.ts';
import { readAnchor, type TrustAnchor } from './anchors.ts';
import { fail } from './errors.ts';
import type { Home } from './home.ts';
import { openMirrors, type OpenMirrors } from './open-mirrors.ts';
import type { NetworkOptions } from './registry.ts';
import { RUST_RELEASES } from './registry-id.ts';
import { ReleasesSnapshot } from './releases-snapshot.ts';

export interface ReleasesOptions extends NetworkOptions {
  /** Of `RUST_RELEASES`. */
  readonly anchor: TrustAnchor;
  readonly home: Home;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly limits?: Partial<ClientLimits>;
}

export interface Releases {
  readonly anchor: TrustAnchor;
  /** Brings the trusted state up to date and pins it. Where nothing changed, two requests. */
  sync(): Promise<ReleasesSnapshot>;
  /** What was verified before, without a network. Expiry is not checked; `snapshot.expires` tells the age. */
  openOffline(): Promise<ReleasesSnapshot>;
  /**
   * Runs `work` while nobody else brings releases, or a registry that they vouch for, up to date. `work` syncs through the releases
   * that it gets; a sync of any other waits for its end.
   */
  exclusive<T>(work: (held: Releases) => Promise<T>): Promise<T>;
  /** Ends open connections, and resolves when everything that is to be kept is. */
  close(): Promise<void>;
}

/** Opens the releases: their trusted state in `home.root`, their mirrors as the anchor names them. Makes no request yet. */
export async function openReleases(options: ReleasesOptions): Promise<Releases> {
  const store = await openFolderStore(options.home.root);
  return releasesOver(store, options, openMirrors(options.anchor.mirrors, options));
}

function releasesOver(store: FolderStore, options: ReleasesOptions, mirrors: OpenMirrors): Releases {
  const { anchor, clock, limits } = options;
  const { source, http } = mirrors;
  const rules = clientRules(anchor);
  const client = openClient({
    root: anchor.root,
    source,
    store,
    clock,
    eager: true,
    ...rules,
    limits: { ...rules.limits, ...limits },
  });
  return {
    anchor,
    sync: async () => opened(await client.sync(), store),
    openOffline: async () => opened(await client.openOffline(), store),
    exclusive: work => store.exclusive(held => work(releasesOver(held, options, mirrors))),
    close: async () => {
      await Promise.all([http?.close(), store.settled()]);
    },
  };
}

/** The anchor of the releases. Throws `LIB_NO_RELEASES` where there is none. */
export async function readReleasesAnchor(home: Home): Promise<TrustAnchor> {
  const anchor = await readAnchor(home, RUST_RELEASES);
  if (anchor !== undefined) return anchor;
  throw fail('LIB_NO_RELEASES', 'releases: are not trusted, expected an anchor of rust-releases');
}

function opened(snapshot: Snapshot, store: FolderStore): ReleasesSnapshot {
  return new ReleasesSnapshot(snapshot, store);
}
