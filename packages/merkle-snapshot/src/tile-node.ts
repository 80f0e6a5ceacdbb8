// A published map as one binary tree, whose tiles are opened when a walk comes to them. Where two publishers cut their tiles
// is then no concern of the walk.

import { bitAt } from './bits.ts';
import type { BucketNode } from './bucket.ts';
import { type InnerNodes, isFork, ROOT_FORK } from './inner-nodes.ts';
import type { Leaf } from './leaf.ts';
import { contentOf, type VerifiedTile } from './verify-tile.ts';

/** A tile of a map: its name, the bits that lead to it, and whether its parent says that it has two leaves or more. */
export interface TileAddress {
  readonly hash: Uint8Array;
  readonly depth: number;
  /** A key that starts with the bits. */
  readonly key: Uint8Array;
  readonly several: boolean;
}

/** Gives a tile, verified by `verifyTile` with what the address says. How many are asked for at once is for it to bound. */
export type TileOpener = (address: TileAddress) => Promise<VerifiedTile>;

/** A subtree that has leaves. */
export type TileNode =
  | { readonly kind: 'leaf'; readonly hash: Uint8Array; readonly key: Uint8Array; readonly leaf: Leaf }
  | {
      readonly kind: 'fork';
      readonly hash: Uint8Array;
      readonly left: TileNode | undefined;
      readonly right: TileNode | undefined;
    }
  | { readonly kind: 'sealed'; readonly hash: Uint8Array; readonly address: TileAddress };

/** The subtree of a tile, down to its exits, which are sealed. */
export function nodeOfTile(tile: VerifiedTile, { key, depth }: TileAddress): TileNode | undefined {
  const content = contentOf(tile);
  return content.kind === 'inner'
    ? nodeOf(content.nodes, ROOT_FORK, key, depth, false)
    : nodeOfLeaves(content.bucket.node(depth));
}

/** The children of a node at `depth`; a single leaf stands on the side of its key, whatever the depth. */
export function childrenOf(
  node: Exclude<TileNode, { kind: 'sealed' }> | undefined,
  depth: number,
): readonly [TileNode | undefined, TileNode | undefined] {
  if (node === undefined) return [undefined, undefined];
  if (node.kind === 'fork') return [node.left, node.right];
  return bitAt(node.key, depth) === 0 ? [node, undefined] : [undefined, node];
}

/** `key` starts with the bits that lead to the node, at `depth`. `several`: it stands beside an empty subtree. */
function nodeOf(
  nodes: InnerNodes,
  node: number,
  key: Uint8Array,
  depth: number,
  several: boolean,
): TileNode | undefined {
  const hash = nodes.hash(node);
  if (hash === undefined) return undefined;
  if (!isFork(node)) return { kind: 'sealed', hash, address: { hash, depth, key, several } };
  const [left, right] = [nodes.left(node), nodes.right(node)];
  const child = (side: number, sibling: number, bit: 0 | 1): TileNode | undefined =>
    nodeOf(nodes, side, withBit(key, depth, bit), depth + 1, nodes.hash(sibling) === undefined);
  return { kind: 'fork', hash, left: child(left, right, 0), right: child(right, left, 1) };
}

function nodeOfLeaves(node: BucketNode | undefined): TileNode | undefined {
  if (node === undefined) return undefined;
  if ('leaf' in node) return { kind: 'leaf', hash: node.hash, key: node.key, leaf: node.leaf };
  return { kind: 'fork', hash: node.hash, left: nodeOfLeaves(node.left), right: nodeOfLeaves(node.right) };
}

function withBit(key: Uint8Array, depth: number, bit: 0 | 1): Uint8Array {
  const bits = key.slice();
  const mask = 0x80 >> (depth & 7);
  const at = bits[depth >> 3] as number;
  bits[depth >> 3] = bit === 1 ? at | mask : at & ~mask;
  return bits;
}
