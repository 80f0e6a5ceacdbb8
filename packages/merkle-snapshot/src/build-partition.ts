// The second half of building a large map: the leaves of a partition are sorted and hashed to one subtree, and the subtrees of
// all partitions are joined to the root. Any thread can build any partition. Tiles come children first.

import { splitAtBit } from './bits.ts';
import { checkCut, levelOf } from './cut.ts';
import { hashRange } from './hash-range.ts';
import { EMPTY } from './hashes.ts';
import { type PartitionBlock, PARTITIONS } from './leaf-partitions.ts';
import { bucketOf, sortBlocks, type SortedRecords } from './sorted-records.ts';
import { finishTiles, joinSubtrees, type Subtree, type TileSink } from './subtree.ts';

/** Bits that the keys of a partition share. */
const PARTITION_DEPTH = 8;

/**
 * The subtree of the leaves of one partition, from whichever `LeafPartitions` have some; undefined where there are none. Tiles
 * below its own go to the sink. Throws `MERKLE_DUPLICATE`, `MERKLE_LEAF` for a cut that cannot be, `MERKLE_LIMIT`.
 */
export function buildPartition(blocks: readonly PartitionBlock[], sink: TileSink): Subtree | undefined {
  checkCut(sink.cut);
  const sorted = sortBlocks(blocks);
  return buildRange(sorted, PARTITION_DEPTH, 0, sorted.count, sink);
}

/**
 * The map's root and size from the subtrees of all 256 partitions in their order; the tiles above them go to the sink, the
 * root's last. Throws `MERKLE_LEAF`, `MERKLE_LIMIT`.
 */
export function joinPartitions(
  partitions: readonly (Subtree | undefined)[],
  sink: TileSink,
): { readonly root: Uint8Array; readonly size: number } {
  let row = partitions;
  for (let width = PARTITIONS; width > 1; width /= 2) {
    const above = row;
    row = Array.from({ length: width / 2 }, (_, at) => joinSubtrees(above[2 * at], above[2 * at + 1], sink));
  }
  finishTiles(row[0], sink);
  return { root: row[0]?.hash ?? EMPTY, size: row[0]?.count ?? 0 };
}

/** The leaves `from`…`to`, whose keys share `depth` bits. */
function buildRange(
  sorted: SortedRecords,
  depth: number,
  from: number,
  to: number,
  sink: TileSink,
): Subtree | undefined {
  const count = to - from;
  if (count === 0) return undefined;
  if (levelOf({ count }, sink.cut) === 0) {
    const hash = new Uint8Array(32);
    hashRange(sorted.heads, depth, from, to, hash, 0);
    return { hash, count, open: { bucket: sink.emit ? bucketOf(sorted, from, to) : NO_BUCKET } };
  }
  const middle = splitAtBit(sorted.heads, 64, depth, from, to);
  return joinSubtrees(
    buildRange(sorted, depth + 1, from, middle, sink),
    buildRange(sorted, depth + 1, middle, to, sink),
    sink,
  );
}

const NO_BUCKET = new Uint8Array(0);
