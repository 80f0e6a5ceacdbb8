// How many leaves are below each exit of an inner tile (docs/pouf.md, section 5.1). A publisher keeps them beside its tiles: with
// them a change is cut into tiles without reading the rest of the map. They are signed by nobody and shown to no client; wrong
// ones give other tiles, and no other root.
//
//   54 43 01  0003  21 00 05        three exits, with 33, no and 5 leaves below

import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { MERKLE_LIMITS } from './limits.ts';

const HEADER = [0x54, 0x43, 0x01] as const;

export function encodeCounts(counts: readonly number[]): Uint8Array {
  const writer = new ByteWriter(2 * counts.length + 8);
  for (const byte of HEADER) writer.byte(byte);
  writer.u16(counts.length);
  for (const count of counts) writer.varint(count);
  return writer.finish();
}

/** Throws `MERKLE_SYNTAX`. */
export function decodeCounts(bytes: Uint8Array): readonly number[] {
  const reader = new ByteReader('counts', bytes);
  for (const byte of HEADER) {
    if (reader.byte() !== byte) reader.refuse('not counts of format 1');
  }
  const length = reader.u16();
  if (length > MERKLE_LIMITS.exits)
    reader.refuse(`${length} counts, expected at most ${MERKLE_LIMITS.exits}`);
  const counts: number[] = [];
  while (counts.length < length) counts.push(reader.varint());
  reader.end();
  return counts;
}
