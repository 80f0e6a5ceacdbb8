import { openMemoryStore, type Store } from '@cargo-tuf/client';
import { describe, expect, test } from 'vitest';
import { deferKeeping } from '../src/deferred-cache.ts';

const HASH = 'a'.repeat(64);
const BYTES = new Uint8Array([1, 2, 3]);

/** A store whose writes to the cache wait until `open` is called. */
function gatedStore(): { store: Store; open: () => void; writes: () => number } {
  let open = (): void => undefined;
  const opened = new Promise<void>(resolve => {
    open = resolve;
  });
  let writes = 0;
  const memory = openMemoryStore();
  const keep: Store['keep'] = async (kind, hash, bytes) => {
    writes += 1;
    await opened;
    await memory.keep(kind, hash, bytes);
  };
  return {
    store: { ...memory, read: () => memory.read(), cached: (kind, hash) => memory.cached(kind, hash), keep },
    open: () => open(),
    writes: () => writes,
  };
}

describe('a cache that is written behind its caller', () => {
  test('keeps without waiting; what is asked for meanwhile waits', async () => {
    const { store, open } = gatedStore();
    const deferred = deferKeeping(store);
    await deferred.keep('crate', HASH, BYTES);
    expect(await store.cached('crate', HASH)).toBeNull();
    const cached = deferred.cached('crate', HASH);
    open();
    expect(await cached).toEqual(BYTES);
  });
  test('is settled when everything is written', async () => {
    const { store, open } = gatedStore();
    const deferred = deferKeeping(store);
    await deferred.keep('crate', HASH, BYTES);
    const settled = deferred.settled();
    open();
    await settled;
    expect(await store.cached('crate', HASH)).toEqual(BYTES);
  });
  test('makes a caller wait when too much is under way', async () => {
    const { store, open } = gatedStore();
    const deferred = deferKeeping(store);
    for (let at = 0; at < 64; at++) await deferred.keep('tile', at.toString(16).padStart(64, '0'), BYTES);
    let kept = false;
    const last = deferred.keep('tile', HASH, BYTES).then(() => {
      kept = true;
    });
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(kept).toBe(false);
    open();
    await last;
  });
  test('a write that fails is no error', async () => {
    const { store } = gatedStore();
    const deferred = deferKeeping({ ...store, keep: async () => Promise.reject(new Error('full')) });
    await deferred.keep('crate', HASH, BYTES);
    await deferred.settled();
    expect(await deferred.cached('crate', HASH)).toBeNull();
  });
});
