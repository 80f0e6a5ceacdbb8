import { readFileSync } from 'node:fs';
import { decodeHex, encodeHex, sha256 } from '@cargo-tuf/keys';
import {
  decodeProof,
  hashLeaf,
  keyOf,
  type Leaf,
  type LeafKind,
  type MapShape,
  MerkleTree,
  verifyProof,
  verifyTile,
  walkTile,
} from '@cargo-tuf/merkle-snapshot';
import { describe, expect, it } from 'vitest';
import { indexShape } from './shape.ts';

interface Case {
  readonly description: string;
  readonly map: 1 | 2;
  readonly repository: string;
  readonly expect: string;
}

function casesOf<T>(name: string): readonly (Case & T)[] {
  const url = new URL(`../../../test-vectors/merkle-snapshot/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as readonly (Case & T)[];
}

function shapeOf({ map, repository }: Case): MapShape {
  return { ...indexShape(), map, repository: decodeHex(repository) };
}

/** The code of what `work` throws, or what it returns. */
function outcomeOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

interface LeafCase {
  readonly name: string;
  readonly kind: LeafKind;
  readonly version: number;
  readonly length: number;
  readonly sha256: string;
}

const leafOf = (leaf: LeafCase): Leaf => ({ ...leaf, sha256: decodeHex(leaf.sha256) });

describe('test-vectors/merkle-snapshot', () => {
  const trees = casesOf<{ leaves: readonly LeafCase[]; leafHashes: readonly string[]; root: string }>(
    'trees',
  );
  it.each(trees)('tree: $description: $expect', vector => {
    const shape = shapeOf(vector);
    const leaves = vector.leaves.map(leafOf);
    const outcome = outcomeOf(() => encodeHex(MerkleTree.from(shape, leaves).root));
    expect(outcome).toBe(vector.expect === 'ok' ? vector.root : vector.expect);
    if (vector.expect === 'ok') {
      expect(leaves.map(leaf => encodeHex(hashLeaf(shape, leaf)))).toEqual(vector.leafHashes);
    }
  });

  it.each(casesOf<{ names: readonly string[]; root: string }>('mined'))('mined: $description', vector => {
    const abc = sha256(new TextEncoder().encode('abc'));
    const leaves = vector.names.map(
      (name): Leaf => ({ name, kind: 'entry', version: 1, length: 3, sha256: abc }),
    );
    expect(encodeHex(MerkleTree.from(shapeOf(vector), leaves).root)).toBe(vector.root);
  });

  const proofs = casesOf<{ root: string; name: string; proof: string; result?: string }>('proofs');
  it.each(proofs)('proof: $description: $expect', vector => {
    const outcome = outcomeOf(() => {
      const proof = decodeProof(decodeHex(vector.proof));
      const leaf = verifyProof(shapeOf(vector), decodeHex(vector.root), vector.name, proof);
      return leaf === undefined ? 'absent' : leaf.name === vector.name ? 'present' : 'another leaf';
    });
    expect(outcome).toBe(vector.expect === 'ok' ? vector.result : vector.expect);
  });

  interface TileCase {
    readonly hash: string;
    readonly depth: number;
    readonly name: string;
    readonly tile: string;
    readonly step?: string;
    readonly several?: boolean;
  }
  it.each(casesOf<TileCase>('tiles'))('tile: $description: $expect', vector => {
    const shape = shapeOf(vector);
    const outcome = outcomeOf(() => {
      const { depth, name, several = false } = vector;
      const bytes = decodeHex(vector.tile);
      const tile = verifyTile(shape, decodeHex(vector.hash), depth, keyOf(shape, name), bytes, { several });
      const step = walkTile(tile, shape, name);
      if ('found' in step) return 'found';
      return 'next' in step ? encodeHex(step.next) : 'absent';
    });
    expect(outcome).toBe(vector.expect === 'ok' ? vector.step : vector.expect);
  });
});
