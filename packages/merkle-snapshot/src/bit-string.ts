// Bits one after another, from the most significant of each byte; what is left of the last byte is zero.

import type { ByteReader } from './byte-reader.ts';

export class BitWriter {
  readonly #bytes: number[] = [];
  #byte = 0;
  #used = 0;

  /** The lowest `length` bits of `value`, at most 32, the highest first. */
  bits(value: number, length: number): void {
    for (let left = length; left > 0; ) {
      const count = Math.min(left, 8 - this.#used);
      left -= count;
      this.#append((value >>> left) & ((1 << count) - 1), count);
    }
  }

  /** `value` ones and a zero. */
  unary(value: number): void {
    for (let left = value; left > 0; left -= 1) this.#append(1, 1);
    this.#append(0, 1);
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#used === 0 ? this.#bytes : [...this.#bytes, this.#byte]);
  }

  /** `count` bits that have room in the byte. */
  #append(bits: number, count: number): void {
    this.#used += count;
    this.#byte |= bits << (8 - this.#used);
    if (this.#used < 8) return;
    this.#bytes.push(this.#byte);
    this.#byte = 0;
    this.#used = 0;
  }
}

/** Takes bytes of `reader` as it needs them. Throws `MERKLE_SYNTAX`. */
export class BitReader {
  readonly #reader: ByteReader;
  #byte = 0;
  #left = 0;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  /** At most 32. */
  bits(length: number): number {
    let value = 0;
    for (let wanted = length; wanted > 0; ) {
      this.#fill();
      const count = Math.min(wanted, this.#left);
      this.#left -= count;
      value = (value << count) | ((this.#byte >> this.#left) & ((1 << count) - 1));
      wanted -= count;
    }
    return value >>> 0;
  }

  unary(): number {
    for (let value = 0; ; ) {
      this.#fill();
      const ones = Math.clz32(~(this.#byte << (32 - this.#left)));
      value += ones;
      this.#left -= ones;
      if (this.#left === 0) continue;
      this.#left -= 1;
      return value;
    }
  }

  /** What is left of the last byte must be zero. */
  end(): void {
    if (this.bits(this.#left) !== 0) this.#reader.refuse('bits after the last one');
  }

  #fill(): void {
    if (this.#left > 0) return;
    this.#byte = this.#reader.byte();
    this.#left = 8;
  }
}
