import { keyOf, type MapShape } from './hashes.ts';

/** Keys by ascending order, and parts of them. */
export class SortedKeys {
  readonly #keys: readonly Uint8Array[];
  readonly #from: number;
  readonly #to: number;

  private constructor(keys: readonly Uint8Array[], from: number, to: number) {
    this.#keys = keys;
    this.#from = from;
    this.#to = to;
  }

  /** Throws `MERKLE_NAME`. */
  static of(shape: MapShape, names: Iterable<string>): SortedKeys {
    const keys = Array.from(names, name => keyOf(shape, name)).sort(compare);
    return new SortedKeys(keys, 0, keys.length);
  }

  get count(): number {
    return this.#to - this.#from;
  }

  /** Those of which the bit at `depth` is 0, and the others. They share the bits before it. */
  split(depth: number): readonly [SortedKeys, SortedKeys] {
    const [byte, bit] = [depth >> 3, 0x80 >> (depth & 7)];
    let [low, high] = [this.#from, this.#to];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (((this.#keys[middle]?.[byte] as number) & bit) === 0) low = middle + 1;
      else high = middle;
    }
    return [new SortedKeys(this.#keys, this.#from, low), new SortedKeys(this.#keys, low, this.#to)];
  }
}

function compare(left: Uint8Array, right: Uint8Array): number {
  for (let index = 0; index < left.length; index += 1) {
    const difference = (left[index] as number) - (right[index] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
