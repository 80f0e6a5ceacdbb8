// The binary prefix tree (docs/pouf.md, section 3). Nodes never change: a tree that differs in k leaves shares all but
// k paths with the one that it was made from.

import { equalBytes } from '@cargo-tuf/keys';
import { bitAt } from './bits.ts';
import { EMPTY, hashNode, keyOf, type MapShape } from './hashes.ts';
import { insertLeaf, type KeyedLeaves, type LeafNode } from './keyed-leaves.ts';

/** Two leaves or more below. */
export interface BranchNode {
  readonly hash: Uint8Array;
  readonly count: number;
  readonly left: Node | undefined;
  readonly right: Node | undefined;
}

/** Undefined stands for a subtree with no leaf. */
export type Node = LeafNode | BranchNode;

export function isLeafNode(node: Node): node is LeafNode {
  return 'leaf' in node;
}

/** The subtree at `depth` of the leaves `from`…`to`, whose keys share `depth` bits. */
export function buildNode(
  leaves: KeyedLeaves,
  depth = 0,
  from = 0,
  to: number = leaves.count,
): Node | undefined {
  if (from === to) return undefined;
  if (to - from === 1) return leaves.nodes[from];
  const middle = leaves.splitAtBit(from, to, depth);
  return branch(buildNode(leaves, depth + 1, from, middle), buildNode(leaves, depth + 1, middle, to));
}

/** `node` with the leaves `from`…`to` inserted, or put in the place of those with their keys. */
export function mergeNode(
  shape: MapShape,
  node: Node | undefined,
  leaves: KeyedLeaves,
  depth = 0,
  from = 0,
  to: number = leaves.count,
): Node | undefined {
  if (from === to) return node;
  if (node === undefined) return buildNode(leaves, depth, from, to);
  if (isLeafNode(node)) return buildNode(withLeaf(shape, leaves.slice(from, to), node), depth);
  const middle = leaves.splitAtBit(from, to, depth);
  return branch(
    mergeNode(shape, node.left, leaves, depth + 1, from, middle),
    mergeNode(shape, node.right, leaves, depth + 1, middle, to),
  );
}

/** The leaf of `name`, or undefined. */
export function findLeaf(shape: MapShape, root: Node | undefined, name: string): LeafNode | undefined {
  const key = keyOf(shape, name);
  let node = root;
  for (let depth = 0; node !== undefined && !isLeafNode(node); depth += 1) {
    node = bitAt(key, depth) === 0 ? node.left : node.right;
  }
  return node !== undefined && equalBytes(keyOf(shape, node.leaf.name), key) ? node : undefined;
}

/** By ascending key. */
export function* leavesOf(node: Node | undefined): Generator<LeafNode> {
  if (node === undefined) return;
  if (isLeafNode(node)) {
    yield node;
    return;
  }
  yield* leavesOf(node.left);
  yield* leavesOf(node.right);
}

function branch(left: Node | undefined, right: Node | undefined): BranchNode {
  return {
    hash: hashNode(left?.hash ?? EMPTY, right?.hash ?? EMPTY),
    count: (left?.count ?? 0) + (right?.count ?? 0),
    left,
    right,
  };
}

function withLeaf(shape: MapShape, leaves: KeyedLeaves, node: LeafNode): KeyedLeaves {
  const key = keyOf(shape, node.leaf.name);
  for (let index = 0; index < leaves.count; index += 1) {
    if (equalBytes(leaves.key(index), key)) return leaves;
  }
  return insertLeaf(leaves, node, key);
}
