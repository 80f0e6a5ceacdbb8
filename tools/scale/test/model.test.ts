// The trees of the model are those of the maps that are published, when they are given their keys.

import { cutFor, decodeTile, MerkleTree, type Leaf, packLeaves } from '@cargo-tuf/merkle-snapshot';
import { indexPathOfLowerCase } from '@cargo-tuf/crate-index';
import { describe, expect, it } from 'vitest';
import { multiproofBytes } from '../model/multiproof.ts';
import { TileTree } from '../model/tile-tree.ts';
import { KeyOrder, keyPrefix } from '../population/key-order.ts';
import { Ledger } from '../population/ledger.ts';

const SIZE = 9_000;
const ledger = new Ledger(SIZE, 1);
const leaves = Array.from({ length: SIZE }, (_, crate): Leaf => {
  const { length, sha256, version } = ledger.entry(crate);
  return { name: ledger.name(crate), kind: 'entry', version, length, sha256 };
});
const tree = MerkleTree.from({ map: 1, repository: new Uint8Array(32), path: indexPathOfLowerCase }, leaves);
const keys = new KeyOrder(ledger).prefixes;
const recordBytes = [...packLeaves(leaves)].reduce((sum, piece) => sum + piece.length, 0) / SIZE;

describe('the tile tree', () => {
  const model = new TileTree(keys, cutFor(SIZE), recordBytes);
  const modelled = new Map(
    leaves.flatMap((_, crate) => model.path(keyPrefix(ledger.path(crate))).map(tile => [tile.id, tile])),
  );

  it('has as many tiles of each kind as the map, and as many bytes', () => {
    const tiles = [...tree.tiles()];
    const inner = tiles.filter(({ bytes }) => decodeTile(bytes).kind === 'inner');
    const modelledInner = [...modelled.values()].filter(({ countsBytes }) => countsBytes > 0);
    const sum = (list: readonly { readonly bytes: number }[]): number =>
      list.reduce((all, { bytes }) => all + bytes, 0);
    expect(modelled.size).toBe(tiles.length);
    expect(modelledInner.length).toBe(inner.length);
    expect(sum(modelledInner)).toBe(inner.reduce((all, { bytes }) => all + bytes.length, 0));
    expect(sum([...modelled.values()])).toBeCloseTo(
      tiles.reduce((all, { bytes }) => all + bytes.length, 0),
      3,
    );
    expect(modelledInner.reduce((all, { countsBytes }) => all + countsBytes, 0)).toBe(
      inner.reduce((all, { counts }) => all + (counts?.length ?? 0), 0),
    );
  });

  it('has the root and what is below it at its top', () => {
    const root = decodeTile([...tree.tiles()][0]?.bytes ?? new Uint8Array());
    const exits = root.kind === 'inner' ? root.exits.filter(({ hash }) => hash !== undefined) : [];
    expect(model.top().length).toBe(1 + exits.length);
  });
});

describe('a multiproof', () => {
  it('of one crate is its proof: a hash for each sibling that is not empty, and the leaf', () => {
    for (const crate of [0, 1, 77, SIZE - 1]) {
      const { siblings } = tree.prove(ledger.name(crate));
      const hashes = siblings.filter(hash => hash.some(byte => byte !== 0)).length;
      const bits = Math.ceil((1 + 2 * siblings.length) / 4);
      expect(multiproofBytes(keys, [keyPrefix(ledger.path(crate))], 50)).toBe(32 * hashes + 50 + bits);
    }
  });

  it('of all crates has no hash', () => {
    const bytes = multiproofBytes(keys, [...keys], 50);
    expect(bytes).toBeGreaterThan(50 * SIZE);
    expect(bytes).toBeLessThan(51 * SIZE);
  });
});
