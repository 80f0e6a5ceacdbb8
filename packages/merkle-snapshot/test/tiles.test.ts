import { encodeHex, sha256 } from '@cargo-tuf/keys';
import {
  cutFor,
  decodeTile,
  EMPTY,
  encodeTile,
  hashLeaf,
  hashNode,
  type InnerTile,
  keyOf,
  type Leaf,
  MerkleTree,
  tilePath,
  verifyTile,
  walkTile,
} from '@cargo-tuf/merkle-snapshot';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexShape, leafOf, leavesOf } from './shape.ts';

const shape = indexShape();
const refusal = expect.objectContaining({ code: expect.stringMatching(/^MERKLE_/) });
type Tiles = ReadonlyMap<string, Uint8Array>;

function tilesOf(tree: MerkleTree): Tiles {
  return new Map([...tree.tiles()].map(({ hash, bytes }) => [encodeHex(hash), bytes]));
}

/** The walk of a client; counts the tiles crossed. */
function lookUp(tiles: Tiles, root: Uint8Array, name: string): { leaf: Leaf | undefined; crossed: number } {
  let hash = root;
  let depth = 0;
  let several = false;
  if (encodeHex(root) === encodeHex(EMPTY)) return { leaf: undefined, crossed: 0 };
  for (let crossed = 1; ; crossed += 1) {
    const bytes = tiles.get(encodeHex(hash));
    if (bytes === undefined) throw new Error(`no tile ${tilePath(hash)}`);
    const tile = verifyTile(shape, hash, depth, keyOf(shape, name), bytes, { several });
    const step = walkTile(tile, shape, name);
    if ('found' in step) return { leaf: step.found, crossed };
    if ('absent' in step) return { leaf: undefined, crossed };
    ({ next: hash, depth, several } = step);
  }
}

describe('tiles', () => {
  it.each([
    [1, undefined],
    [32, undefined],
    [33, undefined],
    [3_000, undefined],
    [6_000, undefined],
    [300, { bucket: 1, fanOut: 2 }],
    [300, { bucket: 3, fanOut: 4 }],
    [300, { bucket: 256, fanOut: 2 }],
  ])('of %i leaves, cut %j, lead to every leaf and to no other', (count, cut) => {
    const leaves = leavesOf(count);
    const tree = MerkleTree.from(shape, leaves, cut);
    const tiles = tilesOf(tree);
    for (const leaf of leaves.slice(0, 400)) expect(lookUp(tiles, tree.root, leaf.name).leaf).toEqual(leaf);
    for (const { name } of leavesOf(100, 'absent'))
      expect(lookUp(tiles, tree.root, name).leaf).toBeUndefined();
    for (const bytes of tiles.values()) expect(encodeTile(decodeTile(bytes))).toEqual(bytes);
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['an array', bytes => bytes.slice()],
    ['a Buffer', bytes => Buffer.from(bytes)],
  ])('stay as they were verified, whatever becomes of the bytes: %s', (_, copyOf) => {
    const tree = MerkleTree.from(shape, leavesOf(300));
    const tiles = tilesOf(tree);
    const bytesOf = (hash: Uint8Array) => copyOf(tiles.get(encodeHex(hash)) ?? new Uint8Array(0));
    for (const name of ['crate-1', 'crate-2']) {
      const [root, hash, key] = [bytesOf(tree.root), copyOf(tree.root), copyOf(keyOf(shape, name))];
      const top = verifyTile(shape, hash, 0, key, root);
      for (const bytes of [root, hash, key]) bytes.fill(0);
      expect(top.hash).toEqual(tree.root);
      const step = walkTile(top, shape, name);
      if (!('next' in step)) throw new Error(`${name}: expected a tile below the root`);
      const [bucket, place] = [bytesOf(step.next), copyOf(keyOf(shape, name))];
      const tile = verifyTile(shape, step.next, step.depth, place, bucket, step);
      for (const bytes of [bucket, place]) bytes.fill(0);
      expect(walkTile(tile, shape, name)).toEqual({ found: tree.leaf(name) });
    }
  });

  it.each([
    [1_000, 2],
    [4_096, 2],
    [20_000, 3],
  ])('follow the number of leaves: of %i, a walk crosses at most %i', (count, most) => {
    const tree = MerkleTree.from(shape, leavesOf(count));
    const tiles = tilesOf(tree);
    const crossed = leavesOf(50).map(({ name }) => lookUp(tiles, tree.root, name).crossed);
    expect(Math.max(...crossed)).toBeLessThanOrEqual(most);
    expect(Math.max(...[...tiles.values()].map(({ length }) => length))).toBeLessThan(9_000);
  });

  it('are cut in steps, with enough levels for every size of a step', () => {
    const cuts = [0, 64, 65, 128, 4_096, 4_097, 250_000, 262_144, 10_000_000, 50_000_000, 2 ** 40].map(
      size => {
        const { bucket, fanOut } = cutFor(size);
        return [size, bucket, fanOut];
      },
    );
    expect(cuts).toEqual([
      [0, 32, 3],
      [64, 32, 3],
      [65, 32, 4],
      [128, 32, 5],
      [4_096, 32, 131],
      [4_097, 32, 15],
      [250_000, 32, 93],
      [262_144, 32, 93],
      [10_000_000, 32, 76],
      [50_000_000, 32, 37],
      [2 ** 40, 32, 33],
    ]);
    for (const size of [-1, 1.5, Number.NaN, 2 ** 53]) expect(() => cutFor(size)).toThrow(refusal);
  });

  it('are all written anew where a map is cut in another way', () => {
    const before = MerkleTree.from(shape, leavesOf(64));
    const after = before.with([leafOf('one-more', 2)]);
    expect(after.isCutAs(before)).toBe(false);
    expect([...after.tilesSince(before)]).toEqual([...MerkleTree.from(shape, [...after.leaves()]).tiles()]);
  });

  it('that changed are those that tilesSince gives', () => {
    const pool = leavesOf(400);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(pool, { minLength: 40 }),
        fc.integer({ min: 1, max: 200 }),
        (leaves, cut) => {
          const shapeOfTiles = { bucket: 2, fanOut: 3 };
          const before = MerkleTree.from(shape, leaves.slice(cut), shapeOfTiles);
          const changes = leaves
            .slice(0, cut)
            .concat(leaves.slice(cut, cut + 2).map(leaf => leafOf(leaf.name, 99)));
          const after = before.with(changes, shapeOfTiles);
          const known = new Set(tilesOf(before).keys());
          const since = [...after.tilesSince(before)].map(tile => encodeHex(tile.hash));
          const missing = [...tilesOf(after).keys()].filter(hash => !known.has(hash));
          expect(new Set(since.filter(hash => !known.has(hash)))).toEqual(new Set(missing));
          expect(since.length).toBeLessThanOrEqual(missing.length + changes.length);
        },
      ),
      { numRuns: 60 },
    );
    const tree = MerkleTree.from(shape, pool);
    expect([...tree.tilesSince(tree)]).toEqual([]);
    expect([...tree.with([leafOf('crate-1', 50)]).tilesSince(tree)].length).toBe(2);
  });

  it('refuse every flipped bit and every truncation', () => {
    const tree = MerkleTree.from(shape, leavesOf(70));
    for (const { hash, bytes } of tree.tiles()) {
      const { depth, prefix } = placeOf(tree, hash);
      expect(verifyTile(shape, hash, depth, prefix, bytes).depth).toBe(depth);
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const damaged = bytes.slice();
        damaged[bit >> 3] ^= 1 << (bit & 7);
        expect(() => verifyTile(shape, hash, depth, prefix, damaged), `bit ${bit}`).toThrow(refusal);
      }
      for (let length = 0; length < bytes.length; length += 1) {
        expect(() => verifyTile(shape, hash, depth, prefix, bytes.subarray(0, length))).toThrow(refusal);
      }
      expect(() => verifyTile(shape, hash, depth, prefix, Uint8Array.of(...bytes, 0))).toThrow(
        expect.objectContaining({ code: 'MERKLE_SYNTAX' }),
      );
    }
  });

  it('answer for the keys on their path only', () => {
    const tree = MerkleTree.from(shape, leavesOf(200));
    const tiles = [...tree.tiles()];
    const bucket = tiles.find(({ bytes }) => bytes[3] === 2);
    if (bucket === undefined) throw new Error('no bucket');
    const { depth, prefix } = placeOf(tree, bucket.hash);
    const tile = verifyTile(shape, bucket.hash, depth, prefix, bucket.bytes);
    const elsewhere = leavesOf(200).find(({ name }) => !tile.isOnPathOf(keyOf(shape, name)));
    expect(() => walkTile(tile, shape, elsewhere?.name ?? '')).toThrow(
      expect.objectContaining({ code: 'MERKLE_TILE_PLACE' }),
    );
    const wrong = keyOf(shape, elsewhere?.name ?? '');
    expect(() => verifyTile(shape, bucket.hash, depth, wrong, bucket.bytes)).toThrow(
      expect.objectContaining({ code: 'MERKLE_TILE_PLACE' }),
    );
  });

  it('do not pass for those of another repository or map', () => {
    const tree = MerkleTree.from(shape, leavesOf(5));
    const [tile] = [...tree.tiles()];
    expect(() => verifyTile(indexShape(8), tile.hash, 0, tile.hash, tile.bytes)).toThrow(
      expect.objectContaining({ code: 'MERKLE_TILE_HASH' }),
    );
  });
});

describe('the shape of an inner tile', () => {
  const hash = (byte: number) => new Uint8Array(32).fill(byte);
  const exitsOf = (depths: readonly number[]): InnerTile['exits'] =>
    depths.map((depth, index) => ({ depth, hash: hash(index + 1) }));

  it('comes back from its bits, for every tree', () => {
    const depthsOf = (tree: unknown, depth = 0): number[] =>
      Array.isArray(tree) ? tree.flatMap(half => depthsOf(half, depth + 1)) : [depth];
    const { tree } = fc.letrec(tie => ({
      tree: fc.oneof({ withCrossShrink: true }, fc.constant(0), fc.tuple(tie('tree'), tie('tree'))),
    }));
    fc.assert(
      fc.property(fc.tuple(tree, tree), both => {
        const exits = exitsOf(depthsOf(both)).map(exit => ({ ...exit, hash: hash(7) }));
        const bytes = encodeTile({ kind: 'inner', exits });
        expect(decodeTile(bytes)).toEqual({ kind: 'inner', exits });
        expect(bytes.length).toBe(6 + Math.ceil((2 * exits.length - 1) / 8) + 32 * exits.length);
      }),
    );
  });

  it.each([
    ['no second half', [1, 2]],
    ['more than a tree', [1, 1, 1]],
    ['a depth that falls', [2, 1]],
    ['the root itself', [0, 1]],
    ['half a level', [1.5, 1]],
    ['deeper than 127', [...Array.from({ length: 128 }, (_, index) => index + 1), 128]],
  ])('cannot be written: %s', (_, depths) => {
    expect(() => encodeTile({ kind: 'inner', exits: exitsOf(depths) })).toThrow(
      expect.objectContaining({ code: 'MERKLE_TILE_SHAPE' }),
    );
  });

  it('is refused with two empty exits under one node', () => {
    const exits = [1, 1].map(depth => ({ depth, hash: undefined }));
    expect(() => verifyTile(shape, hash(9), 0, hash(0), encodeTile({ kind: 'inner', exits }))).toThrow(
      expect.objectContaining({ code: 'MERKLE_TILE_SHAPE' }),
    );
  });

  it('is refused below level 127 of a tile', () => {
    const bits = [...Array.from({ length: 16 }, () => 0xff), ...new Uint8Array(17)];
    const bytes = Uint8Array.from([0x54, 0x4d, 1, 1, 0, 129, ...bits, ...new Uint8Array(32 * 129)]);
    expect(() => decodeTile(bytes)).toThrow(expect.objectContaining({ code: 'MERKLE_SYNTAX' }));
  });

  it('is refused below depth 256', () => {
    const bytes = encodeTile({
      kind: 'inner',
      exits: [
        { depth: 1, hash: hash(1) },
        { depth: 1, hash: hash(2) },
      ],
    });
    const name = hashNode(hash(1), hash(2));
    expect(verifyTile(shape, name, 255, hash(0), bytes).depth).toBe(255);
    expect(() => verifyTile(shape, name, 256, hash(0), bytes)).toThrow(
      expect.objectContaining({ code: 'MERKLE_TILE_SHAPE' }),
    );
  });

  it('says that a subtree beside an empty one has several leaves', () => {
    const leaf = leafOf('itoa');
    const key = keyOf(shape, 'itoa');
    const isLeft = key[0] < 0x80;
    const exits = [
      { depth: 1, hash: hashLeaf(shape, leaf) },
      { depth: 1, hash: undefined },
    ];
    const [left, right] = isLeft ? exits : exits.toReversed();
    const root = hashNode(left.hash ?? EMPTY, right.hash ?? EMPTY);
    const tile = verifyTile(shape, root, 0, key, encodeTile({ kind: 'inner', exits: [left, right] }));
    const step = walkTile(tile, shape, 'itoa');
    expect(step).toEqual({ next: hashLeaf(shape, leaf), depth: 1, several: true });
    const bucket = encodeTile({ kind: 'bucket', leaves: [leaf] });
    expect(() => verifyTile(shape, hashLeaf(shape, leaf), 1, key, bucket, { several: true })).toThrow(
      expect.objectContaining({ code: 'MERKLE_TILE_SHAPE' }),
    );
  });
});

describe('limits of a tile', () => {
  it('takes 256 records and 2,000 exits, and one more of neither', () => {
    const leaves = leavesOf(257);
    expect(decodeTile(encodeTile({ kind: 'bucket', leaves: leaves.slice(0, 256) })).kind).toBe('bucket');
    expect(() => encodeTile({ kind: 'bucket', leaves })).toThrow(
      expect.objectContaining({ code: 'MERKLE_LIMIT' }),
    );
    const depths = [...Array.from({ length: 48 }, () => 10), ...Array.from({ length: 1_952 }, () => 11)];
    const exits = depths.map(depth => ({ depth, hash: new Uint8Array(32).fill(1) }));
    const bytes = encodeTile({ kind: 'inner', exits });
    expect(decodeTile(bytes).kind).toBe('inner');
    const more = {
      kind: 'inner' as const,
      exits: [...exits.slice(0, 47), ...exits.slice(47, 48), ...exits.slice(47)],
    };
    expect(() => encodeTile(more)).toThrow(expect.objectContaining({ code: 'MERKLE_LIMIT' }));
    bytes.set([0x07, 0xd1], 4);
    expect(() => decodeTile(bytes)).toThrow(expect.objectContaining({ code: 'MERKLE_LIMIT' }));
    expect(() => decodeTile(new Uint8Array(64 * 1024 + 1))).toThrow(
      expect.objectContaining({ code: 'MERKLE_LIMIT' }),
    );
  });

  it('names a tile by its hash', () => {
    expect(tilePath(sha256(new Uint8Array(0)))).toMatch(/^map\/e3\/e3b0c442[0-9a-f]{56}\.tile$/);
  });
});

/** Depth and a key of the tile with this hash, by trying every leaf. */
function placeOf(tree: MerkleTree, hash: Uint8Array): { depth: number; prefix: Uint8Array } {
  const tiles = tilesOf(tree);
  for (const { name } of tree.leaves()) {
    let step: { next: Uint8Array; depth: number } = { next: tree.root, depth: 0 };
    for (;;) {
      if (encodeHex(step.next) === encodeHex(hash)) return { depth: step.depth, prefix: keyOf(shape, name) };
      const bytes = tiles.get(encodeHex(step.next)) ?? new Uint8Array(0);
      const found = walkTile(
        verifyTile(shape, step.next, step.depth, keyOf(shape, name), bytes),
        shape,
        name,
      );
      if (!('next' in found)) break;
      step = found;
    }
  }
  throw new Error('no such tile');
}
