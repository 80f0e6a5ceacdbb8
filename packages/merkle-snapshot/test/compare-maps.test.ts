import {
  type BucketTile,
  changesBetween,
  EMPTY,
  encodeTile,
  hashLeaf,
  hashNode,
  type InnerTile,
  keyOf,
  type Leaf,
  MerkleTree,
  type MapShape,
  proveByTiles,
  tilePath,
  type TileOpener,
  verifyProof,
  verifyTile,
} from '@cargo-tuf/merkle-snapshot';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const shape: MapShape = { map: 1, repository: new Uint8Array(32).fill(1), path: name => `path/${name}` };

function leaf(name: string, version: number): Leaf {
  return { name, kind: 'entry', version, length: version, sha256: new Uint8Array(32).fill(version % 251) };
}

/** Trees are cut differently: what a walk finds must not depend on it. */
const CUTS = [
  { bucket: 1, fanOut: 2 },
  { bucket: 4, fanOut: 4 },
  { bucket: 32, fanOut: 128 },
];

interface Published {
  readonly open: TileOpener;
  readonly opened: string[];
}

/** A tile that no tree has: a lone leaf beside an empty subtree. */
function publishLoneLeaf(only: Leaf): { readonly root: Uint8Array; readonly open: TileOpener } {
  const hash = hashLeaf(shape, only);
  const isLeft = ((keyOf(shape, only.name)[0] as number) & 0x80) === 0;
  const [left, right] = isLeft ? [hash, undefined] : [undefined, hash];
  const exits = [
    { depth: 1, hash: left },
    { depth: 1, hash: right },
  ];
  const root = hashNode(left ?? EMPTY, right ?? EMPTY);
  const open: TileOpener = async ({ hash: asked, depth, key, several }) => {
    const tile: InnerTile | BucketTile =
      depth === 0 ? { kind: 'inner', exits } : { kind: 'bucket', leaves: [only] };
    return verifyTile(shape, asked, depth, key, encodeTile(tile), { several });
  };
  return { root, open };
}

function publish(...trees: readonly (readonly [MerkleTree, number])[]): Published {
  const tiles = new Map<string, Uint8Array>();
  for (const [tree, cut] of trees)
    for (const { hash, bytes } of MerkleTree.from(shape, tree.leaves(), CUTS[cut]).tiles())
      tiles.set(tilePath(hash), bytes);
  const opened: string[] = [];
  const open: TileOpener = async ({ hash, depth, key, several }) => {
    opened.push(tilePath(hash));
    const bytes = tiles.get(tilePath(hash)) as Uint8Array;
    return verifyTile(shape, hash, depth, key, bytes, { several });
  };
  return { open, opened };
}

async function changes(
  before: MerkleTree,
  after: MerkleTree,
  { open }: Published,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const change of changesBetween(before.root, after.root, open)) {
    const name = (change.after ?? change.before)?.name as string;
    expect(found.has(name)).toBe(false);
    found.set(name, `${change.before?.version}:${change.after?.version}`);
  }
  return found;
}

const versions = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.integer({ min: 1, max: 5 }), {
  maxKeys: 60,
});

describe('changesBetween', () => {
  it('is the difference of any two maps, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(versions, versions, fc.nat(2), fc.nat(2), async (one, other, cutOne, cutOther) => {
        const [before, after] = [one, other].map(all =>
          MerkleTree.from(
            shape,
            Object.entries(all).map(([name, version]) => leaf(name, version)),
          ),
        );
        const expected = new Map<string, string>();
        for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
          if (one[name] !== other[name]) expected.set(name, `${one[name]}:${other[name]}`);
        }
        const published = publish([before, cutOne], [after, cutOther]);
        expect(await changes(before, after, published)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it('opens the tiles on changed paths alone', async () => {
    const names = Array.from({ length: 5000 }, (_, index) => `crate-${index}`);
    const before = MerkleTree.from(
      shape,
      names.map(name => leaf(name, 1)),
    );
    const after = before.with([leaf('crate-77', 2), leaf('added', 2)]);
    const published = publish([before, 2], [after, 2]);
    expect(await changes(before, after, published)).toEqual(
      new Map([
        ['crate-77', '1:2'],
        ['added', 'undefined:2'],
      ]),
    );
    // Two paths of three tiles, in two trees.
    expect(published.opened.length).toBeLessThanOrEqual(12);
    published.opened.length = 0;
    expect((await changes(after, after, published)).size).toBe(0);
    expect(published.opened).toEqual([]);
  });

  it('is every leaf from the empty map on, and none between empty maps', async () => {
    const tree = MerkleTree.from(shape, [leaf('one', 1), leaf('two', 2)]);
    const empty = MerkleTree.from(shape, []);
    expect(empty.root).toEqual(EMPTY);
    expect((await changes(empty, tree, publish([tree, 2]))).size).toBe(2);
    expect((await changes(empty, empty, publish())).size).toBe(0);
  });
});

describe('proveByTiles', () => {
  it('cuts the proof that the tree gives, of every name that is there or not', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `crate-${index}`);
    for (const cut of [0, 1, 2]) {
      const tree = MerkleTree.from(
        shape,
        names.map(name => leaf(name, 3)),
      );
      const { open } = publish([tree, cut]);
      for (const name of [...names.slice(0, 40), 'absent', 'crate-300', 'zzz']) {
        const proof = await proveByTiles(shape, tree.root, name, open);
        expect(proof).toEqual(tree.prove(name));
        expect(verifyProof(shape, tree.root, name, proof)?.name).toBe(
          names.includes(name) ? name : undefined,
        );
      }
    }
    expect(await proveByTiles(shape, EMPTY, 'any', publish().open)).toEqual({ end: undefined, siblings: [] });
  });

  it('are refused where a lone leaf stands beside an empty subtree, and so are proofs', async () => {
    const only = leaf('a', 1);
    const { root, open } = publishLoneLeaf(only);
    const refusal = { code: 'MERKLE_TILE_SHAPE', message: expect.stringContaining('single leaf') };
    await expect(changesBetween(EMPTY, root, open).next()).rejects.toMatchObject(refusal);
    await expect(proveByTiles(shape, root, only.name, open)).rejects.toMatchObject(refusal);
  });
});
