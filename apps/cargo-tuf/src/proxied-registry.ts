// A trusted registry as the proxy sees it. A snapshot is pinned only when cargo asks for something: a build whose
// dependencies are all in cargo's cache makes no request, and so causes none.

import {
  prefetchClosure,
  type Registry,
  type RegistrySnapshot,
  registrySlug,
} from '@cargo-tuf/cargo-tuf-lib';
import { isTufError } from '@cargo-tuf/errors';
import { encodeHex } from '@cargo-tuf/keys';
import type { PinnedRegistry, ProxyRegistry } from '@cargo-tuf/local-proxy';

export interface ProxiedOptions {
  /** Work on what was verified before, without a network. */
  readonly offline: boolean;
  /** Told of each snapshot that is pinned. */
  readonly onPin?: (snapshot: RegistrySnapshot) => void;
}

export function proxiedRegistry(registry: Registry, options: ProxiedOptions): ProxyRegistry {
  return {
    slug: registrySlug(registry.id),
    pin: async () => {
      const snapshot = await (options.offline ? registry.openOffline() : registry.sync());
      options.onPin?.(snapshot);
      return pinnedRegistry(snapshot, options.offline);
    },
  };
}

function pinnedRegistry(snapshot: RegistrySnapshot, offline: boolean): PinnedRegistry {
  const prefetched = new Set<string>();
  return {
    entry: async name => {
      const entry = await snapshot.entry(name);
      return entry && { bytes: entry.bytes, sha256: encodeHex(entry.leaf.sha256) };
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
