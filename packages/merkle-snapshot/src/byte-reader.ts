import { fail } from './errors.ts';

/** Reads from the start, or from `position`, to the end of some bytes, and refuses to leave any. Throws `MERKLE_SYNTAX`. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #subject: string;
  #position: number;

  constructor(subject: string, bytes: Uint8Array, position = 0) {
    this.#subject = subject;
    this.#bytes = bytes;
    this.#position = position;
  }

  get position(): number {
    return this.#position;
  }

  byte(): number {
    const byte = this.#bytes[this.#position];
    if (byte === undefined)
      this.refuse(`ends after ${this.#bytes.length} bytes, expected ${this.#position + 1}`);
    this.#position += 1;
    return byte;
  }

  u16(): number {
    return this.byte() * 256 + this.byte();
  }

  /** A copy: what is kept does not hold on to the whole file. */
  take(length: number): Uint8Array {
    const start = this.skip(length);
    return this.copy(start, start + length);
  }

  /** Of bytes that were read. */
  copy(start: number, end: number): Uint8Array {
    // Of a Buffer, `slice` would be the same memory.
    return new Uint8Array(this.#bytes.subarray(start, end));
  }

  /** The offset of the bytes that are passed over. */
  skip(length: number): number {
    const start = this.#position;
    const end = start + length;
    if (end > this.#bytes.length) this.refuse(`ends after ${this.#bytes.length} bytes, expected ${end}`);
    this.#position = end;
    return start;
  }

  /** Unsigned LEB128 in its shortest form, at most 2^53-1. */
  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (!Number.isSafeInteger(value)) this.refuse('integer beyond 2^53-1');
      if (byte < 0x80) {
        if (byte === 0 && scale > 1) this.refuse('integer is not in its shortest form');
        return value;
      }
      if (scale > 2 ** 49) this.refuse('integer beyond 2^53-1');
    }
  }

  end(): void {
    const left = this.#bytes.length - this.#position;
    if (left > 0) this.refuse(`${left} bytes after the end`);
  }

  refuse(reason: string): never {
    throw fail('MERKLE_SYNTAX', `${this.#subject}: byte ${this.#position}: ${reason}`, {
      details: { offset: this.#position },
    });
  }
}
