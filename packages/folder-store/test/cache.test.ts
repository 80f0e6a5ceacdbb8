import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { type FolderStore, nodeFileSystem, openFolderStore, STORE_LIMITS } from '@cargo-tuf/folder-store';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const HASH = 'a'.repeat(64);
const BYTES = new Uint8Array([1, 2, 3]);
const hashOf = (at: number): string => at.toString(16).padStart(64, '0');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(`${tmpdir()}/folder-cache-`);
});
afterEach(async () => rm(folder, { recursive: true }));

/** A store whose cache is not written until `open` is called. */
async function openGated(): Promise<{ store: FolderStore; open: () => void }> {
  let open = (): void => undefined;
  const opened = new Promise<void>(resolve => {
    open = resolve;
  });
  const create = async (path: string, bytes: Uint8Array): Promise<boolean> => {
    await opened;
    return nodeFileSystem.create(path, bytes);
  };
  const store = await openFolderStore(folder, { fileSystem: { ...nodeFileSystem, create } });
  return { store, open: () => open() };
}

describe('a cache that is written behind its caller', () => {
  it('keeps without waiting, and gives what is not written yet', async () => {
    const { store, open } = await openGated();
    await store.keep('crate', HASH, BYTES);
    expect(await (await openFolderStore(folder)).cached('crate', HASH)).toBeNull();
    expect(await store.cached('crate', HASH)).toEqual(BYTES);
    expect(await store.cached('tile', HASH)).toBeNull();
    open();
    await store.settled();
  });

  it('gives a copy each time', async () => {
    const store = await openFolderStore(folder);
    await store.keep('crate', HASH, BYTES.slice());
    for (const wait of [async () => undefined, async () => store.settled()]) {
      await wait();
      (await store.cached('crate', HASH))?.fill(0);
      expect(await store.cached('crate', HASH)).toEqual(BYTES);
    }
  });

  it('is written by itself once nothing more comes, again and again', async () => {
    const store = await openFolderStore(folder);
    await store.settled();
    for (const kind of ['crate', 'tile']) {
      await store.keep(kind, HASH, BYTES);
      await expect.poll(async () => (await openFolderStore(folder)).cached(kind, HASH)).toEqual(BYTES);
    }
  });

  it('is settled when everything is written, also what came meanwhile', async () => {
    const { store, open } = await openGated();
    await store.keep('crate', HASH, BYTES);
    const settled = store.settled();
    await store.keep('tile', HASH, BYTES);
    await store.keep('crate', HASH, new Uint8Array([4]));
    open();
    await settled;
    const later = await openFolderStore(folder);
    expect(await later.cached('crate', HASH)).toEqual(new Uint8Array([4]));
    expect(await later.cached('tile', HASH)).toEqual(BYTES);
  });

  it('makes a caller wait for the disk when too much waits in memory', async () => {
    const { store, open } = await openGated();
    const large = new Uint8Array(8 * 1024 * 1024);
    for (let at = 0; at < 4; at++) await store.keep('crate', hashOf(at), large);
    let kept = false;
    const last = store.keep('crate', HASH, BYTES).then(() => {
      kept = true;
    });
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(kept).toBe(false);
    open();
    await last;
    expect(await (await openFolderStore(folder)).cached('crate', HASH)).toEqual(BYTES);
  });
});

describe('the file of what was kept lately', () => {
  it('holds what is short, in place of what was kept before', async () => {
    const short = new Uint8Array(STORE_LIMITS.shortBytes);
    for (const bytes of [new Uint8Array(STORE_LIMITS.shortBytes + 1), short]) {
      const store = await openFolderStore(folder);
      await store.keep('crate', HASH, bytes);
      await store.keep('tile', HASH, BYTES);
      await store.settled();
    }
    expect(await readdir(`${folder}/cache`)).toEqual(['crate', 'recent']);
    const store = await openFolderStore(folder);
    expect(await store.cached('crate', HASH)).toEqual(short);
    expect(await store.cached('tile', HASH)).toEqual(BYTES);
  });

  it('loses no entry of a store that wrote before', async () => {
    const stores = [await openFolderStore(folder), await openFolderStore(folder)];
    for (const [at, store] of stores.entries()) {
      await store.cached('tile', HASH);
      await store.keep('tile', hashOf(at), BYTES);
      await store.settled();
    }
    for (const at of stores.keys())
      expect(await (await openFolderStore(folder)).cached('tile', hashOf(at))).toEqual(BYTES);
  });

  it('moves the oldest to files of their own when they are many', async () => {
    const store = await openFolderStore(folder);
    const count = STORE_LIMITS.recentBytes / STORE_LIMITS.shortBytes;
    for (let at = 0; at < count; at++)
      await store.keep('tile', hashOf(at), new Uint8Array(STORE_LIMITS.shortBytes).fill(at));
    await store.settled();
    expect(await readdir(`${folder}/cache`)).toEqual(['recent']);
    await store.keep('tile', hashOf(count), BYTES);
    await store.settled();
    const own = await readdir(`${folder}/cache/tile/00`);
    expect(own.toSorted()).toEqual(Array.from({ length: count / 2 + 1 }, (_, at) => hashOf(at)));
    for (const reader of [store, await openFolderStore(folder)]) {
      for (let at = 0; at < count; at++)
        expect((await reader.cached('tile', hashOf(at)))?.every(byte => byte === at)).toBe(true);
      expect(await reader.cached('tile', hashOf(count))).toEqual(BYTES);
    }
  });

  it('when it is cut off anywhere, gives what it still holds', async () => {
    const store = await openFolderStore(folder);
    const names = [0, 1].flatMap(at => ['tile', 'crate'].map(kind => [kind, hashOf(at)] as const));
    for (const [kind, hash] of names) await store.keep(kind, hash, BYTES);
    await store.settled();
    const whole = new Uint8Array(await readFile(`${folder}/cache/recent`));
    for (let length = 0; length < whole.length; length++) {
      await writeFile(`${folder}/cache/recent`, whole.subarray(0, length));
      const cut = await openFolderStore(folder);
      const found = await Promise.all(names.map(([kind, hash]) => cut.cached(kind, hash)));
      const held = found.filter(bytes => bytes !== null);
      expect(held).toEqual(held.map(() => BYTES));
      expect(held.length).toBeLessThan(names.length);
    }
  });

  it('is never in the way, whatever stands in it', async () => {
    await (await openFolderStore(folder)).settled();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async planted => {
        await rm(`${folder}/cache`, { recursive: true, force: true });
        await nodeFileSystem.makeFolder(`${folder}/cache`);
        await writeFile(`${folder}/cache/recent`, planted);
        const store = await openFolderStore(folder);
        expect(await store.cached('tile', HASH)).toBeNull();
        await store.keep('tile', HASH, BYTES);
        await store.settled();
        expect(await (await openFolderStore(folder)).cached('tile', HASH)).toEqual(BYTES);
      }),
      { numRuns: 50 },
    );
  });
});
