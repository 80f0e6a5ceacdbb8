// Leaf nodes with their keys, by ascending key. The keys are in one array, 32 bytes each: a quarter of a million small
// arrays would cost more than hashing them.

import { escapeText } from '@cargo-tuf/errors';
import { splitAtBit } from './bits.ts';
import { fail } from './errors.ts';
import { hashLeafAt, keyInto, type MapShape } from './hashes.ts';
import type { Leaf } from './leaf.ts';

export interface LeafNode {
  readonly hash: Uint8Array;
  readonly count: 1;
  readonly leaf: Leaf;
  /** Where it is at hand. */
  readonly key?: Uint8Array;
  /** The leaf's record, where it stands in a bucket. */
  readonly records?: Uint8Array;
}

export class KeyedLeaves {
  readonly nodes: readonly LeafNode[];
  readonly #keys: Uint8Array;

  /** `nodes` by ascending key; `keys`: 32 bytes for each. */
  constructor(nodes: readonly LeafNode[], keys: Uint8Array) {
    this.nodes = nodes;
    this.#keys = keys;
  }

  get count(): number {
    return this.nodes.length;
  }

  key(index: number): Uint8Array {
    return this.#keys.subarray(32 * index, 32 * (index + 1));
  }

  slice(from: number, to: number): KeyedLeaves {
    return new KeyedLeaves(this.nodes.slice(from, to), this.#keys.subarray(32 * from, 32 * to));
  }

  /** First index of `from`…`to` whose key has bit `depth` set; these keys share the bits before it. */
  splitAtBit(from: number, to: number, depth: number): number {
    return splitAtBit(this.#keys, 32, depth, from, to);
  }
}

/** Throws `MERKLE_DUPLICATE`, and what `hashLeaf` throws. */
export function sortLeaves(shape: MapShape, leaves: Iterable<Leaf>): KeyedLeaves {
  const list = [...leaves];
  const keys = keysOf(shape, list);
  return inOrder(nodesOf(shape, list, keys), keys);
}

/** The keys of leaves, 32 bytes each, in their order. Throws `MERKLE_NAME`. */
function keysOf(shape: MapShape, leaves: readonly Leaf[]): Uint8Array {
  const keys = new Uint8Array(32 * leaves.length);
  for (const [index, leaf] of leaves.entries()) keyInto(shape, leaf.name, keys, 32 * index);
  return keys;
}

/** Throws what `hashLeaf` throws. */
function nodesOf(shape: MapShape, leaves: readonly Leaf[], keys: Uint8Array): LeafNode[] {
  return leaves.map((leaf, index) => {
    const key = keys.subarray(32 * index, 32 * (index + 1));
    return { hash: hashLeafAt(shape, key, leaf), count: 1, leaf };
  });
}

/** The leaves of `first`, and `node` in its place. Throws `MERKLE_DUPLICATE`. */
export function insertLeaf(first: KeyedLeaves, node: LeafNode, key: Uint8Array): KeyedLeaves {
  const keys = new Uint8Array(32 * (first.count + 1));
  for (let index = 0; index < first.count; index += 1) keys.set(first.key(index), 32 * index);
  keys.set(key, 32 * first.count);
  return inOrder([...first.nodes, node], keys);
}

function inOrder(nodes: readonly LeafNode[], keys: Uint8Array): KeyedLeaves {
  const starts = firstSixBytes(keys, nodes.length);
  const order = Uint32Array.from(nodes.keys()).sort(
    (left, right) => (starts[left] as number) - (starts[right] as number) || compareAt(keys, left, right),
  );
  const sorted = new Uint8Array(keys.length);
  for (let index = 0; index < order.length; index += 1) {
    const from = order[index] as number;
    const before = order[index - 1];
    if (before !== undefined && starts[before] === starts[from] && compareAt(keys, before, from) === 0) {
      throw refuseDuplicate(nodes[from] as LeafNode);
    }
    sorted.set(keys.subarray(32 * from, 32 * (from + 1)), 32 * index);
  }
  return new KeyedLeaves(
    Array.from(order, from => nodes[from] as LeafNode),
    sorted,
  );
}

/** The first 48 bits of each key as a number: enough to order nearly all of them. */
function firstSixBytes(keys: Uint8Array, count: number): Float64Array {
  const view = new DataView(keys.buffer, keys.byteOffset);
  return Float64Array.from({ length: count }, (_, index) => {
    return view.getUint32(32 * index) * 65_536 + view.getUint16(32 * index + 4);
  });
}

function compareAt(keys: Uint8Array, left: number, right: number): number {
  for (let index = 0; index < 32; index += 1) {
    const difference = (keys[32 * left + index] as number) - (keys[32 * right + index] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

function refuseDuplicate({ leaf }: LeafNode): Error {
  return fail('MERKLE_DUPLICATE', `leaf ${escapeText(leaf.name)}: given twice`, {
    details: { name: leaf.name },
  });
}
