// The leaves of one partition by ascending key. Keys and hashes are put in that order, so that a subtree is a range of them;
// records stay where they are, and are copied once, into their tile.

import { escapeText } from '@cargo-tuf/errors';
import { ByteReader } from './byte-reader.ts';
import { fail } from './errors.ts';
import type { PartitionBlock } from './leaf-partitions.ts';
import { decodeRecord } from './record.ts';
import { BUCKET_RECORDS, startBucket } from './tile.ts';

/** Good until the next `sortBlocks`: its memory is used again. */
export interface SortedRecords {
  readonly count: number;
  /** For each leaf its key and then its hash: 64 bytes. */
  readonly heads: Uint8Array;
  /** For each leaf the place at which it came. */
  readonly order: Float64Array;
  /** By the order in which they came. */
  readonly records: Uint8Array;
  /** Where the record of each place starts, and where the last one ends. */
  readonly starts: Float64Array;
}

/** Throws `MERKLE_DUPLICATE`. */
export function sortBlocks(blocks: readonly PartitionBlock[]): SortedRecords {
  const count = blocks.reduce((sum, block) => sum + block.count, 0);
  const length = blocks.reduce((sum, block) => sum + block.records.length, 0);
  memory.reserve(count, length);
  const { unsorted, records, starts } = memory;
  let [at, base] = [0, 0];
  for (const block of blocks) {
    unsorted.set(block.heads, 64 * at);
    records.set(block.records, base);
    for (let index = 0; index < block.count; index += 1)
      starts[at + index + 1] = base + (block.ends[index] as number);
    at += block.count;
    base += block.records.length;
  }
  const order = orderOf(unsorted, count);
  const [from, to] = [memory.unsortedWords, memory.headWords];
  for (let index = 0; index < count; index += 1) {
    const place = 16 * (order[index] as number);
    for (let word = 0; word < 16; word += 1) to[16 * index + word] = from[place + word] as number;
  }
  const sorted = { count, heads: memory.heads, order, records, starts };
  checkDistinct(sorted);
  return sorted;
}

/** The bucket of the leaves `from`…`to`. Throws `MERKLE_LIMIT`. */
export function bucketOf({ order, records, starts }: SortedRecords, from: number, to: number): Uint8Array {
  let length = 0;
  for (let index = from; index < to; index += 1) {
    const place = order[index] as number;
    length += (starts[place + 1] as number) - (starts[place] as number);
  }
  const bucket = startBucket(to - from, length);
  let at = BUCKET_RECORDS;
  for (let index = from; index < to; index += 1) {
    const place = order[index] as number;
    const record = records.subarray(starts[place], starts[place + 1]);
    bucket.set(record, at);
    at += record.length;
  }
  return bucket;
}

/** Memory that is fresh has to be fetched from the system page by page, which takes longer than to fill it. */
const memory = {
  unsorted: new Uint8Array(0),
  unsortedWords: new Int32Array(0),
  heads: new Uint8Array(0),
  headWords: new Int32Array(0),
  records: new Uint8Array(0),
  starts: new Float64Array(1),

  reserve(count: number, length: number): void {
    if (64 * count > this.heads.length) {
      this.unsortedWords = new Int32Array(20 * count);
      this.unsorted = new Uint8Array(this.unsortedWords.buffer);
      this.headWords = new Int32Array(20 * count);
      this.heads = new Uint8Array(this.headWords.buffer);
      this.starts = new Float64Array(Math.floor(1.25 * count) + 1);
    }
    if (length > this.records.length) this.records = new Uint8Array(Math.floor(1.25 * length));
  },
};

/**
 * Sorts numbers, which needs no comparing function: the first bits of a key, then the leaf's place, in the 53 bits that a
 * number has. Keys that share those bits are few, unless somebody has mined them, and are compared as a whole.
 */
function orderOf(heads: Uint8Array, count: number): Float64Array {
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
    for (let index = from; index < to; index += 1) order[index] = (order[index] as number) - start * scale;
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

/** Two leaves that have one key. */
function checkDistinct({ count, heads, order, records, starts }: SortedRecords): void {
  for (let index = 1; index < count; index += 1) {
    if (compareKeys(heads, index - 1, index) !== 0) continue;
    const place = order[index] as number;
    const { name } = decodeRecord(new ByteReader('leaf', records.subarray(starts[place], starts[place + 1])));
    throw fail('MERKLE_DUPLICATE', `leaf ${escapeText(name)}: given twice`, { details: { name } });
  }
}
