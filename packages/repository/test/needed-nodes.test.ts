import { encodeHex } from '@cargo-tuf/keys';
import {
  decodeTile,
  encodeTile,
  type Exit,
  type Leaf,
  MerkleTree,
  tilePath,
} from '@cargo-tuf/merkle-snapshot';
import { openMemoryBytes } from '@cargo-tuf/repository';
import { describe, expect, it } from 'vitest';
import { NeededNodes } from '../src/needed-nodes.ts';
import { indexShape } from '../src/state.ts';

const shape = indexShape('01'.repeat(32));

/** Large enough for two levels of inner tiles. */
function openMap() {
  const leaves = Array.from({ length: 5000 }, (_, index): Leaf => {
    const sha256 = new Uint8Array(32).fill(index & 0xff).with(0, index >> 8);
    return { name: `crate${index}`, kind: 'entry', version: 1, length: 1, sha256 };
  });
  const tree = MerkleTree.from(shape, leaves);
  const bytes = openMemoryBytes();
  const tiles = [...tree.tilesSince(MerkleTree.from(shape, []))];
  for (const { hash, bytes: content } of tiles) bytes.files.set(tilePath(hash), content);
  return { bytes, tree, tiles, leaves, map: { shape, root: encodeHex(tree.root), size: tree.size } };
}

describe('needed nodes', () => {
  it('are every tile and every content of a map, and nothing of another', async () => {
    const { bytes, tiles, leaves, map } = openMap();
    let count = 0;
    const nodes = new NeededNodes(bytes, more => (count += more));
    await nodes.add(map);
    expect(tiles.every(({ hash }) => nodes.hasSubtree(hash))).toBe(true);
    expect(leaves.every(({ sha256 }) => nodes.hasContent(sha256))).toBe(true);
    expect(count).toBe(5000);
    expect(nodes.hasSubtree(new Uint8Array(32).fill(9))).toBe(false);
    expect(nodes.hasContent(new Uint8Array(32).fill(0xfe))).toBe(false);
  });

  it('have the tiles of the cut of today where one of another cut hides them', async () => {
    const { bytes, tree, tiles, map } = openMap();
    // One tile from the root down to the buckets, as a map can have that was cut otherwise.
    const inner = tiles.filter(tile => decodeTile(tile.bytes).kind === 'inner');
    expect(inner.length).toBeGreaterThan(5);
    const flat = (hash: Uint8Array, depth: number): readonly Exit[] => {
      const tile = decodeTile(bytes.files.get(tilePath(hash)) as Uint8Array);
      if (tile.kind === 'bucket') return [{ depth, hash }];
      return tile.exits.flatMap(exit =>
        exit.hash === undefined
          ? [{ ...exit, depth: depth + exit.depth }]
          : flat(exit.hash, depth + exit.depth),
      );
    };
    bytes.files.set(tilePath(tree.root), encodeTile({ kind: 'inner', exits: flat(tree.root, 0) }));
    const nodes = new NeededNodes(bytes, () => undefined);
    await nodes.add(map);
    expect(tiles.every(({ hash }) => nodes.hasSubtree(hash))).toBe(true);
  });

  it('want every tile, or go by what stands there', async () => {
    const { bytes, tiles, map } = openMap();
    bytes.files.delete(tilePath((tiles[1] as { hash: Uint8Array }).hash));
    await expect(new NeededNodes(bytes, () => undefined).add(map)).rejects.toMatchObject({
      code: 'REPOSITORY_DAMAGED',
    });
    const nodes = new NeededNodes(bytes, () => undefined);
    await nodes.addStanding(map);
    expect(nodes.hasSubtree((tiles.at(-1) as { hash: Uint8Array }).hash)).toBe(true);
  });
});
