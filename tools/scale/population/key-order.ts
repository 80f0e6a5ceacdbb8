// The crates of a registry in the order of their keys, SHA-256 of the index path: 8 bytes a crate, for layouts that group crates by the
// first bits of a hash.

import { createHash } from 'node:crypto';
import type { Ledger } from './ledger.ts';

export class KeyOrder {
  /** Numbers of the crates by ascending key. */
  readonly crates: Uint32Array;
  /** The first 32 bits of their keys. */
  readonly prefixes: Uint32Array;

  constructor(ledger: Ledger) {
    const keys = new Uint32Array(ledger.size);
    for (let crate = 0; crate < ledger.size; crate++) keys[crate] = keyPrefix(ledger.path(crate));
    this.crates = orderOf(keys);
    this.prefixes = keys.slice();
    for (const [place, crate] of this.crates.entries()) this.prefixes[place] = keys[crate] as number;
  }

  /** The crates whose keys begin with the `bits` bits of `group`. */
  group(bits: number, group: number): Uint32Array {
    const shift = 2 ** (32 - bits);
    return this.crates.subarray(this.#first(group * shift), this.#first((group + 1) * shift));
  }

  /** The first place of a key that is not below `prefix`, which may be 2^32. */
  #first(prefix: number): number {
    let [low, high] = [0, this.prefixes.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.prefixes[middle] as number) < prefix) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The first 32 bits of the key of an index path. */
export function keyPrefix(path: string): number {
  return createHash('sha256').update(path).digest().readUInt32BE();
}

/** Places by ascending key: a radix sort, 16 bits at a time. */
function orderOf(keys: Uint32Array): Uint32Array {
  let order = Uint32Array.from(keys.keys());
  for (const shift of [0, 16]) {
    const starts = new Uint32Array(65_537);
    for (const key of keys) starts[((key >>> shift) & 0xffff) + 1]! += 1;
    for (let digit = 0; digit < 65_536; digit++) starts[digit + 1]! += starts[digit]!;
    const next = new Uint32Array(keys.length);
    for (const place of order) next[starts[(keys[place]! >>> shift) & 0xffff]!++] = place;
    order = next;
  }
  return order;
}
