// What is different between two states of a map: O(changes) tiles, since equal hashes are equal subtrees. Both trees are walked
// side by side, from the root down; a subtree that both have is never opened.

import { equalBytes } from '@cargo-tuf/keys';
import { sharedBits } from './bits.ts';
import { isEmpty } from './hashes.ts';
import type { Leaf } from './leaf.ts';
import { childrenOf, nodeOfTile, type TileNode, type TileOpener } from './tile-node.ts';

/** One name whose leaf is another; undefined where it has none. Never undefined on both sides. */
export interface LeafChange {
  readonly before: Leaf | undefined;
  readonly after: Leaf | undefined;
}

interface Pair {
  readonly before: TileNode | undefined;
  readonly after: TileNode | undefined;
  readonly depth: number;
}

/** Pairs whose tiles are opened side by side. */
const PARALLEL = 32;

/**
 * Every change between the maps with these roots, in no certain order; from `EMPTY` on, every leaf. What `open` throws ends
 * the walk.
 */
export async function* changesBetween(
  before: Uint8Array,
  after: Uint8Array,
  open: TileOpener,
): AsyncGenerator<LeafChange> {
  const waiting: Pair[] = [{ before: rootNode(before), after: rootNode(after), depth: 0 }];
  while (waiting.length > 0) {
    // The last ones first, so that few wait however large the maps are.
    const pairs = waiting.splice(-PARALLEL).filter(pair => !isSame(pair));
    const opened = await Promise.all(pairs.map(pair => openPair(pair, open)));
    for (const pair of opened) yield* changesOf(pair, waiting);
  }
}

/** The changes below a pair as far as its tiles are open; what is not goes to `waiting`. */
function* changesOf(pair: Pair, waiting: Pair[]): Generator<LeafChange> {
  const { before, after, depth } = pair;
  if (isSame(pair)) return;
  if (before?.kind === 'sealed' || after?.kind === 'sealed') {
    waiting.push(pair);
    return;
  }
  if (before?.kind !== 'fork' && after?.kind !== 'fork') {
    yield* changesOfLeaves(before, after);
    return;
  }
  const [beforeLeft, beforeRight] = childrenOf(before, depth);
  const [afterLeft, afterRight] = childrenOf(after, depth);
  yield* changesOf({ before: beforeLeft, after: afterLeft, depth: depth + 1 }, waiting);
  yield* changesOf({ before: beforeRight, after: afterRight, depth: depth + 1 }, waiting);
}

type LeafEnd = Extract<TileNode, { kind: 'leaf' }> | undefined;

function* changesOfLeaves(before: LeafEnd, after: LeafEnd): Generator<LeafChange> {
  if (before !== undefined && after !== undefined && sharedBits(before.key, after.key) === 256) {
    yield { before: before.leaf, after: after.leaf };
    return;
  }
  if (before !== undefined) yield { before: before.leaf, after: undefined };
  if (after !== undefined) yield { before: undefined, after: after.leaf };
}

async function openPair({ before, after, depth }: Pair, open: TileOpener): Promise<Pair> {
  const [openedBefore, openedAfter] = await Promise.all([openNode(before, open), openNode(after, open)]);
  return { before: openedBefore, after: openedAfter, depth };
}

async function openNode(node: TileNode | undefined, open: TileOpener): Promise<TileNode | undefined> {
  return node?.kind === 'sealed' ? nodeOfTile(await open(node.address), node.address) : node;
}

function isSame({ before, after }: Pair): boolean {
  if (before === undefined || after === undefined) return before === after;
  return equalBytes(before.hash, after.hash);
}

/** Undefined for an empty map. */
export function rootNode(hash: Uint8Array): TileNode | undefined {
  if (isEmpty(hash)) return undefined;
  return {
    kind: 'sealed',
    hash,
    address: { hash, depth: 0, key: new Uint8Array(32), several: false },
  };
}
