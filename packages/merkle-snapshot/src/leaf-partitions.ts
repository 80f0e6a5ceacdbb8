// The first half of building a large map: leaves come in any order and are put, with their keys and hashes, where their first
// byte of key belongs. What a partition holds lies in a few long arrays that can be handed to another thread; one of ten
// million leaves has 40,000, which a processor's cache holds while they are sorted and hashed (build-partition.ts).

import { ByteReader } from './byte-reader.ts';
import { copyBytes, copyHash, viewOf } from './copy-bytes.ts';
import { hashLeafMessage, LEAF_KEY, type LeafMessage, leafMessageOf, type MapShape } from './hashes.ts';
import { recordKeyInto } from './record-key.ts';
import { emptyFields, readFields } from './record.ts';

/** As many as a byte has values. */
export const PARTITIONS = 256;

/** Leaves of one partition, in the order in which they came. */
export interface PartitionBlock {
  readonly count: number;
  /** For each leaf its key and then its hash: 64 bytes. */
  readonly heads: Uint8Array<ArrayBuffer>;
  /** The leaves' records (docs/pouf.md, section 5) one after the other. */
  readonly records: Uint8Array<ArrayBuffer>;
  /** For each leaf the offset in `records` where its record ends. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

export class LeafPartitions {
  readonly #shape: MapShape;
  readonly #message: LeafMessage;
  #filling: (FillingBlock | undefined)[] = [];
  #filled: PartitionBlock[][] = [];

  constructor(shape: MapShape) {
    this.#shape = shape;
    this.#message = leafMessageOf(shape);
    this.#clear();
  }

  /**
   * Takes leaf records that stand one after the other; gives their number. Throws `MERKLE_SYNTAX` for what is none, and what
   * `hashLeaf` throws.
   */
  add(records: Uint8Array): number {
    const reader = new ByteReader('leaves', records);
    const [fields, view] = [emptyFields(), viewOf(records)];
    const message = this.#message.bytes;
    let count = 0;
    for (let start = 0; start < records.length; start = reader.position) {
      readFields(reader, fields);
      recordKeyInto(this.#shape, records, fields, message, LEAF_KEY);
      const block = this.#blockFor(message[LEAF_KEY] as number, reader.position - start);
      const { heads } = block;
      const at = 64 * block.count;
      copyHash(message, LEAF_KEY, heads, at);
      hashLeafMessage(this.#message, fields, records, fields.sha256Start, heads, at + 32);
      block.add(view, start, reader.position);
      count += 1;
    }
    return count;
  }

  /** What each partition has got, and forgets it. */
  take(): readonly (readonly PartitionBlock[])[] {
    const taken = this.#filled;
    for (const [index, block] of this.#filling.entries()) {
      if (block !== undefined) taken[index]?.push(block.finish());
    }
    this.#clear();
    return taken;
  }

  #blockFor(partition: number, recordLength: number): FillingBlock {
    const block = this.#filling[partition];
    if (block?.hasRoom(recordLength)) return block;
    if (block !== undefined) this.#filled[partition]?.push(block.finish());
    const larger = new FillingBlock(Math.min(4 * (block?.capacity ?? 16), MOST_IN_BLOCK));
    this.#filling[partition] = larger;
    return larger;
  }

  #clear(): void {
    this.#filling = Array.from({ length: PARTITIONS }, () => undefined);
    this.#filled = Array.from({ length: PARTITIONS }, () => []);
  }
}

const MOST_IN_BLOCK = 4096;
/** A record of a registry has about 52 bytes, and at most 306. */
const RECORD_BYTES = 64;

class FillingBlock {
  readonly capacity: number;
  readonly heads: Uint8Array<ArrayBuffer>;
  readonly #records: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #ends: Uint32Array<ArrayBuffer>;
  #length = 0;
  count = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.heads = new Uint8Array(64 * capacity);
    this.#records = new Uint8Array(RECORD_BYTES * capacity);
    this.#view = viewOf(this.#records);
    this.#ends = new Uint32Array(capacity);
  }

  hasRoom(recordLength: number): boolean {
    return this.count < this.capacity && this.#length + recordLength <= this.#records.length;
  }

  /** The key and the hash stand in `heads` already. */
  add(bytes: DataView, start: number, end: number): void {
    copyBytes(bytes, start, end, this.#view, this.#length);
    this.#length += end - start;
    this.#ends[this.count] = this.#length;
    this.count += 1;
  }

  finish(): PartitionBlock {
    return {
      count: this.count,
      heads: this.heads.subarray(0, 64 * this.count),
      records: this.#records.subarray(0, this.#length),
      ends: this.#ends.subarray(0, this.count),
    };
  }
}
