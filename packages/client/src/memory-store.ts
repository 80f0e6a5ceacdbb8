import { fail } from './errors.ts';
import type { Store, TrustedDocuments } from './store.ts';

/** A store that lives as long as the process: for tests, browsers and one-off checks. */
export function openMemoryStore(): Store {
  let state: TrustedDocuments = { revision: 0, documents: new Map() };
  const cache = new Map<string, Uint8Array>();
  return {
    read: async () => state,
    replace: async (expected, changes) => {
      if (state.revision !== expected) {
        throw fail('CLIENT_STORE_CONFLICT', `store: revision ${state.revision}, expected ${expected}`);
      }
      const documents = new Map(state.documents);
      for (const [name, bytes] of changes) {
        if (bytes === null) documents.delete(name);
        else documents.set(name, bytes.slice());
      }
      state = { revision: expected + 1, documents };
      return state.revision;
    },
    cached: async (kind, hash) => cache.get(`${kind}/${hash}`) ?? null,
    keep: async (kind, hash, bytes) => void cache.set(`${kind}/${hash}`, bytes.slice()),
  };
}
