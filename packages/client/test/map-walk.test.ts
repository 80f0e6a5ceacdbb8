import {
  lookUpLeaves,
  type MapContext,
  openMemoryStore,
  shapeOf,
  type Source,
  type Store,
} from '@cargo-tuf/client';
import { encodeHex } from '@cargo-tuf/keys';
import { EMPTY, tilePath } from '@cargo-tuf/merkle-snapshot';
import { beforeAll, describe, expect, it } from 'vitest';
import { keepTop } from '../src/map-tiles.ts';
import { codeOf, leafOf, Mirror, REPOSITORY, treeOf } from './world.ts';

const NAMES = Array.from({ length: 9000 }, (_, index) => `crate-${index}`);
const TREE = treeOf(
  'crates',
  NAMES.map(name => leafOf(name)),
);
const FILES = new Map<string, Uint8Array>();
beforeAll(() => {
  for (const tile of TREE.tiles()) FILES.set(tilePath(tile.hash), tile.bytes);
});

function contextOf(source: Source | undefined, over: Partial<MapContext> = {}): MapContext {
  return {
    shape: shapeOf('crates', REPOSITORY),
    root: encodeHex(TREE.root),
    subject: 'crates',
    source,
    store: openMemoryStore(),
    parallel: 16,
    signal: undefined,
    tiles: new Map(),
    ...over,
  };
}

/** Answers in rounds: everything that was asked before the clock's next tick is answered together. */
class RoundMirror extends Mirror {
  rounds = 0;
  most = 0;
  #waiting = 0;

  override async fetch(path: string, options: { readonly maxLength: number }): Promise<Uint8Array | null> {
    if (this.#waiting === 0) this.rounds += 1;
    this.#waiting += 1;
    this.most = Math.max(this.most, this.#waiting);
    await new Promise(resolve => setTimeout(resolve, 5));
    this.#waiting -= 1;
    return super.fetch(path, options);
  }
}

describe('looking up leaves', () => {
  it('finds every leaf, and proves every absence', async () => {
    const names = [...NAMES.slice(0, 200), 'serde', 'tokio', 'crate-9000'];
    const found = await lookUpLeaves(contextOf(new Mirror(FILES)), names);
    expect(found.size).toBe(names.length);
    for (const name of names) expect(found.get(name)?.name).toBe(TREE.leaf(name)?.name);
  });

  it('takes as many rounds as the tree is deep in tiles, whatever the number of names', async () => {
    for (const count of [1, 10, 300]) {
      const mirror = new RoundMirror(FILES);
      await lookUpLeaves(contextOf(mirror, { parallel: 1000 }), NAMES.slice(0, count));
      expect(mirror.rounds, `${count} names`).toBe(3);
    }
  });

  it('fetches each tile once, side by side up to the limit', async () => {
    const mirror = new RoundMirror(FILES);
    const context = contextOf(mirror);
    await lookUpLeaves(context, [...NAMES.slice(0, 500), ...NAMES.slice(0, 500)]);
    expect(new Set(mirror.requests).size).toBe(mirror.requests.length);
    expect(mirror.most).toBe(16);
    const asked = mirror.requests.length;
    await lookUpLeaves(context, NAMES.slice(0, 500));
    await lookUpLeaves({ ...context, tiles: new Map() }, NAMES.slice(0, 500));
    expect(mirror.requests.length).toBe(asked);
  });

  it('fetches each tile once, also for lookups that go on side by side', async () => {
    const mirror = new RoundMirror(FILES);
    const context = contextOf(mirror);
    await Promise.all([
      lookUpLeaves(context, NAMES.slice(0, 50)),
      lookUpLeaves(context, NAMES.slice(25, 75)),
    ]);
    expect(new Set(mirror.requests).size).toBe(mirror.requests.length);
  });

  it('without a network gives what the store holds, and asks for the rest', async () => {
    const store = openMemoryStore();
    await lookUpLeaves(contextOf(new Mirror(FILES), { store }), ['crate-1']);
    const offline = contextOf(undefined, { store });
    expect((await lookUpLeaves(offline, ['crate-1'])).get('crate-1')?.version).toBe(1);
    const others = NAMES.slice(2, 50);
    expect(await codeOf(lookUpLeaves(offline, others))).toBe('CLIENT_OFFLINE');
  });

  it('fetches again what the store holds damaged', async () => {
    const store = openMemoryStore();
    const damaged: Store = { ...store, cached: async () => new Uint8Array([1, 2, 3]) };
    const mirror = new Mirror(FILES);
    const found = await lookUpLeaves(contextOf(mirror, { store: damaged }), ['crate-1']);
    expect(found.get('crate-1')?.version).toBe(1);
    expect(mirror.requests).toHaveLength(3);
    expect(await codeOf(lookUpLeaves(contextOf(undefined, { store: damaged }), ['crate-1']))).toBe(
      'CLIENT_OFFLINE',
    );
  });

  it('finds the top of a map that was kept ahead, and asks for the rest alone', async () => {
    const store = openMemoryStore();
    const ahead = new RoundMirror(FILES);
    await keepTop(contextOf(ahead, { store }));
    expect(ahead.rounds).toBe(2);
    const cold = new RoundMirror(FILES);
    await lookUpLeaves(contextOf(cold), NAMES);
    const later = new RoundMirror(FILES);
    await lookUpLeaves(contextOf(later, { store }), NAMES);
    expect(later.rounds).toBe(cold.rounds - 2);
    expect(new Set([...ahead.requests, ...later.requests])).toEqual(new Set(cold.requests));
    await keepTop(contextOf(undefined, { store, root: encodeHex(EMPTY) }));
  });

  it('asks nobody in an empty map', async () => {
    const context = contextOf(undefined, { root: '00'.repeat(32) });
    expect(await lookUpLeaves(context, ['itoa', 'ryu'])).toEqual(
      new Map([
        ['itoa', undefined],
        ['ryu', undefined],
      ]),
    );
  });

  it('goes from mirror to mirror, tile by tile', async () => {
    const served = new Set<string>();
    const mirror: Source = {
      fetch: async path => (served.has(path) ? (FILES.get(path) ?? null) : new Uint8Array([0])),
      reject: path => {
        const isFirst = !served.has(path);
        served.add(path);
        return isFirst;
      },
    };
    expect((await lookUpLeaves(contextOf(mirror), NAMES.slice(0, 20))).size).toBe(20);
    expect(served.size).toBeGreaterThan(3);
  });

  it.each([0, -1, 0.5, Number.NaN])(
    'never takes names for absent that it did not look up: %d at once',
    async parallel => {
      const found = await lookUpLeaves(contextOf(new Mirror(FILES), { parallel }), NAMES.slice(0, 20));
      for (const name of NAMES.slice(0, 20)) expect(found.get(name)?.version).toBe(1);
    },
  );

  it('refuses a name that is not lower case', async () => {
    expect(await codeOf(lookUpLeaves(contextOf(new Mirror(FILES)), ['Itoa']))).toMatch(
      /^(INDEX|MERKLE)_NAME$/,
    );
  });

  it('refuses any tile with a bit flipped', async () => {
    const paths: string[] = [];
    const watch: Source = { fetch: async path => (paths.push(path), FILES.get(path) ?? null) };
    await lookUpLeaves(contextOf(watch), ['crate-7']);
    for (const path of paths) {
      const bytes = FILES.get(path) as Uint8Array;
      for (let at = 0; at < bytes.length; at += 7) {
        const changed = bytes.slice();
        changed[at] = (changed[at] as number) ^ 1;
        const mirror = new Mirror(new Map(FILES).set(path, changed));
        expect(await codeOf(lookUpLeaves(contextOf(mirror), ['crate-7'])), `${path} at ${at}`).toMatch(
          /^MERKLE_/,
        );
      }
    }
  });
});
