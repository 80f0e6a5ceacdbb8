import { openMemoryStore } from '@cargo-tuf/client';
import { describe, expect, it } from 'vitest';
import { codeOf } from './world.ts';

const bytes = (...values: readonly number[]) => Uint8Array.from(values);

describe('a memory store', () => {
  it('begins empty, at revision 0', async () => {
    expect(await openMemoryStore().read()).toEqual({ revision: 0, documents: new Map() });
  });

  it('sets and removes documents together, and counts the changes', async () => {
    const store = openMemoryStore();
    expect(
      await store.replace(
        0,
        new Map([
          ['a', bytes(1)],
          ['b', bytes(2)],
        ]),
      ),
    ).toBe(1);
    expect(
      await store.replace(
        1,
        new Map([
          ['a', null],
          ['c', bytes(3)],
        ]),
      ),
    ).toBe(2);
    expect(await store.read()).toEqual({
      revision: 2,
      documents: new Map([
        ['b', bytes(2)],
        ['c', bytes(3)],
      ]),
    });
  });

  it.each([0, 2, -1, Number.NaN])(
    'refuses revision %d where 1 stands, and changes nothing',
    async expected => {
      const store = openMemoryStore();
      await store.replace(0, new Map([['a', bytes(1)]]));
      expect(await codeOf(store.replace(expected, new Map([['a', null]])))).toBe('CLIENT_STORE_CONFLICT');
      expect(await store.read()).toEqual({ revision: 1, documents: new Map([['a', bytes(1)]]) });
    },
  );

  it('lets one of two writers win', async () => {
    const store = openMemoryStore();
    const writes = [1, 2, 3].map(value => codeOf(store.replace(0, new Map([['a', bytes(value)]]))));
    expect(await Promise.all(writes)).toEqual(['accepted', 'CLIENT_STORE_CONFLICT', 'CLIENT_STORE_CONFLICT']);
  });

  it('keeps what was given, whatever the giver does with it later', async () => {
    const store = openMemoryStore();
    const given = bytes(1);
    await store.replace(0, new Map([['a', given]]));
    await store.keep('tile', 'ab', given);
    given[0] = 9;
    expect((await store.read()).documents.get('a')).toEqual(bytes(1));
    expect(await store.cached('tile', 'ab')).toEqual(bytes(1));
  });

  it('leaves what was read as it was read', async () => {
    const store = openMemoryStore();
    await store.replace(0, new Map([['a', bytes(1)]]));
    const before = await store.read();
    await store.replace(1, new Map([['a', bytes(2)]]));
    expect(before.documents.get('a')).toEqual(bytes(1));
  });

  it('keeps kinds of cached bytes apart', async () => {
    const store = openMemoryStore();
    await store.keep('tile', 'ab', bytes(1));
    expect(await store.cached('target', 'ab')).toBeNull();
    expect(await store.cached('tile', 'cd')).toBeNull();
  });
});
