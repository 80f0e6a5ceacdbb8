// The bytes of a tile (docs/pouf.md, section 5). A tile carries the nodes of one subtree, down to its exits.
//
//   54 4d 01 01  0003  11000'000  <hash> <zero> <hash>   inner: exits at depths 2, 2 (empty) and 1
//   54 4d 01 02  0001  <record>                          bucket of one leaf
//
// Decoding checks the bytes only; `verifyTile` checks what they say.

import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { fail } from './errors.ts';
import { EMPTY, isEmpty } from './hashes.ts';
import type { Leaf } from './leaf.ts';
import { MERKLE_LIMITS } from './limits.ts';
import { decodeRecord, emptyFields, encodeRecord, readFields } from './record.ts';
import { decodeShape, encodeShape } from './tile-shape.ts';

export interface Exit {
  /** Levels below the tile's root: 1 to 127. */
  readonly depth: number;
  /** Hash of the subtree, which is the name of its tile; undefined: no leaf below. */
  readonly hash: Uint8Array | undefined;
}

export interface InnerTile {
  readonly kind: 'inner';
  /** From left to right. */
  readonly exits: readonly Exit[];
}

export interface BucketTile {
  readonly kind: 'bucket';
  /** By ascending key. */
  readonly leaves: readonly Leaf[];
}

/** A bucket whose leaves are left in their records. */
export interface PackedBucket {
  readonly kind: 'packed';
  /** Number of leaves. */
  readonly count: number;
  /** The records one after the other, in the memory of the tile. */
  readonly records: Uint8Array;
}

const HEADER = [0x54, 0x4d, 0x01] as const;
const INNER = 1;
const BUCKET = 2;

/** Throws `MERKLE_LIMIT`, `MERKLE_LEAF`, and `MERKLE_TILE_SHAPE` for exits that are not those of one tree. */
export function encodeTile(tile: InnerTile | BucketTile): Uint8Array {
  if (tile.kind === 'bucket') {
    return encodeBucket(tile.leaves.length, writer => {
      for (const leaf of tile.leaves) encodeRecord(writer, leaf);
    });
  }
  const hashes = new ByteWriter(32 * tile.exits.length);
  for (const { hash } of tile.exits) hashes.bytes(hash ?? EMPTY);
  return encodeInner({
    kind: 'inner',
    depths: tile.exits.map(({ depth }) => depth),
    hashes: hashes.finish(),
  });
}

/** Throws `MERKLE_LIMIT`, `MERKLE_TILE_SHAPE`. */
export function encodeInner({ depths, hashes }: PackedInner): Uint8Array {
  checkCount('exits', depths.length, 2, MERKLE_LIMITS.exits);
  return encode(INNER, depths.length, writer => {
    writer.bytes(encodeShape(depths));
    writer.bytes(hashes);
  });
}

/** A bucket of `count` leaf records, which `write` writes by ascending key. Throws `MERKLE_LIMIT`. */
export function encodeBucket(count: number, write: (writer: ByteWriter) => void): Uint8Array {
  checkCount('records', count, 1, MERKLE_LIMITS.records);
  return encode(BUCKET, count, write);
}

function encode(kind: number, count: number, write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter(BUCKET_RECORDS + 64 * count);
  for (const byte of HEADER) writer.byte(byte);
  writer.byte(kind);
  writer.u16(count);
  write(writer);
  const bytes = writer.finish();
  checkLength(bytes.length);
  return bytes;
}

/** Where the records of a bucket start in its bytes. */
export const BUCKET_RECORDS = 6;

/** A bucket whose `recordBytes` bytes of leaf records, from `BUCKET_RECORDS` on, have yet to be written. Throws `MERKLE_LIMIT`. */
export function startBucket(count: number, recordBytes: number): Uint8Array {
  checkCount('records', count, 1, MERKLE_LIMITS.records);
  checkLength(BUCKET_RECORDS + recordBytes);
  const bytes = new Uint8Array(BUCKET_RECORDS + recordBytes);
  for (const [index, byte] of HEADER.entries()) bytes[index] = byte;
  bytes[3] = BUCKET;
  bytes[4] = count >> 8;
  bytes[5] = count & 0xff;
  return bytes;
}

/** Throws `MERKLE_SYNTAX`, `MERKLE_LIMIT`. */
export function decodeTile(bytes: Uint8Array): InnerTile | BucketTile {
  const tile = openTile(bytes);
  if (tile.kind === 'inner') return exitsOf(tile);
  const reader = new ByteReader('tile', bytes, BUCKET_RECORDS);
  const leaves = Array.from({ length: tile.count }, () => decodeRecord(reader));
  reader.end();
  return { kind: 'bucket', leaves };
}

/** As `decodeTile`, for those who read millions of leaves: records are passed over, and their names not looked at. */
export function decodePacked(bytes: Uint8Array): InnerTile | PackedBucket {
  const tile = openTile(bytes);
  if (tile.kind === 'inner') return exitsOf(tile);
  const reader = new ByteReader('tile', bytes, BUCKET_RECORDS);
  const fields = emptyFields();
  for (let index = 0; index < tile.count; index += 1) readFields(reader, fields);
  reader.end();
  return tile;
}

/** An inner tile whose hashes are left one after the other. */
export interface PackedInner {
  readonly kind: 'inner';
  /** Of the exits from left to right. */
  readonly depths: readonly number[];
  /** 32 bytes for each exit, not of the memory of the tile. */
  readonly hashes: Uint8Array;
}

/** The same for those who read the records themselves: nothing of them is checked but that there are not too many. */
export function openTile(bytes: Uint8Array): PackedInner | PackedBucket {
  const { reader, kind, count } = readHeader(bytes);
  if (kind === INNER) {
    checkCount('exits', count, 2, MERKLE_LIMITS.exits);
    const depths = decodeShape(reader, count);
    const hashes = reader.take(32 * count);
    reader.end();
    return { kind: 'inner', depths, hashes };
  }
  checkCount('records', count, 1, MERKLE_LIMITS.records);
  return { kind: 'packed', count, records: bytes.subarray(BUCKET_RECORDS) };
}

function exitsOf({ depths, hashes }: PackedInner): InnerTile {
  const exits = depths.map((depth, index) => {
    const hash = hashes.slice(32 * index, 32 * (index + 1));
    return { depth, hash: isEmpty(hash) ? undefined : hash };
  });
  return { kind: 'inner', exits };
}

function readHeader(bytes: Uint8Array): { reader: ByteReader; kind: number; count: number } {
  checkLength(bytes.length);
  const reader = new ByteReader('tile', bytes);
  for (const byte of HEADER) {
    if (reader.byte() !== byte) reader.refuse('not a tile of format 1');
  }
  const kind = reader.byte();
  if (kind !== INNER && kind !== BUCKET) reader.refuse(`kind ${kind}, expected 1 or 2`);
  return { reader, kind, count: reader.u16() };
}

function checkCount(what: 'exits' | 'records', count: number, least: number, most: number): void {
  if (count >= least && count <= most) return;
  throw fail('MERKLE_LIMIT', `tile: ${count} ${what}, expected ${least} to ${most}`, { details: { count } });
}

function checkLength(length: number): void {
  if (length <= MERKLE_LIMITS.tileBytes) return;
  throw fail('MERKLE_LIMIT', `tile: ${length} bytes, at most ${MERKLE_LIMITS.tileBytes}`, {
    details: { length },
  });
}
