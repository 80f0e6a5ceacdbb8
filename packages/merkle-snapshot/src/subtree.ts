// What is known of a subtree of a large map while it is built from the bottom up: its hash, its leaves' number, and what its
// tile will hold if it gets one of its own, which depends on the level of the node above (cut.ts).

import { checkCut, levelOf, type Tile, type TileCut } from './cut.ts';
import { encodeCounts } from './counts.ts';
import { EMPTY, hashNode } from './hashes.ts';
import { BUCKET_RECORDS, encodeTile, type Exit, startBucket } from './tile.ts';

export interface Subtree {
  readonly hash: Uint8Array;
  readonly count: number;
  readonly open: OpenTile;
}

export type OpenTile =
  /** Level 0: the tile as it is, empty where none are made. */
  | { readonly bucket: Uint8Array }
  /** Higher levels: exits from left to right, their depth counted from the subtree's root. */
  | { readonly exits: readonly CountedExit[] };

export interface CountedExit extends Exit {
  readonly count: number;
}

/** Where to cut, and what takes the tiles; without `emit` none are made. */
export interface TileSink {
  readonly cut: TileCut;
  readonly emit?: ((tile: Tile) => void) | undefined;
}

/** The subtree of two halves; a half without leaves is undefined. Gives the tiles that are complete with it to the sink. */
export function joinSubtrees(
  left: Subtree | undefined,
  right: Subtree | undefined,
  sink: TileSink,
): Subtree | undefined {
  const count = (left?.count ?? 0) + (right?.count ?? 0);
  if (count <= 1) return left ?? right;
  const hash = hashNode(left?.hash ?? EMPTY, right?.hash ?? EMPTY);
  const level = levelOf({ count }, sink.cut);
  if (level === 0) return { hash, count, open: { bucket: joinBuckets(count, left, right, sink) } };
  return { hash, count, open: { exits: [...exitsOf(left, level, sink), ...exitsOf(right, level, sink)] } };
}

/** Gives the tile of the whole map to the sink. */
export function finishTiles(root: Subtree | undefined, sink: TileSink): void {
  checkCut(sink.cut);
  if (root !== undefined) emitTile(root, sink);
}

/** What a node of `level` has below it on one side: exits of its own tile, or the exit to a tile of a lower level. */
function exitsOf(child: Subtree | undefined, level: number, sink: TileSink): readonly CountedExit[] {
  if (child === undefined) return [{ depth: 1, hash: undefined, count: 0 }];
  const { hash, count, open } = child;
  if ('exits' in open && levelOf(child, sink.cut) === level)
    return open.exits.map(exit => ({ ...exit, depth: exit.depth + 1 }));
  emitTile(child, sink);
  return [{ depth: 1, hash, count }];
}

function emitTile({ hash, open }: Subtree, { cut, emit }: TileSink): void {
  if (emit === undefined) return;
  if ('bucket' in open) emit({ hash, bytes: open.bucket });
  else {
    const counts = encodeCounts({ cut, counts: open.exits.map(exit => exit.count) });
    emit({ hash, bytes: encodeTile({ kind: 'inner', exits: open.exits }), counts });
  }
}

function joinBuckets(
  count: number,
  left: Subtree | undefined,
  right: Subtree | undefined,
  { emit }: TileSink,
): Uint8Array {
  if (emit === undefined) return NO_BYTES;
  const [first, second] = [recordsOf(left), recordsOf(right)];
  const bucket = startBucket(count, first.length + second.length);
  bucket.set(first, BUCKET_RECORDS);
  bucket.set(second, BUCKET_RECORDS + first.length);
  return bucket;
}

const NO_BYTES = new Uint8Array(0);

/** Of a subtree of level 0. */
function recordsOf(subtree: Subtree | undefined): Uint8Array {
  return subtree !== undefined && 'bucket' in subtree.open
    ? subtree.open.bucket.subarray(BUCKET_RECORDS)
    : NO_BYTES;
}
