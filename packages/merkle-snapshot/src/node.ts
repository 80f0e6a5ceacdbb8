// The binary prefix tree (docs/pouf.md, section 3). Nodes never change: a tree that differs in k leaves shares all but
// k paths with the one that it was made from.

import { equalBytes } from '@cargo-tuf/keys';
import { bitAt } from './bits.ts';
import type { ByteWriter } from './byte-writer.ts';
import { fail } from './errors.ts';
import { EMPTY, hashNode, keyOf, type MapShape } from './hashes.ts';
import { insertLeaf, type KeyedLeaves, type LeafNode } from './keyed-leaves.ts';
import { encodeRecord } from './record.ts';

/** Two leaves or more below. */
export interface BranchNode {
  readonly hash: Uint8Array;
  readonly count: number;
  readonly left: Node | undefined;
  readonly right: Node | undefined;
  /** The records of all leaves below, where they stand in a bucket. */
  readonly records?: Uint8Array;
}

/** A subtree of which nothing is known but its hash and its leaves' number: what a change leaves alone is never read. */
export interface SealedNode {
  readonly hash: Uint8Array;
  readonly count: number;
  readonly sealed: true;
}

/** Undefined stands for a subtree with no leaf. */
export type Node = LeafNode | BranchNode | SealedNode;

export function isLeafNode(node: Node): node is LeafNode {
  // A subtree can be said to have one leaf by counts that are wrong.
  return node.count === 1 && 'leaf' in node;
}

export function isSealed(node: Node): node is SealedNode {
  return 'sealed' in node;
}

/** The node, where what is below it was read. Throws `MERKLE_SEALED`. */
export function opened(node: BranchNode | SealedNode): BranchNode {
  if (!isSealed(node)) return node;
  throw fail('MERKLE_SEALED', `tree: a subtree of ${node.count} leaves was not read, expected it`, {
    details: { count: node.count },
  });
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
  const { left, right } = opened(node);
  const middle = leaves.splitAtBit(from, to, depth);
  return branch(
    mergeNode(shape, left, leaves, depth + 1, from, middle),
    mergeNode(shape, right, leaves, depth + 1, middle, to),
  );
}

/** The siblings on the walk of `key`, from the root down, and the leaf where it ends. Throws `MERKLE_SEALED`. */
export function pathOf(
  root: Node | undefined,
  key: Uint8Array,
): { end: LeafNode | undefined; siblings: Uint8Array[] } {
  const siblings: Uint8Array[] = [];
  let node = root;
  for (let depth = 0; node !== undefined && !isLeafNode(node); depth += 1) {
    const { left, right } = opened(node);
    const isLeft = bitAt(key, depth) === 0;
    siblings.push((isLeft ? right : left)?.hash ?? EMPTY);
    node = isLeft ? left : right;
  }
  return { end: node, siblings };
}

/** The leaf of `name`, or undefined. */
export function findLeaf(shape: MapShape, root: Node | undefined, name: string): LeafNode | undefined {
  const key = keyOf(shape, name);
  let node = root;
  for (let depth = 0; node !== undefined && !isLeafNode(node); depth += 1) {
    const fork: BranchNode = opened(node);
    node = bitAt(key, depth) === 0 ? fork.left : fork.right;
  }
  return node !== undefined && equalBytes(keyOfNode(shape, node), key) ? node : undefined;
}

/** By ascending key. */
export function* leavesOf(node: Node | undefined): Generator<LeafNode> {
  const waiting = [node];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (next === undefined) continue;
    if (isLeafNode(next)) yield next;
    else {
      const { left, right } = opened(next);
      waiting.push(right, left);
    }
  }
}

/** The records of all leaves by ascending key. */
export function writeRecords(writer: ByteWriter, node: Node | undefined): void {
  if (node === undefined) return;
  if (isSealed(node)) opened(node);
  else if (node.records !== undefined) writer.bytes(node.records);
  else if (isLeafNode(node)) encodeRecord(writer, node.leaf);
  else {
    writeRecords(writer, node.left);
    writeRecords(writer, node.right);
  }
}

/** `hash`: where it was computed before. */
export function branch(
  left: Node | undefined,
  right: Node | undefined,
  hash: Uint8Array = hashNode(left?.hash ?? EMPTY, right?.hash ?? EMPTY),
): BranchNode {
  return {
    hash,
    count: (left?.count ?? 0) + (right?.count ?? 0),
    left,
    right,
  };
}

function keyOfNode(shape: MapShape, node: LeafNode): Uint8Array {
  return node.key ?? keyOf(shape, node.leaf.name);
}

function withLeaf(shape: MapShape, leaves: KeyedLeaves, node: LeafNode): KeyedLeaves {
  const key = keyOfNode(shape, node);
  for (let index = 0; index < leaves.count; index += 1) {
    if (equalBytes(leaves.key(index), key)) return leaves;
  }
  return insertLeaf(leaves, node, key);
}
