import { openMemoryStore, type Store } from '@cargo-tuf/client';
import { describe, expect, test } from 'vitest';
import { deferKeeping } from '../src/deferred-cache.ts';

const HASH = 'a'.repeat(64);
const BYTES = new Uint8Array([1, 2, 3]);

/** A store whose writes to the cache wait until `open` is called. */
function gatedStore(): { store: Store; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>(resolve => {
    open = resolve;
  });
  const memory = openMemoryStore();
  const keep: Store['keep'] = async (kind, hash, bytes) => {
    await opened;
    await memory.keep(kind, hash, bytes);
  };
  return {
    store: { ...memory, read: () => memory.read(), cached: (kind, hash) => memory.cached(kind, hash), keep },
    open: () => open(),
  };
}

describe('a cache that is written behind its caller', () => {
  test('keeps without waiting, and gives what is not written yet', async () => {
    const { store } = gatedStore();
    const deferred = deferKeeping(store);
    await deferred.keep('crate', HASH, BYTES);
    expect(await store.cached('crate', HASH)).toBeNull();
    expect(await deferred.cached('crate', HASH)).toEqual(BYTES);
    expect(await deferred.cached('tile', HASH)).toBeNull();
  });
  test('is written by itself once nothing more comes', async () => {
    const { store, open } = gatedStore();
    open();
    const deferred = deferKeeping(store);
    await deferred.keep('crate', HASH, BYTES);
    await expect.poll(() => store.cached('crate', HASH)).toEqual(BYTES);
  });
  test('is settled when everything is written, also what came meanwhile', async () => {
    const { store, open } = gatedStore();
    const deferred = deferKeeping(store);
    await deferred.keep('crate', HASH, BYTES);
    const settled = deferred.settled();
    await deferred.keep('tile', HASH, BYTES);
    open();
    await settled;
    expect(await store.cached('crate', HASH)).toEqual(BYTES);
    expect(await store.cached('tile', HASH)).toEqual(BYTES);
  });
  test('makes a caller wait for the disk when too much waits in memory', async () => {
    const { store, open } = gatedStore();
    const deferred = deferKeeping(store);
    const large = new Uint8Array(8 * 1024 * 1024);
    for (let at = 0; at < 4; at++) await deferred.keep('crate', String(at).padStart(64, '0'), large);
    let kept = false;
    const last = deferred.keep('crate', HASH, BYTES).then(() => {
      kept = true;
    });
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(kept).toBe(false);
    open();
    await last;
    expect(await store.cached('crate', HASH)).toEqual(BYTES);
  });
  test('a write that fails is no error', async () => {
    const { store } = gatedStore();
    const deferred = deferKeeping({ ...store, keep: async () => Promise.reject(new Error('full')) });
    await deferred.keep('crate', HASH, BYTES);
    await deferred.settled();
    expect(await deferred.cached('crate', HASH)).toBeNull();
  });
});
