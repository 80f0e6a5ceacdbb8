// The map of an index of any size, from leaves that come in any order: memory holds about 150 bytes a leaf, and no tiles.

import {
  joinPartitions,
  PARTITIONS,
  type Subtree,
  type Tile,
  type TileCut,
} from '@cargo-tuf/merkle-snapshot';
import { spread, withLanes } from './lanes.ts';
import { buffersOf } from './map-tasks.ts';
import { unpackTiles } from './packed-tiles.ts';

export interface MapOptions {
  /** Where tiles are cut (docs/pouf.md, section 5). */
  readonly cut: TileCut;
  /**
   * Takes each tile once, children before parents, the root's last; without it none are made. Where it gives promises, up to two
   * for each worker are waited for at a time. Bytes share memory with those of other tiles: copy what is kept for long.
   */
  readonly sink?: (tile: Tile) => void | Promise<void>;
  /** Threads; 0: the caller's own. As many as there are cores if absent. */
  readonly workers?: number | undefined;
  /** Called with the number of leaves taken so far, and again with `joined` as partitions are done. */
  readonly onProgress?: (progress: MapProgress) => void;
}

export interface MapProgress {
  /** Leaves read and hashed. */
  readonly leaves: number;
  /** Leaves whose part of the tree is done. */
  readonly joined: number;
}

export interface BuiltMap {
  /** `EMPTY` for a map without leaves. */
  readonly root: Uint8Array;
  /** Number of leaves. */
  readonly size: number;
}

/**
 * Builds the index map of `repository` (its id, 32 bytes). `records`: leaf records (docs/pouf.md, section 5), whole ones, in
 * pieces of about a mebibyte, as `packLeaves` makes them. Throws `MERKLE_DUPLICATE` when a name comes twice, `MERKLE_SYNTAX`
 * for bytes that are no records, what `hashLeaf` throws, and what `records` and `sink` throw.
 */
export async function buildIndexMap(
  repository: Uint8Array,
  records: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { cut, sink, workers, onProgress }: MapOptions,
): Promise<BuiltMap> {
  return withLanes(workers, async lanes => {
    let [leaves, joined] = [0, 0];
    await spread(lanes, records, async (lane, piece) => {
      const own = new Uint8Array(piece);
      const added = await lane.call('addLeaves', { repository, records: own }, [own.buffer]);
      leaves += added;
      onProgress?.({ leaves, joined });
    });
    const taken = await Promise.all(lanes.map(lane => lane.call('takePartitions', undefined)));
    const partitions = Array.from({ length: PARTITIONS }, (_, index) => ({
      index,
      blocks: taken.flatMap(each => each[index] ?? []),
    }));
    taken.length = 0;
    const subtrees: (Subtree | undefined)[] = Array.from({ length: PARTITIONS }, () => undefined);
    await spread(lanes, partitions, async (lane, partition) => {
      const { blocks, index } = partition;
      partition.blocks = [];
      const input = { blocks, cut, withTiles: sink !== undefined };
      const { subtree, tiles } = await lane.call('buildPartition', input, blocks.flatMap(buffersOf));
      subtrees[index] = subtree;
      if (sink !== undefined) for (const tile of unpackTiles(tiles)) await sink(tile);
      joined += subtree?.count ?? 0;
      onProgress?.({ leaves, joined });
    });
    const top: Tile[] = [];
    const built = joinPartitions(subtrees, { cut, emit: sink && (tile => void top.push(tile)) });
    for (const tile of top) await sink?.(tile);
    return built;
  });
}
