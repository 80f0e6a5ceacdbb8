import { indexPathOfLowerCase, writeIndexPath } from '@cargo-tuf/crate-index';
import {
  buildPartition,
  LeafPartitions,
  type PartitionBlock,
  type Subtree,
  type TileCut,
} from '@cargo-tuf/merkle-snapshot';
import { packTiles, type PackedTiles } from './packed-tiles.ts';
import type { Answer } from './tasks.ts';

export interface PartitionInput {
  readonly blocks: readonly PartitionBlock[];
  readonly cut: TileCut;
  readonly withTiles: boolean;
}

export interface BuiltPartition {
  readonly subtree: Subtree | undefined;
  readonly tiles: PackedTiles;
}

export interface MapTasks {
  /** Leaf records of an index map of this repository. Gives their number. */
  addLeaves(input: { readonly repository: Uint8Array; readonly records: Uint8Array }): Answer<number>;
  /** What was added since the last time, by partition. */
  takePartitions(input: undefined): Answer<readonly (readonly PartitionBlock[])[]>;
  buildPartition(input: PartitionInput): Answer<BuiltPartition>;
}

export function createMapTasks(): MapTasks {
  let partitions: LeafPartitions | undefined;
  return {
    addLeaves({ repository, records }) {
      partitions ??= new LeafPartitions({
        map: 1,
        repository,
        path: indexPathOfLowerCase,
        writePath: writeIndexPath,
      });
      return { value: partitions.add(records), transfer: [] };
    },
    takePartitions() {
      const value = partitions?.take() ?? [];
      return { value, transfer: value.flatMap(blocks => blocks.flatMap(buffersOf)) };
    },
    buildPartition({ blocks, cut, withTiles }) {
      // A bucket adds little to its records.
      const records = blocks.reduce((sum, block) => sum + block.records.length, 0);
      const tiles = packTiles(withTiles ? Math.ceil(1.15 * records) : 0);
      const subtree = buildPartition(blocks, { cut, emit: withTiles ? tiles.add : undefined });
      const packed = tiles.finish();
      return { value: { subtree, tiles: packed }, transfer: [packed.bytes.buffer] };
    },
  };
}

/** The memory that a block stands in. */
export function buffersOf({ heads, records, ends }: PartitionBlock): readonly ArrayBuffer[] {
  return [heads.buffer, records.buffer, ends.buffer];
}
