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

  bits(length: number): number {
    let value = 0;
    for (let wanted = length; wanted > 0; ) {
      const count = Math.min(wanted, this.#left || 8);
      value = value * 2 ** count + this.#take(count);
      wanted -= count;
    }
    return value;
  }

  unary(): number {
    let value = 0;
    while (this.#take(1) === 1) value += 1;
    return value;
  }

  /** What is left of the last byte must be zero. */
  end(): void {
    if (this.bits(this.#left) !== 0) this.#reader.refuse('bits after the last one');
  }

  /** No more than are left of the byte, or of the next where none is. */
  #take(count: number): number {
    if (this.#left === 0) {
      this.#byte = this.#reader.byte();
      this.#left = 8;
    }
    this.#left -= count;
    return (this.#byte >> this.#left) & ((1 << count) - 1);
  }
}
