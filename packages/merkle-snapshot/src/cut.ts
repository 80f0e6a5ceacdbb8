// Where a publisher cuts the tree into tiles (docs/pouf.md, section 5). With bucket size B and fan-out F, a subtree of c
// leaves has level 0 if c ≤ B, else the least i with c ≤ B × F^i. A tile starts at the root and at every node whose
// level is below its parent's. Clients do not depend on it.
//
// The fan-out follows the number of leaves, so that a walk crosses few tiles and each of them is small: one inner tile up to
// 4,096 leaves, two up to half a million, three up to 16 million, four up to half a billion.

import { ByteWriter } from './byte-writer.ts';
import { encodeCounts } from './counts.ts';
import { fail } from './errors.ts';
import { EMPTY } from './hashes.ts';
import { MERKLE_LIMITS } from './limits.ts';
import { isLeafNode, isSealed, type Node, opened, writeRecords } from './node.ts';
import { TileFork } from './tile-fork.ts';
import { encodeBucket, encodeInner } from './tile.ts';

export interface TileCut {
  readonly bucket: number;
  readonly fanOut: number;
}

export interface Tile {
  /** The hash of the subtree: the tile's name. */
  readonly hash: Uint8Array;
  readonly bytes: Uint8Array;
  /** Of an inner tile: how many leaves are below each of its exits (counts.ts). */
  readonly counts?: Uint8Array;
}

const BUCKET = 32;
/** No half of a map is exactly half of it: a little more keeps most subtrees of a depth in one tile. */
const SPREAD = 1.02;

/**
 * How a map of `size` leaves is cut. Changes when a map has grown by a third or a half: all tiles are then written anew. Throws
 * `MERKLE_LEAF` for what is no number of leaves.
 */
export function cutFor(size: number): TileCut {
  if (!Number.isSafeInteger(size) || size < 0) {
    throw fail('MERKLE_LEAF', `tiles: ${size} leaves, expected 0 to 2^53-1`, { details: { size } });
  }
  const power = 2 ** Math.ceil(Math.log2(Math.max(size, 2 * BUCKET)));
  const most = size <= 0.75 * power ? 0.75 * power : power;
  const levels = power <= 4_096 ? 1 : Math.max(2, Math.ceil((Math.log2(power) - 9) / 5));
  let least = 2;
  while (BUCKET * least ** levels < most) least += 1;
  return { bucket: BUCKET, fanOut: Math.ceil(SPREAD * least) };
}

export function isSameCut(left: TileCut, right: TileCut): boolean {
  return left.bucket === right.bucket && left.fanOut === right.fanOut;
}

/** The place of `previous` that corresponds to a tile's root: its node, and whether a tile starts there. */
interface Counterpart {
  readonly node: Node | undefined;
  readonly starts: boolean;
}

const NOTHING: Counterpart = { node: undefined, starts: false };

/** Tiles of `root` that `previous` does not have, parents first. Subtrees that both share are not visited. */
export function* tilesOf(root: Node | undefined, previous: Node | undefined, cut: TileCut): Generator<Tile> {
  checkCut(cut);
  if (root !== undefined) yield* tilesFrom(root, { node: previous, starts: true }, cut);
}

function* tilesFrom(node: Node, old: Counterpart, cut: TileCut): Generator<Tile> {
  // The same subtree is cut in the same way below its root; what was not read is below the exit of a tile, and has its own.
  if (old.node === node && (old.starts || isSealed(node))) return;
  if (levelOf(node, cut) === 0) {
    yield { hash: node.hash, bytes: encodeBucket(node.count, writer => writeRecords(writer, node)) };
    return;
  }
  const depths: number[] = [];
  const hashes = new ByteWriter();
  const counts: number[] = [];
  const below: (readonly [Node, Counterpart])[] = [];
  /** Most leaves below an exit of this tile. */
  const most = cut.bucket * cut.fanOut ** (levelOf(node, cut) - 1);
  collectExits(node, old.node, 0);
  yield {
    hash: node.hash,
    bytes: encodeInner({ kind: 'inner', depths, hashes: hashes.finish() }),
    counts: encodeCounts({ cut, counts }),
  };
  for (const [child, counterpart] of below) yield* tilesFrom(child, counterpart, cut);

  function collectExits(parent: Node, oldParent: Node | undefined, depth: number): void {
    if (isLeafNode(parent)) return;
    const node = opened(parent);
    for (const side of ['left', 'right'] as const) {
      const child = node[side];
      const counterpart = childOf(oldParent, side, cut);
      if (child === undefined) {
        addExit(depth + 1, EMPTY, 0);
      } else if (child.count <= most || isSealed(child)) {
        addExit(depth + 1, child.hash, child.count);
        below.push([child, counterpart]);
      } else if (child !== counterpart.node || !addExitsOf(child, depth + 1)) {
        collectExits(child, counterpart.node, depth + 1);
      }
    }
  }

  function addExit(depth: number, hash: Uint8Array, count: number): void {
    depths.push(depth);
    hashes.bytes(hash);
    counts.push(count);
  }

  /** Of a subtree that stays: the tiles below it are there. False where it is not of this tile, cut in this way. */
  function addExitsOf(node: Node, depth: number): boolean {
    const run = node instanceof TileFork ? node.exitsCutAt(depth, most) : undefined;
    if (run === undefined) return false;
    depths.push(...run.depths);
    hashes.bytes(run.hashes);
    counts.push(...run.counts);
    return true;
  }
}

function childOf(parent: Node | undefined, side: 'left' | 'right', cut: TileCut): Counterpart {
  if (parent === undefined || isLeafNode(parent) || isSealed(parent)) return NOTHING;
  const node = parent[side];
  return node === undefined ? NOTHING : { node, starts: levelOf(node, cut) < levelOf(parent, cut) };
}

export function levelOf({ count }: { readonly count: number }, { bucket, fanOut }: TileCut): number {
  let level = 0;
  for (let most = bucket; count > most; most *= fanOut) level += 1;
  return level;
}

export function checkCut({ bucket, fanOut }: TileCut): void {
  const isWell =
    Number.isInteger(bucket) &&
    bucket >= 1 &&
    bucket <= MERKLE_LIMITS.records &&
    Number.isInteger(fanOut) &&
    fanOut >= 2;
  if (isWell) return;
  throw fail('MERKLE_LEAF', `tiles: bucket ${bucket} and fan-out ${fanOut}`, {
    hint: `use buckets of 1 to ${MERKLE_LIMITS.records} leaves and a fan-out of at least 2`,
    details: { bucket, fanOut },
  });
}
