import { type MapBuilder, type MapContext, openMemoryStore, shapeOf } from '@cargo-tuf/client';
import { decodeHex, encodeHex } from '@cargo-tuf/keys';
import {
  type BucketTile,
  decodeTile,
  encodeTile,
  type InnerTile,
  type Leaf,
  MerkleTree,
  tilePath,
  unpackLeaves,
} from '@cargo-tuf/merkle-snapshot';
import { describe, expect, it } from 'vitest';
import { fetchTree, proveEveryLeaf } from '../src/whole-map.ts';
import { codeOf, leafOf, Mirror, REPOSITORY, treeOf } from './world.ts';

const treeOfSize = (size: number): MerkleTree =>
  treeOf(
    'crates',
    Array.from({ length: size }, (_, index) => leafOf(`crate-${index}`)),
  );

/** What `buildIndexMap` does, in one thread. */
const build: MapBuilder = async (repository, records) => {
  const leaves: Leaf[] = [];
  for await (const piece of records) leaves.push(...unpackLeaves(piece));
  return MerkleTree.from(shapeOf('crates', encodeHex(repository)), leaves);
};

type Tiles = Map<string, Uint8Array>;
const SMALL = { bucket: 4, fanOut: 4 };
const tilesOf = (tree: MerkleTree, cut?: typeof SMALL): Tiles =>
  new Map([...(cut ? tree.with([], cut) : tree).tiles()].map(tile => [encodeHex(tile.hash), tile.bytes]));
const filesOf = (tiles: Tiles): Tiles =>
  new Map([...tiles].map(([hash, bytes]) => [tilePath(decodeHex(hash)), bytes]));

function contextOf(tree: MerkleTree, stored: Tiles, mirror?: Mirror): MapContext {
  const store = openMemoryStore();
  return {
    shape: shapeOf('crates', REPOSITORY),
    root: encodeHex(tree.root),
    subject: 'crates',
    source: mirror,
    store: {
      cached: async (kind, hash) => (await store.cached(kind, hash)) ?? stored.get(hash) ?? null,
      keep: store.keep,
    },
    parallel: 16,
    signal: undefined,
    tiles: new Map(),
  };
}

const inOrder = (leaves: Iterable<Leaf>): Leaf[] =>
  [...leaves].sort((left, right) => (left.name < right.name ? -1 : 1));

async function leavesOf(context: MapContext, size: number): Promise<Leaf[]> {
  const { root, leaves } = await proveEveryLeaf(context, size, build);
  expect(root).toBe(context.root);
  return inOrder(leaves);
}

describe.each([0, 1, 33, 5_000])('a map of %i leaves', size => {
  const tree = treeOfSize(size);
  const leaves = inOrder(tree.leaves());

  it('comes from a mirror and is kept, and then from the store alone', async () => {
    const mirror = new Mirror(filesOf(tilesOf(tree)));
    const context = contextOf(tree, new Map(), mirror);
    expect(await leavesOf(context, size)).toEqual(leaves);
    expect(mirror.requests).toHaveLength(mirror.files.size);
    expect(await leavesOf({ ...context, source: undefined }, size)).toEqual(leaves);
    expect(inOrder((await fetchTree(context, size)).leaves())).toEqual(leaves);
  });

  it('may be cut in another way', async () => {
    const stored = new Map([...tilesOf(tree), ...tilesOf(tree, SMALL)]);
    expect(await leavesOf(contextOf(tree, tilesOf(tree, SMALL)), size)).toEqual(leaves);
    expect(await leavesOf(contextOf(tree, stored), size)).toEqual(leaves);
  });

  it('is not one that was signed with another size', async () => {
    expect(await codeOf(leavesOf(contextOf(tree, tilesOf(tree)), size + 1))).toBe('CLIENT_MIX');
    if (size > 0) expect(await codeOf(leavesOf(contextOf(tree, tilesOf(tree)), size - 1))).toBe('CLIENT_MIX');
  });
});

const TREE = treeOfSize(300);
const TILES = tilesOf(TREE);
const LEAVES = inOrder(TREE.leaves());
const ROOT = encodeHex(TREE.root);

/** Each way to bend a tile that has it: bytes in place of those of a tile. */
const BENT: readonly [string, (tile: BucketTile | InnerTile, bytes: Uint8Array) => Uint8Array | undefined][] =
  [
    ['a version', withLeaf(leaf => ({ ...leaf, version: leaf.version + 1 }))],
    ['a length', withLeaf(leaf => ({ ...leaf, length: leaf.length + 1 }))],
    ['a hash', withLeaf(leaf => ({ ...leaf, sha256: leaf.sha256.map(byte => byte ^ 1) }))],
    ['a name', withLeaf(leaf => ({ ...leaf, name: `${leaf.name}x` }))],
    ['a kind', withLeaf(leaf => ({ ...leaf, kind: 'claim' }))],
    ['a name that is none', withLeaf(leaf => ({ ...leaf, name: '../x' }))],
    ['two hashes swapped', withLeaves(([a, b, ...rest]) => b && [swap(a, b), swap(b, a), ...rest])],
    ['a leaf dropped', withLeaves(leaves => (leaves.length > 1 ? leaves.slice(1) : undefined))],
    ['a leaf twice', withLeaves(leaves => [...leaves, ...leaves.slice(0, 1)])],
    ['a leaf added', withLeaves(leaves => [...leaves, leafOf('added')])],
    ['the leaves of another tile', withLeaves(() => [leafOf('other')])],
    ['an exit emptied', withExits(([a, ...rest]) => a && [{ ...a, hash: undefined }, ...rest])],
    ['an exit back to the root', withExits(([a, ...rest]) => a && [{ ...a, hash: TREE.root }, ...rest])],
    [
      'an exit to nowhere',
      withExits(([a, ...rest]) => a && [{ ...a, hash: decodeHex('ab'.repeat(32)) }, ...rest]),
    ],
    ['nothing', () => new Uint8Array(0)],
    ['its last byte gone', (_, bytes) => bytes.slice(0, -1)],
    ['a byte more', (_, bytes) => Uint8Array.of(...bytes, 0)],
    ['no tile', () => new TextEncoder().encode('<html>')],
  ];

function withLeaf(change: (leaf: Leaf) => Leaf) {
  return withLeaves(([first, ...rest]) => first && [change(first), ...rest]);
}

function withLeaves(change: (leaves: readonly Leaf[]) => readonly Leaf[] | undefined) {
  return (tile: BucketTile | InnerTile): Uint8Array | undefined => {
    const leaves = tile.kind === 'bucket' ? change(tile.leaves) : undefined;
    return leaves && encodeTile({ kind: 'bucket', leaves });
  };
}

function withExits(change: (exits: InnerTile['exits']) => InnerTile['exits'] | undefined) {
  return (tile: BucketTile | InnerTile): Uint8Array | undefined => {
    const exits = tile.kind === 'inner' ? change(tile.exits) : undefined;
    return exits && encodeTile({ kind: 'inner', exits });
  };
}

const swap = (to: Leaf | undefined, from: Leaf | undefined): Leaf => ({
  ...(to as Leaf),
  sha256: (from as Leaf).sha256,
});

describe.each(BENT)('a stored tile with %s', (_, bend) => {
  const [hash, bytes] = [...TILES]
    .map(([id, tile]) => [id, bend(decodeTile(tile), tile)] as const)
    .find(([, bent]) => bent !== undefined) as [string, Uint8Array];

  it('is fetched again, and all leaves are as signed', async () => {
    const mirror = new Mirror(filesOf(TILES));
    const context = contextOf(TREE, new Map(TILES).set(hash, bytes), mirror);
    expect(await leavesOf(context, 300)).toEqual(LEAVES);
    expect(mirror.requests).toContain(tilePath(decodeHex(hash)));
    expect(await context.store.cached('tile', hash)).toEqual(TILES.get(hash));
  });

  it('without a network is named', async () => {
    const context = contextOf(TREE, new Map(TILES).set(hash, bytes));
    const refused = leavesOf(context, 300);
    await expect(refused).rejects.toMatchObject({ code: 'CLIENT_OFFLINE' });
    await expect(refused).rejects.toThrow(tilePath(decodeHex(hash)));
  });

  it('of every mirror is an error, and is not kept', async () => {
    const mirror = new Mirror(filesOf(new Map(TILES).set(hash, bytes)));
    const context = contextOf(TREE, new Map(), mirror);
    expect(await codeOf(leavesOf(context, 300))).toMatch(/^MERKLE_/);
    expect(await context.store.cached('tile', hash)).toBeNull();
  });
});

it('another whole map in the store is none of this one', async () => {
  const other = treeOf('crates', [...LEAVES.slice(1), leafOf('added')]);
  const tiles = tilesOf(other);
  const stored = new Map([...tiles, [ROOT, tiles.get(encodeHex(other.root)) as Uint8Array]]);
  const mirror = new Mirror(filesOf(TILES));
  expect(await leavesOf(contextOf(TREE, stored, mirror), 300)).toEqual(LEAVES);
  expect(await codeOf(leavesOf(contextOf(TREE, stored), 300))).toBe('CLIENT_OFFLINE');
});

it('leaves that stand in other tiles than the publisher put them in are as signed', async () => {
  const tile = decodeTile(TILES.get(ROOT) as Uint8Array) as InnerTile;
  const bytes = encodeTile({ kind: 'inner', exits: [...tile.exits].reverse() });
  expect(await leavesOf(contextOf(TREE, new Map(TILES).set(ROOT, bytes)), 300)).toEqual(LEAVES);
});

it('what is no error of ours is not tried again', async () => {
  let calls = 0;
  const broken: MapBuilder = async () => {
    calls += 1;
    throw new RangeError('memory');
  };
  await expect(proveEveryLeaf(contextOf(TREE, TILES), 300, broken)).rejects.toThrow('memory');
  expect(calls).toBe(1);
});
