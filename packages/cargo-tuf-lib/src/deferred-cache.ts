import type { Store } from '@cargo-tuf/client';

/** A store whose cache is written behind its caller, who needs the verified bytes and not the file. */
export interface DeferredStore extends Store {
  /** Resolves when all bytes that were to be kept are. */
  settled(): Promise<void>;
}

/** Writes under way before a caller has to wait for one: memory is bounded by them. */
const PENDING = 64;

/**
 * Trusted documents are written as before. Only `keep` returns early; what it could not write is fetched again the next time.
 */
export function deferKeeping(store: Store): DeferredStore {
  const pending = new Map<string, Promise<void>>();
  return {
    read: () => store.read(),
    replace: (expected, changes) => store.replace(expected, changes),
    cached: async (kind, hash) => {
      await pending.get(`${kind}/${hash}`);
      return store.cached(kind, hash);
    },
    keep: async (kind, hash, bytes) => {
      const id = `${kind}/${hash}`;
      const write = store
        .keep(kind, hash, bytes)
        .catch(() => undefined)
        .then(() => void pending.delete(id));
      pending.set(id, write);
      if (pending.size > PENDING) await Promise.race(pending.values());
    },
    settled: async () => void (await Promise.all(pending.values())),
  };
}
