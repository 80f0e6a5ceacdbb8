import { encodeHex } from '@cargo-tuf/keys';
import {
  buildPartition,
  decodeTile,
  EMPTY,
  joinPartitions,
  LeafPartitions,
  MerkleTree,
  packLeaves,
  type Tile,
} from '@cargo-tuf/merkle-snapshot';
import { describe, expect, it } from 'vitest';
import { buildByPartitions } from './partitions.ts';
import { indexShape, leafOf, leavesOf } from './shape.ts';

const shape = indexShape();
const CUT = { bucket: 32, fanOut: 128 };
const described = (tiles: Iterable<Tile>): readonly string[] =>
  [...tiles].map(({ hash, bytes, counts }) => [hash, bytes, counts ?? EMPTY].map(encodeHex).join(' ')).sort();

describe('a map built by partitions', () => {
  const pool = leavesOf(20_000);
  it.each([
    [CUT, [...Array.from({ length: 70 }, (_, size) => size), 300, 4_096, 4_097, 20_000]],
    [{ bucket: 1, fanOut: 2 }, [1, 2, 3, 10, 100, 1_000]],
    [{ bucket: 3, fanOut: 4 }, [1, 3, 4, 5, 12, 13, 700]],
    [{ bucket: 256, fanOut: 2 }, [256, 257, 3_000]],
    [{ bucket: 200, fanOut: 500 }, [1_000, 20_000]],
  ])('has the root, the tiles and the counts of the tree in memory, cut %j', (cut, sizes) => {
    for (const size of sizes) {
      const leaves = pool.slice(0, size);
      const tree = MerkleTree.from(shape, leaves);
      const built = buildByPartitions(shape, leaves, cut, 1 + (size % 3));
      expect(built.size).toBe(size);
      expect(encodeHex(built.root), `size ${size}`).toBe(encodeHex(tree.root));
      expect(described(built.tiles), `size ${size}`).toEqual(described(tree.with([], cut).tiles()));
    }
  });

  it('gives every tile after those that it leads to, the root last', () => {
    const { root, tiles } = buildByPartitions(shape, pool, { bucket: 4, fanOut: 8 });
    const seen = new Set<string>();
    for (const { hash, bytes } of tiles) {
      const tile = decodeTile(bytes);
      for (const exit of tile.kind === 'inner' ? tile.exits : []) {
        if (exit.hash !== undefined) expect(seen.has(encodeHex(exit.hash))).toBe(true);
      }
      seen.add(encodeHex(hash));
    }
    expect(encodeHex(tiles.at(-1)?.hash ?? EMPTY)).toBe(encodeHex(root));
  });

  it('needs no tiles', () => {
    const partitions = new LeafPartitions(shape);
    for (const records of packLeaves(pool)) partitions.add(records);
    const subtrees = partitions.take().map(blocks => buildPartition(blocks, { cut: CUT }));
    const { root } = joinPartitions(subtrees, { cut: CUT });
    expect(encodeHex(root)).toBe(encodeHex(MerkleTree.from(shape, pool).root));
    expect(partitions.take().every(blocks => blocks.length === 0)).toBe(true);
  });

  it('takes pieces of any number of records', () => {
    const [records] = packLeaves(pool.slice(0, 50));
    const pieces = pool.slice(50, 60).flatMap(leaf => [...packLeaves([leaf])]);
    const partitions = new LeafPartitions(shape);
    expect(partitions.add(records)).toBe(50);
    for (const piece of pieces) expect(partitions.add(piece)).toBe(1);
    expect(partitions.add(new Uint8Array(0))).toBe(0);
  });

  it.each([
    ['MERKLE_DUPLICATE', [leafOf('a', 1), leafOf('b'), leafOf('a', 2)]],
    ['MERKLE_NAME', [leafOf('Itoa')]],
    ['MERKLE_LEAF_KIND', [leafOf('a', 1, 'claim')]],
  ])('throws %s', (code, leaves) => {
    expect(() => buildByPartitions(shape, leaves, CUT)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses damaged records and cuts that cannot be', () => {
    const [records] = packLeaves(pool.slice(0, 3));
    for (const damaged of [records.subarray(0, -1), records.subarray(1), Uint8Array.of(...records, 9)]) {
      expect(() => new LeafPartitions(shape).add(damaged)).toThrow(
        expect.objectContaining({ code: 'MERKLE_SYNTAX' }),
      );
    }
    expect(() => buildByPartitions(shape, pool, { bucket: 257, fanOut: 2 })).toThrow(
      expect.objectContaining({ code: 'MERKLE_LEAF' }),
    );
  });
});
