// Numbers that a seed alone decides, so that every input can be made again from the seed and its number.

import { createHash } from 'node:crypto';

export class Random {
  readonly #seed: string;
  #block: Buffer = Buffer.alloc(0);
  #blocks = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** 0 to `limit - 1`. */
  below(limit: number): number {
    return this.#uint32() % limit;
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** The list with each element in a place of chance. */
  shuffle<T>(list: readonly T[]): T[] {
    const out: T[] = [];
    for (const each of list) out.splice(this.below(out.length + 1), 0, each);
    return out;
  }

  #uint32(): number {
    if (this.#block.length < 4) {
      this.#block = createHash('sha256').update(`${this.#seed} ${this.#blocks}`).digest();
      this.#blocks += 1;
    }
    const value = this.#block.readUInt32BE();
    this.#block = this.#block.subarray(4);
    return value;
  }
}
