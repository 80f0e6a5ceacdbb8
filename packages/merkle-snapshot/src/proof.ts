// The bytes of a proof (docs/pouf.md, section 4): what the walk ended with, and the siblings from the bottom up.
//
//   54 50 01 01  <record>  0002  <sibling[32]> <sibling[32]>        the walk ended at a leaf
//   54 50 01 00  0001  <sibling[32]>                                the walk ended at an empty subtree

import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { fail } from './errors.ts';
import type { Leaf } from './leaf.ts';
import { MERKLE_LIMITS } from './limits.ts';
import { decodeRecord, encodeRecord } from './record.ts';

export interface Proof {
  /** The leaf that the walk ended at; undefined: an empty subtree. */
  readonly end: Leaf | undefined;
  /** Hashes from the bottom up; `EMPTY` for a sibling with no leaf. */
  readonly siblings: readonly Uint8Array[];
}

const HEADER = [0x54, 0x50, 0x01] as const;

/** Throws `MERKLE_LIMIT`, `MERKLE_LEAF`. */
export function encodeProof({ end, siblings }: Proof): Uint8Array {
  checkSiblings(siblings.length);
  const writer = new ByteWriter();
  for (const byte of HEADER) writer.byte(byte);
  writer.byte(end === undefined ? 0 : 1);
  if (end !== undefined) encodeRecord(writer, end);
  writer.u16(siblings.length);
  for (const sibling of siblings) writer.bytes(sibling);
  return writer.finish();
}

/** Throws `MERKLE_SYNTAX`, `MERKLE_LIMIT`. */
export function decodeProof(bytes: Uint8Array): Proof {
  if (bytes.length > MERKLE_LIMITS.proofBytes) {
    throw fail('MERKLE_LIMIT', `proof: ${bytes.length} bytes, at most ${MERKLE_LIMITS.proofBytes}`, {
      details: { length: bytes.length },
    });
  }
  const reader = new ByteReader('proof', bytes);
  for (const byte of HEADER) {
    if (reader.byte() !== byte) reader.refuse('not a proof of format 1');
  }
  const flag = reader.byte();
  if (flag > 1) reader.refuse(`end ${flag}, expected 0 or 1`);
  const end = flag === 1 ? decodeRecord(reader) : undefined;
  const count = reader.u16();
  checkSiblings(count);
  const siblings = Array.from({ length: count }, () => reader.take(32));
  reader.end();
  return { end, siblings };
}

export function checkSiblings(count: number): void {
  if (count <= MERKLE_LIMITS.siblings) return;
  throw fail('MERKLE_LIMIT', `proof: ${count} siblings, at most ${MERKLE_LIMITS.siblings}`, {
    details: { count },
  });
}
