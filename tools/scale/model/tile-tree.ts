// The tiles of a map without its hashes: where a publisher cuts (docs/pouf.md, section 5) follows from how many keys begin with which bits.

import type { TileCut } from '@cargo-tuf/merkle-snapshot';

export interface ModelTile {
  readonly id: string;
  readonly bytes: number;
  /** Of the file beside an inner tile that only publishers read; 0 for a bucket. */
  readonly countsBytes: number;
}

/** All keys with the same first `depth` bits: places `from` to `to` of the sorted keys. */
interface Subtree {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

const [HEADER, HASH] = [6, 32] as const;
/** Of a file of counts (docs/pouf.md, section 5.1): all but the counts. */
const COUNTS_FRAME = 17;

export class TileTree {
  readonly #keys: Uint32Array;
  readonly #cut: TileCut;
  readonly #recordBytes: number;
  readonly #tiles = new Map<string, ModelTile>();

  /** `recordBytes`: of a leaf in a bucket, on average. */
  constructor(keys: Uint32Array, cut: TileCut, recordBytes: number) {
    this.#keys = keys;
    this.#cut = cut;
    this.#recordBytes = recordBytes;
  }

  /** The tiles on the way to a key, from the root's. */
  path(key: number): readonly ModelTile[] {
    const tiles: ModelTile[] = [];
    let tree: Subtree = { from: 0, to: this.#keys.length, depth: 0 };
    for (;;) {
      tiles.push(this.#tile(tree));
      const level = this.#level(tree);
      if (level === 0) return tiles;
      while (this.#level(tree) === level) tree = this.#half(tree, bitOf(key, tree.depth));
      if (tree.from === tree.to) return tiles;
    }
  }

  /** The root's tile and those below its exits. */
  top(): readonly ModelTile[] {
    const root: Subtree = { from: 0, to: this.#keys.length, depth: 0 };
    const level = this.#level(root);
    const below = (tree: Subtree): readonly ModelTile[] => {
      if (tree.from === tree.to) return [];
      if (this.#level(tree) < level) return [this.#tile(tree)];
      return [0, 1].flatMap(bit => below(this.#half(tree, bit)));
    };
    return level === 0 ? [this.#tile(root)] : [this.#tile(root), ...below(root)];
  }

  #tile(tree: Subtree): ModelTile {
    const id = `${tree.from} ${tree.depth}`;
    const known = this.#tiles.get(id);
    if (known !== undefined) return known;
    const level = this.#level(tree);
    const tile =
      level === 0
        ? { id, bytes: HEADER + this.#recordBytes * (tree.to - tree.from), countsBytes: 0 }
        : { id, ...this.#innerBytes(tree, level) };
    this.#tiles.set(id, tile);
    return tile;
  }

  #innerBytes(tree: Subtree, level: number): { readonly bytes: number; readonly countsBytes: number } {
    let [exits, countsBytes]: [number, number] = [0, COUNTS_FRAME];
    const visit = (node: Subtree): void => {
      for (const bit of [0, 1]) {
        const half = this.#half(node, bit);
        const count = half.to - half.from;
        if (count > 0 && this.#level(half) === level) visit(half);
        else {
          exits += 1;
          countsBytes += varintBytes(count);
        }
      }
    };
    visit(tree);
    return { bytes: HEADER + Math.ceil((2 * exits - 1) / 8) + HASH * exits, countsBytes };
  }

  #level({ from, to }: Subtree): number {
    let level = 0;
    for (let most = this.#cut.bucket; to - from > most; most *= this.#cut.fanOut) level += 1;
    return level;
  }

  /** Half of a subtree: the keys with this bit next. */
  #half({ from, to, depth }: Subtree, bit: number): Subtree {
    let [low, high] = [from, to];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (bitOf(this.#keys[middle] as number, depth) === 0) low = middle + 1;
      else high = middle;
    }
    return bit === 0 ? { from, to: low, depth: depth + 1 } : { from: low, to, depth: depth + 1 };
  }
}

function bitOf(key: number, depth: number): number {
  return (key >>> (31 - depth)) & 1;
}

function varintBytes(value: number): number {
  return value < 2 ** 7 ? 1 : value < 2 ** 14 ? 2 : value < 2 ** 21 ? 3 : 4;
}
