// Proof by trying everything. `npm run exhaustive` runs the long form (minutes); without CARGO_TUF_EXHAUSTIVE a short one runs.

import { readFileSync } from 'node:fs';
import { encodeHex, equalBytes, sha256 } from '@cargo-tuf/keys';
import {
  decodeProof,
  encodeProof,
  keyOf,
  type Leaf,
  MERKLE_LIMITS,
  MerkleTree,
  type Step,
  verifyProof,
  verifyTile,
  walkTile,
} from '@cargo-tuf/merkle-snapshot';
import { describe, expect, it } from 'vitest';
import { bitsOf, referenceKey, referenceLeaf, referenceRoot } from './reference.ts';
import { buildByPartitions } from './partitions.ts';
import { indexShape, leafOf, leavesOf } from './shape.ts';

const isLong = process.env['CARGO_TUF_EXHAUSTIVE'] === '1';
const HOUR = 3_600_000;
const shape = indexShape();

describe('every tree of 1 to 1,024 leaves', () => {
  const all = leavesOf(1_024);
  const sizes = all
    .map((_, index) => index + 1)
    .filter(size => isLong || size <= 40 || size % 61 === 0 || size === 1_024);

  it('has the root of the reference, proves every leaf, and the absence beside every leaf', {
    timeout: HOUR,
  }, () => {
    const neighbours = nearestAbsent(all);
    let checked = 0;
    for (const size of sizes) {
      const leaves = all.slice(0, size);
      const root = referenceRoot(shape, leaves);
      const tree = MerkleTree.from(shape, leaves);
      if (encodeHex(tree.root) !== root)
        expect.fail(`size ${size}: ${encodeHex(tree.root)}, expected ${root}`);
      for (const leaf of leaves) {
        const found = verifyProof(shape, tree.root, leaf.name, tree.prove(leaf.name));
        if (found !== leaf) expect.fail(`size ${size}: ${leaf.name} is not proved`);
        for (const name of neighbours.get(leaf.name) ?? []) {
          const absent = verifyProof(shape, tree.root, name, tree.prove(name));
          if (absent !== undefined) expect.fail(`size ${size}: ${name} is not absent`);
          checked += 1;
        }
      }
    }
    expect(checked).toBeGreaterThanOrEqual(2 * sizes.reduce((sum, size) => sum + size, 0) - 2 * sizes.length);
  });

  it('is built by partitions with the same root and tiles', { timeout: HOUR }, () => {
    const cut = { bucket: 4, fanOut: 4 };
    for (const size of sizes) {
      const leaves = all.slice(0, size);
      const built = buildByPartitions(shape, leaves, cut);
      const tree = MerkleTree.from(shape, leaves);
      expect(encodeHex(built.root), `size ${size}`).toBe(encodeHex(tree.root));
      expect(new Set(built.tiles.map(tile => `${encodeHex(tile.hash)}${encodeHex(tile.bytes)}`))).toEqual(
        new Set(
          [...tree.with([], cut).tiles()].map(tile => `${encodeHex(tile.hash)}${encodeHex(tile.bytes)}`),
        ),
      );
    }
  });
});

describe('every bit and every length', () => {
  const [bucket, fanOut] = [3, 4];
  const sizes = isLong ? Array.from({ length: 120 }, (_, index) => index + 1) : [1, 2, 3, 4, 13, 40];

  it('of every tile is bound', { timeout: HOUR }, () => {
    for (const size of sizes) {
      const tree = MerkleTree.from(shape, leavesOf(size));
      for (const { hash, bytes } of tree.with([], { bucket, fanOut }).tiles()) {
        const { depth, prefix } = placeOf(tree, hash);
        const verify = (damaged: Uint8Array) => verifyTile(shape, hash, depth, prefix, damaged);
        expect(verify(bytes).depth).toBe(depth);
        refusesDamage(bytes, verify);
      }
    }
  });

  it('of every proof and the leaf in it is bound', { timeout: HOUR }, () => {
    const absent = leavesOf(8, 'absent').map(leaf => leaf.name);
    for (const size of sizes.filter(size => size <= 40)) {
      const leaves = leavesOf(size);
      const tree = MerkleTree.from(shape, leaves);
      for (const name of [...leaves.map(leaf => leaf.name), ...absent]) {
        const verify = (damaged: Uint8Array) => verifyProof(shape, tree.root, name, decodeProof(damaged));
        const bytes = encodeProof(tree.prove(name));
        expect(verify(bytes)?.name).toBe(absent.includes(name) ? undefined : name);
        refusesDamage(bytes, verify);
      }
    }
  });
});

describe('mined names, whose keys share up to 50 bits', () => {
  const url = new URL('../../../test-vectors/merkle-snapshot/mined.json', import.meta.url);
  const groups = JSON.parse(readFileSync(url, 'utf8')) as readonly { shared: number; names: string[] }[];
  const mined = groups.flatMap(group => group.names);
  const others = leavesOf(2_000);
  const leaves = [...others, ...mined.map(name => leafOf(name))];
  const tree = MerkleTree.from(shape, leaves);

  it('share what they are said to share', () => {
    for (const { shared, names } of groups) {
      const bits = names.map(name => bitsOf(referenceKey(shape, name)));
      expect(new Set(bits.map(each => each.slice(0, shared))).size).toBe(1);
      expect(new Set(bits.map(each => each.slice(0, shared + 1))).size).toBe(2);
    }
    expect(groups.filter(group => group.names.length === 2 && group.shared >= 40).length).toBeGreaterThan(3);
    expect(groups.filter(group => group.names.length === 3).length).toBeGreaterThan(0);
  });

  it('have one root, however it is made', () => {
    const root = referenceRoot(shape, leaves);
    expect(encodeHex(tree.root)).toBe(root);
    expect(encodeHex(MerkleTree.from(shape, others).with(leaves.slice(2_000)).root)).toBe(root);
    expect(encodeHex(buildByPartitions(shape, leaves, { bucket: 32, fanOut: 128 }).root)).toBe(root);
  });

  it('are proved by proofs as long as what they share, and are absent alike', () => {
    for (const { shared, names } of groups) {
      for (const name of names) {
        const proof = decodeProof(encodeProof(tree.prove(name)));
        expect(verifyProof(shape, tree.root, name, proof)?.name).toBe(name);
        expect(proof.siblings.length).toBeGreaterThan(shared);
        const without = MerkleTree.from(
          shape,
          leaves.filter(leaf => leaf.name !== name),
        );
        expect(verifyProof(shape, without.root, name, without.prove(name))).toBeUndefined();
        const other = names.find(each => each !== name) ?? '';
        expect(verifyProof(shape, without.root, other, without.prove(other))?.name).toBe(other);
      }
    }
  });

  it.each([
    [{ bucket: 32, fanOut: 128 }, 3],
    [{ bucket: 1, fanOut: 2 }, 16],
  ])('cost a client no more tiles, cut %j', (cut, most) => {
    const tiles = new Map([...tree.with([], cut).tiles()].map(tile => [encodeHex(tile.hash), tile.bytes]));
    for (const name of mined) {
      let [step, crossed] = [{ next: tree.root, depth: 0, several: false } as Step, 0];
      while ('next' in step) {
        const bytes = tiles.get(encodeHex(step.next)) ?? new Uint8Array(0);
        const tile = verifyTile(shape, step.next, step.depth, keyOf(shape, name), bytes, step);
        expect(bytes.length).toBeLessThan(MERKLE_LIMITS.tileBytes / 8);
        step = walkTile(tile, shape, name);
        crossed += 1;
      }
      expect(step).toMatchObject({ found: { name } });
      expect(crossed).toBeLessThanOrEqual(most);
    }
    const built = buildByPartitions(shape, leaves, cut);
    expect(built.tiles.map(tile => encodeHex(tile.hash)).sort()).toEqual([...tiles.keys()].sort());
  });
});

describe('random sequences of insert, update and tombstone', () => {
  const sequences = isLong ? 1_000_000 : 5_000;

  it(`${sequences} of them give the root of a tree that is built at once`, { timeout: HOUR }, () => {
    const next = randomNumbers(isLong ? Date.now() : 1);
    const names = Array.from({ length: 64 }, (_, index) => `name-${index}`);
    const steps = { insert: 0, update: 0, tombstone: 0 };
    for (let sequence = 0; sequence < sequences; sequence += 1) {
      const known = new Map<string, Leaf>();
      let tree = MerkleTree.from(shape, []);
      const count = 1 + (next() % 6);
      const few = 1 + (next() % (sequence % 2 === 0 ? 8 : 64));
      for (let step = 0; step < count; step += 1) {
        const batch = new Map<string, Leaf>();
        for (let change = 1 + (next() % 4); change > 0; change -= 1) {
          const name = names[next() % few];
          const before = known.get(name);
          const kind = before !== undefined && next() % 3 === 0 ? 'tombstone' : 'entry';
          steps[before === undefined ? 'insert' : kind === 'entry' ? 'update' : 'tombstone'] += 1;
          batch.set(name, { ...MODEL[kind], name, version: step + 1 });
        }
        for (const [name, leaf] of batch) known.set(name, leaf);
        tree = tree.with(batch.values());
      }
      const fresh = MerkleTree.from(shape, known.values());
      if (!equalBytes(tree.root, fresh.root) || tree.size !== known.size) {
        expect.fail(`sequence ${sequence}: ${JSON.stringify([...known.values()])}`);
      }
    }
    expect(Math.min(...Object.values(steps))).toBeGreaterThan(sequences / 2);
  });
});

const MODEL = { entry: leafOf('model'), tombstone: leafOf('model', 1, 'tombstone') };

/** For each leaf the two absent names, of 65,536, whose keys stand next to its key: before it and after it. */
function nearestAbsent(leaves: readonly Leaf[]): ReadonlyMap<string, readonly string[]> {
  const pool = [...leaves.map(leaf => leaf.name), ...leavesOf(65_536, 'absent').map(leaf => leaf.name)];
  const sorted = pool
    .map(name => ({ name, key: encodeHex(keyOf(shape, name)) }))
    .sort((left, right) => (left.key < right.key ? -1 : 1));
  const isLeaf = new Set(leaves.map(leaf => leaf.name));
  const nearest = new Map<string, string[]>();
  for (const [index, { name }] of sorted.entries()) {
    if (!isLeaf.has(name)) continue;
    const before = sorted.slice(0, index).reverse();
    const find = (side: readonly { name: string }[]) => side.find(each => !isLeaf.has(each.name))?.name;
    nearest.set(
      name,
      [find(before.slice(0, 64)), find(sorted.slice(index + 1, index + 65))].filter(
        each => each !== undefined,
      ),
    );
  }
  return nearest;
}

function placeOf(tree: MerkleTree, hash: Uint8Array): { depth: number; prefix: Uint8Array } {
  if (equalBytes(tree.root, hash)) return { depth: 0, prefix: new Uint8Array(32) };
  const wanted = encodeHex(hash);
  for (const { name } of tree.leaves()) {
    const { siblings, end } = tree.prove(name);
    const key = keyOf(shape, name);
    let below = end === undefined ? '' : referenceLeaf(shape, end);
    const depths = siblings.length;
    if (below === wanted) return { depth: depths, prefix: key };
    for (const [index, sibling] of siblings.entries()) {
      const depth = depths - 1 - index;
      const isLeft = ((key[depth >> 3] >> (7 - (depth & 7))) & 1) === 0;
      const message = Buffer.concat([
        Buffer.of(1),
        isLeft ? Buffer.from(below, 'hex') : sibling,
        isLeft ? sibling : Buffer.from(below, 'hex'),
      ]);
      below = encodeHex(sha256(message));
      if (below === wanted) return { depth, prefix: key };
    }
  }
  throw new Error(`no node ${wanted}`);
}

/** Every flipped bit, every truncation and a byte too many. Throws for a change that is taken. */
function refusesDamage(bytes: Uint8Array, verify: (damaged: Uint8Array) => unknown): void {
  const refuses = (damaged: Uint8Array, what: string) => {
    try {
      verify(damaged);
    } catch (error) {
      if ((error as { code?: string }).code?.startsWith('MERKLE_')) return;
      throw error;
    }
    expect.fail(`${what} is taken`);
  };
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const damaged = bytes.slice();
    damaged[bit >> 3] ^= 1 << (bit & 7);
    refuses(damaged, `flipped bit ${bit}`);
  }
  for (let length = 0; length < bytes.length; length += 1)
    refuses(bytes.subarray(0, length), `length ${length}`);
  refuses(Uint8Array.of(...bytes, 0), 'a byte too many');
}

/** Numbers of 32 bits (xorshift). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0 || 1;
  console.log(`seed ${state}`);
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>>= 0);
  };
}
