// Subtrees of leaves that stand by ascending key in one array, for each leaf its key and then its hash: 64 bytes.

import { sha256Into } from '@cargo-tuf/keys';
import { nodeMessage } from './hashes.ts';

/** One message for each depth: hashes are written to where the message above has them. */
export const nodeMessages: readonly Uint8Array[] = Array.from({ length: 256 }, nodeMessage);

/**
 * Writes the hash of the leaves `from`…`to`, whose keys share `depth` bits, to `out` at `offset`. With `forks` also that of every
 * node below which both halves have leaves: 32 bytes, in the place of the first leaf of its right half.
 */
export function hashRange(
  heads: Uint8Array,
  depth: number,
  from: number,
  to: number,
  out: Uint8Array,
  offset: number,
  forks?: Uint8Array,
): void {
  if (to === from) {
    out.fill(0, offset, offset + 32);
  } else if (to - from === 1) {
    const start = 64 * from + 32;
    for (let index = 0; index < 32; index += 1) out[offset + index] = heads[start + index] as number;
  } else {
    const message = nodeMessages[depth] as Uint8Array;
    const middle = splitAtBit(heads, depth, from, to);
    hashRange(heads, depth + 1, from, middle, message, 1, forks);
    hashRange(heads, depth + 1, middle, to, message, 33, forks);
    sha256Into(message, out, offset);
    if (forks === undefined || middle === from || middle === to) return;
    for (let index = 0; index < 32; index += 1) forks[32 * middle + index] = out[offset + index] as number;
  }
}

/** First index of `from`…`to` whose key has bit `depth` set; these keys share the bits before it. */
export function splitAtBit(heads: Uint8Array, depth: number, from: number, to: number): number {
  const [byte, mask] = [depth >> 3, 0x80 >> (depth & 7)];
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (((heads[64 * middle + byte] as number) & mask) === 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
