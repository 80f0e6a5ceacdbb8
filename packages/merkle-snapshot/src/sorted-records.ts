// The leaves of one partition by ascending key: keys, hashes and records, each in one array in that order, so that a subtree is
// a range of each.

import { escapeText } from '@cargo-tuf/errors';
import { ByteReader } from './byte-reader.ts';
import { fail } from './errors.ts';
import type { PartitionBlock } from './leaf-partitions.ts';
import { decodeRecord } from './record.ts';

export interface SortedRecords {
  readonly count: number;
  /** For each leaf its key and then its hash: 64 bytes. */
  readonly heads: Uint8Array;
  readonly records: Uint8Array;
  /** Where the record of each leaf starts, and where the last one ends: `count` + 1 offsets. */
  readonly starts: Float64Array;
}

/** Throws `MERKLE_DUPLICATE`. */
export function sortBlocks(blocks: readonly PartitionBlock[]): SortedRecords {
  const all = joinBlocks(blocks);
  const order = orderOf(all);
  const heads = new Uint8Array(all.heads.length);
  const records = new Uint8Array(all.records.length);
  const starts = new Float64Array(all.count + 1);
  let length = 0;
  for (let index = 0; index < all.count; index += 1) {
    const from = order[index] as number;
    heads.set(all.heads.subarray(64 * from, 64 * (from + 1)), 64 * index);
    const record = recordAt(all, from);
    records.set(record, length);
    length += record.length;
    starts[index + 1] = length;
  }
  return { count: all.count, heads, records, starts };
}

function joinBlocks(blocks: readonly PartitionBlock[]): SortedRecords {
  const count = blocks.reduce((sum, block) => sum + block.count, 0);
  const heads = new Uint8Array(64 * count);
  const records = new Uint8Array(blocks.reduce((sum, block) => sum + block.records.length, 0));
  const starts = new Float64Array(count + 1);
  let [at, base] = [0, 0];
  for (const block of blocks) {
    heads.set(block.heads, 64 * at);
    records.set(block.records, base);
    for (let index = 0; index < block.count; index += 1)
      starts[at + index + 1] = base + (block.ends[index] as number);
    at += block.count;
    base += block.records.length;
  }
  return { count, heads, records, starts };
}

/**
 * Sorts numbers, which needs no comparing function: the first bits of a key, then the leaf's place, in the 53 bits that a
 * number has. Keys that share those bits are few, unless somebody has mined them, and are compared as a whole.
 */
function orderOf({ count, heads }: SortedRecords): Float64Array {
  const placeBits = 32 - Math.clz32(count);
  const dropped = Math.max(0, placeBits - 21);
  const scale = 2 ** placeBits;
  const view = new DataView(heads.buffer, heads.byteOffset);
  const order = new Float64Array(count);
  // All keys of a partition share their first byte.
  for (let index = 0; index < count; index += 1)
    order[index] = (view.getUint32(64 * index + 1) >>> dropped) * scale + index;
  order.sort();
  for (let from = 0, to = 1; from < count; from = to, to += 1) {
    const start = Math.floor((order[from] as number) / scale);
    while (to < count && Math.floor((order[to] as number) / scale) === start) to += 1;
    for (let index = from; index < to; index += 1)
      order[index] = (order[index] as number) - start * scale;
    if (to - from > 1) order.subarray(from, to).sort((left, right) => compareKeys(heads, left, right));
  }
  return order;
}

function compareKeys(heads: Uint8Array, left: number, right: number): number {
  for (let index = 0; index < 32; index += 1) {
    const difference = (heads[64 * left + index] as number) - (heads[64 * right + index] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Throws `MERKLE_DUPLICATE` for two leaves that have one key. */
export function checkDistinct(sorted: SortedRecords): void {
  for (let index = 1; index < sorted.count; index += 1) {
    if (compareKeys(sorted.heads, index - 1, index) !== 0) continue;
    const { name } = decodeRecord(new ByteReader('leaf', recordAt(sorted, index)));
    throw fail('MERKLE_DUPLICATE', `leaf ${escapeText(name)}: given twice`, { details: { name } });
  }
}

function recordAt({ records, starts }: SortedRecords, index: number): Uint8Array {
  return records.subarray(starts[index], starts[index + 1]);
}
