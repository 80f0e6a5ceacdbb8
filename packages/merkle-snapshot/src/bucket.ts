// The leaves of a bucket, left in its bytes: keys and hashes stand in two arrays, and a leaf or a node is made when somebody looks at
// it. A client wants one leaf of a bucket, and a publisher changes one in each of a thousand.

import { equalBytes } from '@cargo-tuf/keys';
import { splitAtBit } from './bits.ts';
import { ByteReader } from './byte-reader.ts';
import { copyHash } from './copy-bytes.ts';
import { hashRange } from './hash-range.ts';
import { hashLeafMessage, LEAF_KEY, leafMessageOf, type MapShape } from './hashes.ts';
import type { Leaf } from './leaf.ts';
import type { LeafNode } from './keyed-leaves.ts';
import type { BranchNode } from './node.ts';
import { recordKeyInto } from './record-key.ts';
import { decodeRecord, emptyFields, readFields } from './record.ts';
import { BUCKET_RECORDS } from './tile.ts';

export class Bucket {
  readonly count: number;
  readonly #bytes: Uint8Array;
  /** Where each record starts, and where the last one ends. */
  readonly #starts: Uint32Array;
  /** For each leaf its key and then its hash: 64 bytes. */
  readonly #heads: Uint8Array;
  /** See `hashRange`. */
  readonly #forks: Uint8Array;

  private constructor(bytes: Uint8Array, starts: Uint32Array, heads: Uint8Array) {
    this.count = starts.length - 1;
    this.#bytes = bytes;
    this.#starts = starts;
    this.#heads = heads;
    this.#forks = new Uint8Array(32 * this.count);
  }

  /**
   * The `count` leaves of a tile, whose bytes are copied, in the order in which they come. Throws `MERKLE_SYNTAX`, and what
   * `hashLeaf` throws.
   */
  static read(shape: MapShape, count: number, tile: Uint8Array): Bucket {
    // Of a Buffer, `slice` would be the same memory.
    const bytes = new Uint8Array(tile);
    const starts = new Uint32Array(count + 1);
    const heads = new Uint8Array(64 * count);
    const message = leafMessageOf(shape);
    const fields = emptyFields();
    const reader = new ByteReader('tile', bytes, BUCKET_RECORDS);
    for (let index = 0; index < count; index += 1) {
      starts[index] = reader.position;
      readFields(reader, fields);
      recordKeyInto(shape, bytes, fields, message.bytes, LEAF_KEY);
      copyHash(message.bytes, LEAF_KEY, heads, 64 * index);
      hashLeafMessage(message, fields, bytes, fields.sha256Start, heads, 64 * index + 32);
    }
    starts[count] = reader.position;
    reader.end();
    return new Bucket(bytes, starts, heads);
  }

  /** The hash of all leaves, whose keys ascend and share `depth` bits; to be asked for before any node. */
  hash(depth: number): Uint8Array {
    const hash = new Uint8Array(32);
    hashRange(this.#heads, depth, 0, this.count, hash, 0, this.#forks);
    return hash;
  }

  key(index: number): Uint8Array {
    return this.#heads.subarray(64 * index, 64 * index + 32);
  }

  leaf(index: number): Leaf {
    return decodeRecord(new ByteReader('tile', this.#bytes, this.#starts[index]));
  }

  /** From left to right. */
  leaves(): readonly Leaf[] {
    return Array.from({ length: this.count }, (_, index) => this.leaf(index));
  }

  /** The leaf with this key. */
  find(key: Uint8Array): Leaf | undefined {
    for (let index = 0; index < this.count; index += 1)
      if (equalBytes(this.key(index), key)) return this.leaf(index);
    return undefined;
  }

  /** The subtree of the leaves `from`…`to`, whose keys share `depth` bits. */
  node(depth: number, from = 0, to: number = this.count): BucketNode | undefined {
    if (from === to) return undefined;
    return to - from === 1 ? new BucketLeaf(this, from) : new BucketFork(this, depth, from, to);
  }

  leafHash(index: number): Uint8Array {
    return this.#heads.subarray(64 * index + 32, 64 * index + 64);
  }

  /** Of two leaves or more, and of whose halves one may be empty. */
  forkHash(depth: number, from: number, to: number): Uint8Array {
    const middle = this.split(depth, from, to);
    if (middle !== from && middle !== to) return this.#forks.subarray(32 * middle, 32 * middle + 32);
    const hash = new Uint8Array(32);
    hashRange(this.#heads, depth, from, to, hash, 0);
    return hash;
  }

  split(depth: number, from: number, to: number): number {
    return splitAtBit(this.#heads, 64, depth, from, to);
  }

  records(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(this.#starts[from], this.#starts[to]);
  }
}

export type BucketNode = BucketLeaf | BucketFork;

export class BucketLeaf implements LeafNode {
  readonly count = 1;
  readonly hash: Uint8Array;
  readonly #bucket: Bucket;
  readonly #index: number;

  constructor(bucket: Bucket, index: number) {
    this.hash = bucket.leafHash(index);
    this.#bucket = bucket;
    this.#index = index;
  }

  get key(): Uint8Array {
    return this.#bucket.key(this.#index);
  }

  get leaf(): Leaf {
    return this.#bucket.leaf(this.#index);
  }

  get records(): Uint8Array {
    return this.#bucket.records(this.#index, this.#index + 1);
  }
}

export class BucketFork implements BranchNode {
  readonly hash: Uint8Array;
  readonly #bucket: Bucket;
  readonly #depth: number;
  readonly #from: number;
  readonly #to: number;
  #halves: readonly [BucketNode | undefined, BucketNode | undefined] | undefined;

  constructor(bucket: Bucket, depth: number, from: number, to: number) {
    this.hash = bucket.forkHash(depth, from, to);
    this.#bucket = bucket;
    this.#depth = depth;
    this.#from = from;
    this.#to = to;
  }

  get count(): number {
    return this.#to - this.#from;
  }

  get left(): BucketNode | undefined {
    return this.#open()[0];
  }

  get right(): BucketNode | undefined {
    return this.#open()[1];
  }

  get records(): Uint8Array {
    return this.#bucket.records(this.#from, this.#to);
  }

  /** The same nodes each time: a tree that was changed is compared with the one before by what they share. */
  #open(): readonly [BucketNode | undefined, BucketNode | undefined] {
    if (this.#halves !== undefined) return this.#halves;
    const middle = this.#bucket.split(this.#depth, this.#from, this.#to);
    const below = this.#depth + 1;
    this.#halves = [this.#bucket.node(below, this.#from, middle), this.#bucket.node(below, middle, this.#to)];
    return this.#halves;
  }
}
