import { indexPathOfLowerCase } from '@cargo-tuf/crate-index';
import { MerkleTree } from '@cargo-tuf/merkle-snapshot';
import type { CommitResult, PublishedState } from '@cargo-tuf/repository';
import { describe, expect, it } from 'vitest';
import { KeptMap } from '../src/kept-map.ts';

const shape = { map: 1, repository: new Uint8Array(32), path: indexPathOfLowerCase } as const;

function treeOf(count: number): MerkleTree {
  return MerkleTree.from(
    shape,
    Array.from({ length: count }, (_, index) => {
      return { name: `crate-${index}`, kind: 'entry', version: 1, length: 1, sha256: new Uint8Array(32) };
    }),
  );
}

const stateOf = (tree: MerkleTree) => ({ tree }) as PublishedState;
const resultOf = (tree: MerkleTree) => ({ tree }) as CommitResult;

describe('the map that is kept between batches', () => {
  const [tree, same, larger] = [treeOf(100), treeOf(100), treeOf(101)];

  it('is that of the state, or the state is left as it is', () => {
    const kept = new KeptMap();
    expect(kept.of(stateOf(same)).tree).toBe(same);
    kept.keep(resultOf(tree), stateOf(tree), 1);
    expect(kept.of(stateOf(same)).tree).toBe(tree);
    expect(kept.of(stateOf(larger)).tree).toBe(larger);
  });

  it('is forgotten when it is cut in another way, of which all is read', () => {
    const kept = new KeptMap();
    const recut = tree.with([], { bucket: 16, fanOut: 16 });
    kept.keep(resultOf(recut), stateOf(tree), 1);
    expect(kept.of(stateOf(same)).tree).toBe(same);
  });

  it('is forgotten when too many names were read, unless it is small', () => {
    const small = new KeptMap();
    small.keep(resultOf(tree), stateOf(tree), 1_000_000);
    expect(small.of(stateOf(same)).tree).toBe(tree);
    const kept = new KeptMap();
    const [large, alike] = [treeOf(100), treeOf(100)].map(each =>
      Object.defineProperty(each, 'size', { value: 10_000_000 }),
    ) as [MerkleTree, MerkleTree];
    for (const expected of [large, alike, large]) {
      kept.keep(resultOf(large), stateOf(large), 10_000);
      expect(kept.of(stateOf(alike)).tree).toBe(expected);
    }
  });
});
