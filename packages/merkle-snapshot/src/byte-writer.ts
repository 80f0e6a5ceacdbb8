/** Collects the bytes of a tile or a proof. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  /** `capacity`: bytes that are likely to be enough. */
  constructor(capacity: number = 4_096) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    this.#reserve(1)[this.#length] = value;
    this.#length += 1;
  }

  u16(value: number): void {
    this.byte(value >> 8);
    this.byte(value & 0xff);
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length).set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Unsigned LEB128 in its shortest form. */
  varint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte((rest % 128) + 128);
    this.byte(rest);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(count: number): Uint8Array {
    if (this.#length + count > this.#bytes.length) {
      const larger = new Uint8Array(2 * (this.#length + count));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return this.#bytes;
  }
}
