// The best parameters of the layouts that have some, for a number of crates.

import type { TrieShape } from './trie.ts';

/** Bytes with gzip: of a bin in the snapshot, of a crate in a bin, and of a bin's frame. */
export const BIN_BYTES = { listed: 4.75, crate: 51, frame: 340 } as const;

/** As many bits of the key as make the fewest bytes for a first check of `dependencies`. */
export function bestBinBits(size: number, dependencies: number): number {
  const bytes = (bits: number): number => {
    const bins = 2 ** bits;
    const fetched = distinctOf(bins, dependencies);
    return bins * BIN_BYTES.listed + fetched * (BIN_BYTES.frame + (BIN_BYTES.crate * size) / bins);
  };
  const choices = Array.from({ length: 20 }, (_, at) => at + 1);
  return choices.reduce((best, bits) => (bytes(bits) < bytes(best) ? bits : best));
}

/** How many of `places` are hit by `draws`, on average. */
export function distinctOf(places: number, draws: number): number {
  return places * -Math.expm1(draws * Math.log1p(-1 / places));
}

/** Lists of 24 to 64 crates below two index nodes or, beyond a million crates, three: what the experiment's own table suggests. */
export function trieShape(size: number): TrieShape {
  const bits = Math.max(2, Math.ceil(Math.log2(size / 64)));
  const depth = bits <= 14 ? 2 : 3;
  return { depth, breadth: Math.ceil(bits / depth) };
}
