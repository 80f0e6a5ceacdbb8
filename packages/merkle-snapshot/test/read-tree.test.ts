import { encodeHex, equalBytes, sha256 } from '@cargo-tuf/keys';
import {
  EMPTY,
  encodeTile,
  hashLeaf,
  hashNode,
  keyOf,
  type Leaf,
  type MapTop,
  MerkleTree,
  type TileCut,
  type TileReader,
} from '@cargo-tuf/merkle-snapshot';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexShape, leafOf, leavesOf } from './shape.ts';

const shape = indexShape();

/** What a publisher has: tiles and their counts, by hash. */
class Published implements TileReader {
  readonly tiles = new Map<string, Uint8Array>();
  readonly countFiles = new Map<string, Uint8Array>();
  readonly asked: string[] = [];

  async tile(hash: Uint8Array): Promise<Uint8Array | null> {
    this.asked.push(encodeHex(hash));
    return this.tiles.get(encodeHex(hash)) ?? null;
  }

  async counts(hash: Uint8Array): Promise<Uint8Array | null> {
    return this.countFiles.get(encodeHex(hash)) ?? null;
  }

  write(tiles: ReturnType<MerkleTree['tiles']>): number {
    let written = 0;
    for (const { hash, bytes, counts } of tiles) {
      this.tiles.set(encodeHex(hash), bytes);
      if (counts !== undefined) this.countFiles.set(encodeHex(hash), counts);
      written += 1;
    }
    return written;
  }
}

function publishedOf(
  leaves: readonly Leaf[],
  cut?: TileCut,
): { tree: MerkleTree; published: Published; top: MapTop } {
  const tree = MerkleTree.from(shape, leaves, cut);
  const published = new Published();
  published.write(tree.tiles());
  return { tree, published, top: topOf(tree) };
}

const topOf = ({ root, size }: MerkleTree): MapTop => ({ root, size });
const namesOf = (leaves: readonly Leaf[]): string[] => leaves.map(({ name }) => name);

describe('a map that is read for some names', () => {
  it('changes as the whole map does: the same root, the same tiles, of any cut', async () => {
    const pool = leavesOf(700);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(pool, { minLength: 0 }),
        fc.array(fc.shuffledSubarray(pool, { minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom<TileCut | undefined>(
          undefined,
          { bucket: 1, fanOut: 2 },
          { bucket: 3, fanOut: 4 },
          { bucket: 8, fanOut: 8 },
        ),
        async (start, batches, cut) => {
          let { tree, published, top } = publishedOf(start, cut);
          // One that goes on from the map before, and reads of it what was not read yet.
          let kept = await MerkleTree.read(shape, top, published, []);
          for (const [index, batch] of batches.entries()) {
            const changes = batch.map(({ name }) => leafOf(name, 10 + index));
            const whole = tree.with(changes, cut);
            const names = whole.isCutAs(tree) ? namesOf(changes) : undefined;
            const partial = await MerkleTree.read(shape, top, published, names);
            const next = partial.with(changes, cut);
            const expected = new Set([...whole.tilesSince(tree)].map(({ hash }) => encodeHex(hash)));
            const given = [...next.tilesSince(partial)];
            expect(new Set(given.map(({ hash }) => encodeHex(hash)))).toEqual(expected);
            const opened = await kept.open(published, names);
            kept = opened.with(changes, cut);
            const keptTiles = [...kept.tilesSince(opened)];
            expect(keptTiles.map(({ bytes }) => bytes)).toEqual(given.map(({ bytes }) => bytes));
            expect(keptTiles.map(({ counts }) => counts)).toEqual(given.map(({ counts }) => counts));
            published.write(given[Symbol.iterator]() as ReturnType<MerkleTree['tiles']>);
            expect(topOf(next)).toEqual(topOf(whole));
            [tree, top] = [whole, topOf(whole)];
          }
          // Nothing is missing: the whole map can be read from what was written.
          expect([...(await MerkleTree.read(shape, top, published)).leaves()]).toEqual([...tree.leaves()]);
          expect([...(await kept.open(published)).leaves()]).toEqual([...tree.leaves()]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is read along the paths of these names alone', async () => {
    const { published, top } = publishedOf(leavesOf(20_000));
    const names = ['crate-7', 'crate-19999', 'absent'];
    const partial = await MerkleTree.read(shape, top, published, names);
    expect(published.asked.length).toBeLessThanOrEqual(1 + 2 * names.length);
    expect(published.tiles.size).toBeGreaterThan(600);
    expect(partial.size).toBe(20_000);
    expect(partial.leaf('crate-7')?.name).toBe('crate-7');
    expect(partial.leaf('absent')).toBeUndefined();
    expect(partial.prove('crate-19999')).toEqual(
      MerkleTree.from(shape, leavesOf(20_000)).prove('crate-19999'),
    );
    const sealed = expect.objectContaining({ code: 'MERKLE_SEALED', kind: 'misuse' });
    for (const look of [
      () => partial.leaf('crate-8'),
      () => partial.prove('crate-8'),
      () => partial.with([leafOf('crate-8', 9)]),
      () => [...partial.leaves()],
    ])
      expect(look).toThrow(sealed);
  });

  it.each<[string, TileCut, boolean]>([
    ['deeper', { bucket: 4, fanOut: 16 }, true],
    ['less deep', { bucket: 4, fanOut: 2 }, false],
  ])('goes on where some of its tiles were cut %s before', async (_, other, isByRule) => {
    const cut = { bucket: 4, fanOut: 4 };
    const leaves = leavesOf(600);
    const { tree, published, top } = publishedOf(leaves, cut);
    const before = MerkleTree.from(shape, leaves, other);
    let standing = 0;
    for (const { hash, bytes, counts } of before.tiles()) {
      const name = encodeHex(hash);
      // Not the root's, by which a publisher knows the cut.
      if (name === encodeHex(top.root)) continue;
      if (published.countFiles.has(name) && !equalBytes(bytes, published.tiles.get(name) ?? EMPTY))
        standing += 1;
      published.tiles.set(name, bytes);
      if (counts !== undefined) published.countFiles.set(name, counts);
    }
    expect(standing).toBeGreaterThan(5);
    let [kept, whole] = [await MerkleTree.read(shape, top, published, []), tree];
    for (let round = 0; round < 30; round += 1) {
      const changes = [leafOf(`crate-${round * 17}`, 2 + round), leafOf(`crate-${round * 5 + 1}`, 2 + round)];
      const names = namesOf(changes);
      const anew = await MerkleTree.read(shape, topOf(whole), published, names);
      kept = await kept.open(published, names);
      whole = whole.with(changes, cut);
      for (const partial of [anew, kept]) {
        const next = partial.with(changes, cut);
        expect(next.root).toEqual(whole.root);
        const given = [...next.tilesSince(partial)];
        // Tiles that are written anew are of the cut of today, where all is known that it takes.
        const expected = new Map([...whole.tiles()].map(({ hash, bytes }) => [encodeHex(hash), bytes]));
        for (const { hash, bytes } of isByRule ? given : [])
          expect(bytes).toEqual(expected.get(encodeHex(hash)));
        published.write(given[Symbol.iterator]() as ReturnType<MerkleTree['tiles']>);
        if (partial === kept) kept = next;
      }
    }
    const all = await MerkleTree.read(shape, topOf(whole), published);
    expect([...all.leaves()]).toEqual([...whole.leaves()]);
  });

  it('is opened for more names, and what was read is not read again', async () => {
    const { tree, published, top } = publishedOf(leavesOf(20_000));
    const partial = await MerkleTree.read(shape, top, published, ['crate-7']);
    const before = published.asked.length;
    const opened = await partial.open(published, ['crate-7', 'crate-8', 'absent']);
    const asked = published.asked.slice(before);
    expect(asked.length).toBeGreaterThan(0);
    expect(new Set(published.asked).size).toBe(published.asked.length);
    for (const name of ['crate-7', 'crate-8', 'absent']) expect(opened.prove(name)).toEqual(tree.prove(name));
    // A tree never changes: the first one knows no more than it did.
    expect(() => partial.leaf('crate-8')).toThrow(expect.objectContaining({ code: 'MERKLE_SEALED' }));
    await opened.open(published, ['crate-8']);
    expect(published.asked.length).toBe(before + asked.length);
    published.tiles.clear();
    await expect(opened.open(published, ['crate-9'])).rejects.toMatchObject({ code: 'MERKLE_TILE_ABSENT' });
  });

  it('asks for nothing without names, or without leaves', async () => {
    const { published, top } = publishedOf(leavesOf(500));
    const nothing = await MerkleTree.read(shape, top, published, []);
    expect(topOf(nothing)).toEqual(top);
    expect([...nothing.tilesSince(nothing)]).toEqual([]);
    const empty = publishedOf([]);
    expect((await MerkleTree.read(shape, empty.top, empty.published, ['crate-1'])).size).toBe(0);
    expect([...published.asked, ...empty.published.asked]).toEqual([]);
  });

  it.each<[string, (published: Published) => void]>([
    ['absent', published => published.countFiles.clear()],
    ['cut short', published => each(published, bytes => bytes.subarray(0, bytes.length - 1))],
    ['of another number', published => each(published, () => Uint8Array.of(0x54, 0x43, 1, 0, 1, 5))],
    [
      'of another sum',
      published =>
        each(
          published,
          recount(counts => counts.with(0, (counts[0] ?? 0) + 1)),
        ),
    ],
    // The sum holds, and buckets have each other's count.
    [
      'in another order',
      published =>
        each(
          published,
          recount(counts => counts.toReversed()),
        ),
    ],
    ['none of a bucket', published => each(published, recount(emptyFirst))],
  ])('counts anew where the counts are %s', async (_, damage) => {
    const leaves = leavesOf(3_000);
    const { tree, published, top } = publishedOf(leaves);
    damage(published);
    for (const { name } of leaves.slice(0, 80)) {
      const partial = await MerkleTree.read(shape, top, published, [name]);
      expect(partial.size).toBe(3_000);
      const changes = [leafOf(name, 9)];
      expect(partial.with(changes).root).toEqual(tree.with(changes).root);
    }
  });

  it('refuses what does not lead to the signed root, and says what is missing', async () => {
    const { published, top } = publishedOf(leavesOf(2_000));
    const wrongSize = { ...top, size: 2_001 };
    await expect(MerkleTree.read(shape, wrongSize, published, ['crate-1'])).rejects.toMatchObject({
      code: 'MERKLE_TILE_SHAPE',
      details: { leaves: 2_000, expected: 2_001 },
    });
    const [first = ''] = published.asked;
    const bytes = published.tiles.get(first) ?? new Uint8Array(0);
    published.tiles.set(first, bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1));
    await expect(MerkleTree.read(shape, top, published)).rejects.toMatchObject({ code: 'MERKLE_TILE_HASH' });
    published.tiles.delete(first);
    await expect(MerkleTree.read(shape, top, published)).rejects.toMatchObject({
      code: 'MERKLE_TILE_ABSENT',
      details: { hash: first },
    });
  });

  it('refuses a lone leaf beside an empty subtree, where no tree has one', async () => {
    const leaf = leafOf('crate-1', 1);
    const isLeft = ((keyOf(shape, leaf.name)[0] as number) & 0x80) === 0;
    const exits = [
      { depth: 1, hash: isLeft ? hashLeaf(shape, leaf) : undefined },
      { depth: 1, hash: isLeft ? undefined : hashLeaf(shape, leaf) },
    ] as const;
    const root = hashNode(exits[0].hash ?? EMPTY, exits[1].hash ?? EMPTY);
    const published = new Published();
    published.tiles.set(encodeHex(root), encodeTile({ kind: 'inner', exits }));
    published.tiles.set(encodeHex(hashLeaf(shape, leaf)), encodeTile({ kind: 'bucket', leaves: [leaf] }));
    for (const names of [[leaf.name], undefined]) {
      await expect(MerkleTree.read(shape, { root, size: 1 }, published, names)).rejects.toMatchObject({
        code: 'MERKLE_TILE_SHAPE',
        message: expect.stringContaining('single leaf'),
      });
    }
  });
});

function each(published: Published, change: (bytes: Uint8Array) => Uint8Array): void {
  for (const [hash, bytes] of published.countFiles) published.countFiles.set(hash, change(bytes));
}

/** All of these maps' counts are below 128: a byte each, after 9 bytes and before the check of 8. */
function recount(change: (counts: readonly number[]) => readonly number[]) {
  return (bytes: Uint8Array): Uint8Array => {
    const counts = change([...bytes.subarray(9, -8)]);
    const body = Uint8Array.of(...bytes.subarray(0, 9), ...counts);
    return Uint8Array.of(...body, ...sha256(body).subarray(0, 8));
  };
}

function emptyFirst([first = 0, second = 0, ...rest]: readonly number[]): readonly number[] {
  return [0, first + second, ...rest];
}
