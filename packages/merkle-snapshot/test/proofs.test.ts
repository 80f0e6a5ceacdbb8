import {
  decodeProof,
  EMPTY,
  encodeProof,
  hashLeaf,
  hashNode,
  keyOf,
  MerkleTree,
  type Proof,
  verifyProof,
} from '@cargo-tuf/merkle-snapshot';
import { describe, expect, it } from 'vitest';
import { indexShape, leafOf, leavesOf } from './shape.ts';

const shape = indexShape();
const refusal = expect.objectContaining({ code: expect.stringMatching(/^MERKLE_/) });
const tree = MerkleTree.from(shape, leavesOf(40));

describe('a proof', () => {
  it('comes back from its bytes', () => {
    for (const name of ['crate-3', 'crate-4', 'absent-1', 'absent-2', 'absent-3']) {
      const proof = tree.prove(name);
      expect(decodeProof(encodeProof(proof))).toEqual(proof);
    }
  });

  it.each(['crate-3', 'crate-4', 'absent-1', 'absent-2'])(
    'of %s refuses every flipped bit and truncation',
    name => {
      const bytes = encodeProof(tree.prove(name));
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const damaged = bytes.slice();
        damaged[bit >> 3] ^= 1 << (bit & 7);
        expect(() => verifyProof(shape, tree.root, name, decodeProof(damaged)), `bit ${bit}`).toThrow(
          refusal,
        );
      }
      for (let length = 0; length < bytes.length; length += 1) {
        expect(() => decodeProof(bytes.subarray(0, length))).toThrow(
          expect.objectContaining({ code: 'MERKLE_SYNTAX' }),
        );
      }
      expect(() => decodeProof(Uint8Array.of(...bytes, 0))).toThrow(
        expect.objectContaining({ code: 'MERKLE_SYNTAX' }),
      );
    },
  );

  it('is good for its name and its root only', () => {
    const proof = tree.prove('crate-3');
    for (const { name } of leavesOf(40)) {
      if (name !== 'crate-3') expect(() => verifyProof(shape, tree.root, name, proof)).toThrow(refusal);
    }
    const later = tree.with([leafOf('crate-3', 70)]);
    expect(() => verifyProof(shape, later.root, 'crate-3', proof)).toThrow(
      expect.objectContaining({ code: 'MERKLE_PROOF_ROOT' }),
    );
    expect(() => verifyProof(indexShape(9), tree.root, 'crate-3', proof)).toThrow(
      expect.objectContaining({ code: 'MERKLE_PROOF_ROOT' }),
    );
  });

  it('does not turn presence into absence', () => {
    const { siblings } = tree.prove('crate-3');
    expect(() => verifyProof(shape, tree.root, 'crate-3', { end: undefined, siblings })).toThrow(
      expect.objectContaining({ code: 'MERKLE_PROOF_ROOT' }),
    );
  });

  it('of absence ends at a leaf on the path', () => {
    const other = tree.prove('crate-5');
    expect(() => verifyProof(shape, tree.root, 'crate-3', other)).toThrow(
      expect.objectContaining({ code: 'MERKLE_PROOF_PLACE' }),
    );
  });

  it('does not let a leaf stand beside an empty subtree', () => {
    const leaf = leafOf('itoa');
    const isLeft = keyOf(shape, 'itoa')[0] < 0x80;
    const hash = hashLeaf(shape, leaf);
    const root = isLeft ? hashNode(hash, EMPTY) : hashNode(EMPTY, hash);
    expect(() => verifyProof(shape, root, 'itoa', { end: leaf, siblings: [EMPTY] })).toThrow(
      expect.objectContaining({ code: 'MERKLE_PROOF_SHAPE' }),
    );
  });

  it('has at most 256 siblings', () => {
    const siblings = Array.from({ length: 257 }, (_, index) => new Uint8Array(32).fill(1 + (index % 200)));
    const most: Proof = { end: undefined, siblings: siblings.slice(1) };
    expect(decodeProof(encodeProof(most))).toEqual(most);
    expect(() => encodeProof({ end: undefined, siblings })).toThrow(
      expect.objectContaining({ code: 'MERKLE_LIMIT' }),
    );
    expect(() => verifyProof(shape, EMPTY, 'a', { end: undefined, siblings })).toThrow(
      expect.objectContaining({ code: 'MERKLE_LIMIT' }),
    );
    expect(() => decodeProof(new Uint8Array(64 * 1024 + 1))).toThrow(
      expect.objectContaining({ code: 'MERKLE_LIMIT' }),
    );
  });
});
