// Bits one after another, from the most significant of each byte; what is left of the last byte is zero.

import type { ByteReader } from './byte-reader.ts';

export class BitWriter {
  readonly #bytes: number[] = [];
  #byte = 0;
  #used = 0;

  /** The lowest `length` bits of `value`, at most 32, the highest first. */
  bits(value: number, length: number): void {
    for (let at = length - 1; at >= 0; at -= 1) this.#bit((value >>> at) & 1);
  }

  /** `value` ones and a zero. */
  unary(value: number): void {
    for (let left = value; left > 0; left -= 1) this.#bit(1);
    this.#bit(0);
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#used === 0 ? this.#bytes : [...this.#bytes, this.#byte]);
  }

  #bit(bit: number): void {
    this.#byte |= bit << (7 - this.#used);
    this.#used += 1;
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
    for (let left = length; left > 0; left -= 1) value = value * 2 + this.#bit();
    return value;
  }

  unary(): number {
    let value = 0;
    while (this.#bit() === 1) value += 1;
    return value;
  }

  /** What is left of the last byte must be zero. */
  end(): void {
    if (this.bits(this.#left) !== 0) this.#reader.refuse('bits after the last one');
  }

  #bit(): number {
    if (this.#left === 0) {
      this.#byte = this.#reader.byte();
      this.#left = 8;
    }
    this.#left -= 1;
    return (this.#byte >> this.#left) & 1;
  }
}
