import { encodeHex } from '@cargo-tuf/keys';
import {
  EMPTY,
  hashLeaf,
  hashNode,
  keyOf,
  type Leaf,
  MerkleTree,
  verifyProof,
} from '@cargo-tuf/merkle-snapshot';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsOf, referenceKey, referenceLeaf, referenceRoot } from './reference.ts';
import { indexShape, leafOf, leavesOf } from './shape.ts';

const shape = indexShape();

describe('MerkleTree', () => {
  it('has the root of the reference for every size from 0 to 256', () => {
    const leaves = leavesOf(256);
    for (let size = 0; size <= 256; size += size < 40 ? 1 : 9) {
      const some = leaves.slice(0, size);
      expect(encodeHex(MerkleTree.from(shape, some).root), `size ${size}`).toBe(referenceRoot(shape, some));
    }
  });

  it('hashes keys, leaves and nodes as the reference does', () => {
    const leaf = leafOf('itoa', 2 ** 41 + 5);
    expect(encodeHex(keyOf(shape, 'itoa'))).toBe(referenceKey(shape, 'itoa'));
    expect(encodeHex(hashLeaf(shape, leaf))).toBe(referenceLeaf(shape, leaf));
    expect(encodeHex(hashLeaf(shape, leafOf('itoa', 3, 'tombstone')))).toBe(
      referenceLeaf(shape, leafOf('itoa', 3, 'tombstone')),
    );
  });

  it('proves every leaf and every absent neighbour, at every size from 1 to 256', () => {
    const leaves = leavesOf(256);
    const absent = leavesOf(40, 'absent').map(leaf => leaf.name);
    let tree = MerkleTree.from(shape, []);
    for (let size = 1; size <= 256; size += 1) {
      tree = tree.with([leaves[size - 1]]);
      expect(tree.size).toBe(size);
      for (const leaf of size < 24 || size % 32 === 0 ? leaves.slice(0, size) : [leaves[size - 1]]) {
        expect(verifyProof(shape, tree.root, leaf.name, tree.prove(leaf.name))).toEqual(leaf);
        expect(tree.leaf(leaf.name)).toBe(leaf);
      }
      for (const name of size < 24 || size % 32 === 0 ? absent : [absent[size % 40]]) {
        expect(verifyProof(shape, tree.root, name, tree.prove(name))).toBeUndefined();
        expect(tree.leaf(name)).toBeUndefined();
      }
    }
  });

  it('depends on the set alone, not on order or steps', () => {
    const pool = leavesOf(60);
    const order = fc.shuffledSubarray(pool, { minLength: 1 });
    fc.assert(
      fc.property(order, fc.integer({ min: 1, max: 60 }), (leaves, cut) => {
        const whole = MerkleTree.from(shape, leaves);
        const steps = MerkleTree.from(shape, leaves.slice(0, cut)).with(leaves.slice(cut));
        const replaced = MerkleTree.from(
          shape,
          leaves.map(leaf => leafOf(leaf.name, 9)),
        ).with(leaves);
        expect(encodeHex(steps.root)).toBe(encodeHex(whole.root));
        expect(encodeHex(replaced.root)).toBe(encodeHex(whole.root));
        expect([...steps.leaves()]).toEqual([...whole.leaves()]);
      }),
      { numRuns: 60 },
    );
  });

  it('leaves the tree it was made from as it was', () => {
    const before = MerkleTree.from(shape, leavesOf(50));
    const root = encodeHex(before.root);
    const after = before.with([leafOf('crate-7', 8), leafOf('added')]);
    expect(encodeHex(before.root)).toBe(root);
    expect(encodeHex(after.root)).not.toBe(root);
    expect(after.size).toBe(51);
    expect(after.leaf('crate-7')?.version).toBe(8);
    expect(before.with([])).toMatchObject({ size: 50, root: before.root });
  });

  it('touches about k log n leaves for k changes', () => {
    let paths = 0;
    const counting = { ...shape, path: (name: string) => ((paths += 1), shape.path(name)) };
    const tree = MerkleTree.from(counting, leavesOf(20_000));
    expect(paths).toBe(20_000);
    paths = 0;
    tree.with(leavesOf(100, 'added'));
    expect(paths).toBeLessThan(300);
  });

  it('keeps the shared bits of mined names', () => {
    const near = namesNear('itoa', 12, 3);
    const tree = MerkleTree.from(shape, [leafOf('itoa'), ...near.map(name => leafOf(name))]);
    expect(encodeHex(tree.root)).toBe(referenceRoot(shape, [...tree.leaves()]));
    const absent = namesNear('itoa', 12, 5).slice(3);
    for (const name of absent) {
      const proof = tree.prove(name);
      expect(proof.siblings.length).toBeGreaterThanOrEqual(12);
      expect(verifyProof(shape, tree.root, name, proof)).toBeUndefined();
    }
    for (const name of ['itoa', ...near]) {
      expect(verifyProof(shape, tree.root, name, tree.prove(name))?.name).toBe(name);
    }
  });

  it('has an empty root without leaves', () => {
    const tree = MerkleTree.from(shape, []);
    expect(tree.root).toEqual(EMPTY);
    expect([...tree.tiles()]).toEqual([]);
    expect(verifyProof(shape, tree.root, 'itoa', tree.prove('itoa'))).toBeUndefined();
  });

  it.each<[string, string, readonly Leaf[]]>([
    ['MERKLE_DUPLICATE', 'a name twice', [leafOf('a', 1), leafOf('b'), leafOf('a', 2)]],
    ['MERKLE_NAME', 'a name without a path', [leafOf('Itoa')]],
    ['MERKLE_LEAF', 'version 0', [leafOf('a', 0)]],
    ['MERKLE_LEAF', 'a version beyond 2^53-1', [leafOf('a', 2 ** 53)]],
    ['MERKLE_LEAF', 'a negative length', [{ ...leafOf('a'), length: -1 }]],
    ['MERKLE_LEAF', 'a short sha256', [{ ...leafOf('a'), sha256: new Uint8Array(31) }]],
    ['MERKLE_LEAF', 'a tombstone with a length', [{ ...leafOf('a', 1, 'tombstone'), length: 1 }]],
    [
      'MERKLE_LEAF',
      'a tombstone with a sha256',
      [{ ...leafOf('a', 1, 'tombstone'), sha256: leafOf('a').sha256 }],
    ],
    ['MERKLE_LEAF_KIND', 'a claim in the index', [leafOf('a', 1, 'claim')]],
  ])('throws %s for %s', (code, _, leaves) => {
    expect(() => MerkleTree.from(shape, leaves)).toThrow(expect.objectContaining({ code }));
    expect(() => MerkleTree.from(shape, []).with(leaves)).toThrow(expect.objectContaining({ code }));
  });

  it('keeps claims in map 2, under another root for another repository', () => {
    const claims = { ...shape, map: 2 as const };
    const tree = MerkleTree.from(claims, [leafOf('a', 1, 'claim'), leafOf('b', 2, 'released')]);
    expect(tree.leaf('b')?.kind).toBe('released');
    expect(() => MerkleTree.from(claims, [leafOf('a')])).toThrow(
      expect.objectContaining({ code: 'MERKLE_LEAF_KIND' }),
    );
    const other = MerkleTree.from({ ...indexShape(8), map: 2 }, tree.leaves());
    expect(encodeHex(other.root)).not.toBe(encodeHex(tree.root));
    expect(() => hashLeaf({ ...shape, repository: new Uint8Array(31) }, leafOf('a'))).toThrow(
      expect.objectContaining({ code: 'MERKLE_SHAPE' }),
    );
  });

  it('refuses children that are not hashes', () => {
    expect(() => hashNode(EMPTY, new Uint8Array(33))).toThrow(
      expect.objectContaining({ code: 'MERKLE_LEAF' }),
    );
  });
});

/** Names whose keys share at least `bits` bits with that of `name`. */
function namesNear(name: string, bits: number, count: number): string[] {
  const wanted = bitsOf(referenceKey(shape, name)).slice(0, bits);
  const found: string[] = [];
  for (let index = 0; found.length < count; index += 1) {
    if (bitsOf(referenceKey(shape, `mined-${index}`)).startsWith(wanted)) found.push(`mined-${index}`);
  }
  return found;
}
