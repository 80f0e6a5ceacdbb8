import { indexPathOfLowerCase } from '@cargo-tuf/crate-index';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { EMPTY, type Leaf, MerkleTree, packLeaves, type Tile } from '@cargo-tuf/merkle-snapshot';
import { buildIndexMap } from '@cargo-tuf/hash-workers';
import { describe, expect, it } from 'vitest';

const repository = new Uint8Array(32).fill(9);
const shape = { map: 1, repository, path: indexPathOfLowerCase } as const;
const cut = { bucket: 32, fanOut: 128 };
const leaf = (name: string, version = 1): Leaf => ({
  name,
  kind: 'entry',
  version,
  length: name.length,
  sha256: sha256(new TextEncoder().encode(name)),
});
const LEAVES = Array.from({ length: 60_000 }, (_, index) => leaf(`crate-${index}`, 1 + (index % 1_000)));
const described = (tiles: Iterable<Tile>): readonly string[] =>
  [...tiles].map(({ hash, bytes, counts }) => [hash, bytes, counts ?? EMPTY].map(encodeHex).join(' ')).sort();

describe.each([0, 1, 3])('with %i workers', workers => {
  it('the map is that of the tree in memory, tile for tile', async () => {
    const tree = MerkleTree.from(shape, LEAVES);
    const tiles: Tile[] = [];
    const steps: number[] = [];
    const built = await buildIndexMap(repository, packLeaves(LEAVES), {
      cut,
      workers,
      sink: async tile => void tiles.push(tile),
      onProgress: ({ leaves, joined }) => steps.push(leaves + joined),
    });
    expect(built.size).toBe(LEAVES.length);
    expect(encodeHex(built.root)).toBe(encodeHex(tree.root));
    expect(described(tiles)).toEqual(described(tree.with([], cut).tiles()));
    expect(encodeHex(tiles.at(-1)?.hash ?? EMPTY)).toBe(encodeHex(tree.root));
    expect(steps.at(-1)).toBe(2 * LEAVES.length);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  it('leaves may come as they are made, and are not taken from the caller', async () => {
    async function* later() {
      for (const piece of packLeaves(LEAVES.slice(0, 100))) yield piece;
    }
    const [piece] = packLeaves(LEAVES.slice(100, 200));
    const bytes = piece.slice();
    await buildIndexMap(repository, [piece], { cut, workers });
    expect(piece).toEqual(bytes);
    const { root } = await buildIndexMap(repository, later(), { cut, workers });
    expect(encodeHex(root)).toBe(encodeHex(MerkleTree.from(shape, LEAVES.slice(0, 100)).root));
  });

  it('no leaf is an empty map', async () => {
    const tiles: Tile[] = [];
    const sink = (tile: Tile) => void tiles.push(tile);
    expect(await buildIndexMap(repository, [], { cut, workers, sink })).toEqual({ root: EMPTY, size: 0 });
    expect(tiles).toEqual([]);
  });

  it.each([
    ['MERKLE_DUPLICATE', [leaf('itoa'), leaf('serde'), leaf('itoa', 2)]],
    ['MERKLE_NAME', [leaf('Itoa')]],
    ['MERKLE_LEAF_KIND', [{ ...leaf('itoa'), kind: 'claim' } as const]],
  ])('throws %s as the tree in memory does', async (code, leaves) => {
    const work = buildIndexMap(repository, packLeaves(leaves), { cut, workers });
    await expect(work).rejects.toMatchObject({
      code,
      hint: expect.any(String),
      details: { name: expect.any(String) },
    });
  });

  it('ends with what the source or the sink throws', async () => {
    function* broken() {
      yield* packLeaves(LEAVES.slice(0, 10));
      throw new Error('source');
    }
    await expect(buildIndexMap(repository, broken(), { cut, workers })).rejects.toThrow('source');
    const sink = async () => {
      throw new Error('sink');
    };
    await expect(buildIndexMap(repository, packLeaves(LEAVES), { cut, workers, sink })).rejects.toThrow(
      'sink',
    );
  });
});
