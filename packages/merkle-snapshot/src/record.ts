// A leaf record, as buckets and proofs carry it (docs/pouf.md, section 5):
//
//   01  04 69746f61  11  e724  <sha256[32]>        entry, "itoa", version 17, length 4711
//   03  04 69746f61  12  00                        tombstone, "itoa", version 18
//
//   kind u8, name length u8, name, version varint, length varint, sha256[32] (kinds other than tombstone)

import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { checkLeaf, kindByte, kindOfByte, type Leaf, type LeafKind } from './leaf.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

/** Throws `MERKLE_LEAF`. */
export function encodeRecord(writer: ByteWriter, leaf: Leaf): void {
  checkLeaf(leaf);
  const name = encodeUtf8(leaf.name);
  writer.byte(kindByte(leaf.kind));
  writer.byte(name.length);
  writer.bytes(name);
  writer.varint(leaf.version);
  writer.varint(leaf.length);
  if (leaf.kind !== 'tombstone') writer.bytes(leaf.sha256);
}

/** Where the fields of a record stand in its bytes: for those who read millions. */
export interface RecordFields {
  kind: LeafKind;
  nameStart: number;
  nameEnd: number;
  version: number;
  length: number;
  /** Of a tombstone: where its record ends. */
  sha256Start: number;
}

/** Passes over a record. Throws `MERKLE_SYNTAX`. */
export function readFields(reader: ByteReader, fields: RecordFields): void {
  const byte = reader.byte();
  fields.kind = kindOfByte(byte) ?? reader.refuse(`leaf kind ${byte}, expected 1 to 5`);
  const nameLength = reader.byte();
  if (nameLength === 0) reader.refuse('empty name');
  fields.nameStart = reader.skip(nameLength);
  fields.nameEnd = fields.nameStart + nameLength;
  fields.version = reader.varint();
  if (fields.version === 0) reader.refuse('version 0, expected at least 1');
  fields.length = reader.varint();
  const isTombstone = fields.kind === 'tombstone';
  if (isTombstone && fields.length !== 0) reader.refuse(`tombstone of length ${fields.length}, expected 0`);
  fields.sha256Start = reader.skip(isTombstone ? 0 : 32);
}

export function emptyFields(): RecordFields {
  return { kind: 'entry', nameStart: 0, nameEnd: 0, version: 0, length: 0, sha256Start: 0 };
}

/** Throws `MERKLE_SYNTAX`. */
export function decodeRecord(reader: ByteReader): Leaf {
  const fields = emptyFields();
  readFields(reader, fields);
  const { kind, nameStart, nameEnd, version, length, sha256Start } = fields;
  const name = decodeUtf8(reader.copy(nameStart, nameEnd));
  return {
    name,
    kind,
    version,
    length,
    sha256: kind === 'tombstone' ? new Uint8Array(32) : reader.copy(sha256Start, sha256Start + 32),
  };
}

const CHUNK_BYTES = 1024 * 1024;

/** Leaf records one after the other, in pieces of about a mebibyte. Throws `MERKLE_LEAF`. */
export function* packLeaves(leaves: Iterable<Leaf>): Generator<Uint8Array> {
  let writer = new ByteWriter(CHUNK_BYTES + 1024);
  for (const leaf of leaves) {
    encodeRecord(writer, leaf);
    if (writer.length < CHUNK_BYTES) continue;
    yield writer.finish();
    writer = new ByteWriter(CHUNK_BYTES + 1024);
  }
  if (writer.length > 0) yield writer.finish();
}

/** The leaves of records that stand one after the other, as `packLeaves` makes them. Throws `MERKLE_SYNTAX`. */
export function* unpackLeaves(records: Uint8Array): Generator<Leaf> {
  const reader = new ByteReader('leaves', records);
  while (reader.position < records.length) yield decodeRecord(reader);
}
