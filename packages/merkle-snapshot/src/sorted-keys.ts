import { bitAt, sharedBits, splitAtBit } from './bits.ts';
import { keyOf, type MapShape } from './hashes.ts';

/** Keys by ascending order, and parts of them. */
export class SortedKeys {
  /** 32 bytes each. */
  readonly #keys: Uint8Array;
  readonly #from: number;
  readonly #to: number;

  private constructor(keys: Uint8Array, from: number, to: number) {
    this.#keys = keys;
    this.#from = from;
    this.#to = to;
  }

  /** Throws `MERKLE_NAME`. */
  static of(shape: MapShape, names: Iterable<string>): SortedKeys {
    const list = Array.from(names, name => keyOf(shape, name)).sort(compare);
    const keys = new Uint8Array(32 * list.length);
    for (const [index, key] of list.entries()) keys.set(key, 32 * index);
    return new SortedKeys(keys, 0, list.length);
  }

  get count(): number {
    return this.#to - this.#from;
  }

  /** Those of which the bit at `depth` is 0, and the others. They share the bits before it. */
  split(depth: number): readonly [SortedKeys, SortedKeys] {
    const middle = splitAtBit(this.#keys, 32, depth, this.#from, this.#to);
    return [new SortedKeys(this.#keys, this.#from, middle), new SortedKeys(this.#keys, middle, this.#to)];
  }
}

function compare(left: Uint8Array, right: Uint8Array): number {
  const shared = sharedBits(left, right);
  return shared === 256 ? 0 : bitAt(left, shared) - bitAt(right, shared);
}
