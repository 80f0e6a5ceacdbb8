// How many leaves are below each exit of an inner tile, and how the map was cut (docs/pouf.md, section 5.1). A publisher keeps
// them beside its tiles: with them a change is cut into tiles without reading the rest of the map. They are signed by nobody
// and shown to no client; wrong ones give other tiles, and no other root.
//
//   54 43 01  0020 0055  0003  21 00 05  <8>   buckets of 32, a fan-out of 85; three exits, with 33, no and 5 leaves below;
//                                              the first 8 bytes of the SHA-256 of all before: a damaged disk is no writer

import { equalBytes, sha256 } from '@cargo-tuf/keys';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { TileCut } from './cut.ts';
import { MERKLE_LIMITS } from './limits.ts';

export interface Counts {
  readonly cut: TileCut;
  /** Of each exit, from left to right; 0 for an empty one. */
  readonly counts: readonly number[];
}

const HEADER = [0x54, 0x43, 0x01] as const;

export function encodeCounts({ cut, counts }: Counts): Uint8Array {
  const writer = new ByteWriter(2 * counts.length + 16);
  for (const byte of HEADER) writer.byte(byte);
  writer.u16(cut.bucket);
  writer.u16(cut.fanOut);
  writer.u16(counts.length);
  for (const count of counts) writer.varint(count);
  writer.bytes(checkOf(writer.finish()));
  return writer.finish();
}

/** Throws `MERKLE_SYNTAX`. */
export function decodeCounts(bytes: Uint8Array): Counts {
  const reader = new ByteReader('counts', bytes);
  for (const byte of HEADER) {
    if (reader.byte() !== byte) reader.refuse('not counts of format 1');
  }
  const cut = { bucket: reader.u16(), fanOut: reader.u16() };
  const length = reader.u16();
  if (length > MERKLE_LIMITS.exits)
    reader.refuse(`${length} counts, expected at most ${MERKLE_LIMITS.exits}`);
  const counts: number[] = [];
  while (counts.length < length) counts.push(reader.varint());
  if (!equalBytes(reader.take(CHECK), checkOf(bytes.subarray(0, -CHECK)))) reader.refuse('damaged');
  reader.end();
  return { cut, counts };
}

const CHECK = 8;

function checkOf(bytes: Uint8Array): Uint8Array {
  return sha256(bytes).subarray(0, CHECK);
}
