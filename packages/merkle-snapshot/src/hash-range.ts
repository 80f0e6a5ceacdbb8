// Subtrees of leaves that stand by ascending key in one array, for each leaf its key and then its hash: 64 bytes.

import { sha256Into } from '@cargo-tuf/keys';
import { splitAtBit } from './bits.ts';
import { copyHash } from './copy-bytes.ts';
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
    copyHash(heads, 64 * from + 32, out, offset);
  } else {
    const message = nodeMessages[depth] as Uint8Array;
    const middle = splitAtBit(heads, 64, depth, from, to);
    hashRange(heads, depth + 1, from, middle, message, 1, forks);
    hashRange(heads, depth + 1, middle, to, message, 33, forks);
    sha256Into(message, out, offset);
    if (forks === undefined || middle === from || middle === to) return;
    copyHash(out, offset, forks, 32 * middle);
  }
}
