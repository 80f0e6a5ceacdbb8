// A trusted registry as the proxy sees it. A snapshot is pinned only when cargo asks for something: a build whose
// dependencies are all in cargo's cache makes no request, and so causes none.

import {
  prefetchClosure,
  type Registry,
  type RegistrySnapshot,
  registrySlug,
} from '@cargo-tuf/cargo-tuf-lib';
import { isTufError } from '@cargo-tuf/errors';
import type { PinnedRegistry, ProxyRegistry } from '@cargo-tuf/local-proxy';

export interface ProxiedOptions {
  /** Work on what was verified before, without a network. */
  readonly offline: boolean;
  /** Told of each snapshot that is pinned. */
  readonly onPin?: (snapshot: RegistrySnapshot) => void;
  /** A sync that is under way already, which a run that begins meanwhile takes for its own. */
  readonly ahead?: () => Promise<RegistrySnapshot> | undefined;
}

/**
 * Syncs before cargo asks for anything, and keeps what seldom changes: the first run finds it in the store.
 * What fails here is tried again, and explained, when cargo asks.
 */
export function syncAhead(
  registry: Registry,
  onError: (error: unknown) => void,
): () => Promise<RegistrySnapshot> | undefined {
  const work = async (): Promise<RegistrySnapshot> => {
    const synced = await registry.sync();
    await synced.index.keepAhead();
    return synced;
  };
  let ahead: Promise<RegistrySnapshot> | undefined = work();
  ahead.catch(onError).finally(() => {
    ahead = undefined;
  });
  return () => ahead;
}

export function proxiedRegistry(registry: Registry, options: ProxiedOptions): ProxyRegistry {
  return {
    slug: registrySlug(registry.id),
    pin: async () => {
      const snapshot = await (options.offline
        ? registry.openOffline()
        : syncFor(registry, options.ahead?.()));
      options.onPin?.(snapshot);
      return pinnedRegistry(snapshot, options.offline);
    },
  };
}

async function syncFor(
  registry: Registry,
  ahead: Promise<RegistrySnapshot> | undefined,
): Promise<RegistrySnapshot> {
  return (await ahead?.catch(() => undefined)) ?? registry.sync();
}

function pinnedRegistry(snapshot: RegistrySnapshot, offline: boolean): PinnedRegistry {
  const prefetched = new Set<string>();
  return {
    entry: async name => {
      const entry = await snapshot.entry(name);
      return entry && { bytes: entry.bytes, sha256: entry.sha256 };
    },
    crate: async (name, version, sha256) => {
      try {
        const crate = await snapshot.crate(name, version);
        return crate.sha256 === sha256 ? crate.bytes : undefined;
      } catch (error) {
        if (isTufError(error, 'LIB_NO_CRATE')) return undefined;
        throw error;
      }
    },
    prefetch: name => {
      // What cannot be fetched ahead is fetched, and explained, when cargo asks for it.
      if (!offline) prefetchClosure(snapshot, [name], prefetched).catch(() => undefined);
    },
  };
}
