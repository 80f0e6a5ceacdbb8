import { fail } from './errors.ts';

/** Takes exact numbers of bytes from pieces of any size. Holds one piece at a time. */
export class ByteQueue {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array(0);

  constructor(pieces: AsyncIterator<Uint8Array>) {
    this.#pieces = pieces;
  }

  /** Lets go of the source; to be called however reading ends. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  /** At most `most` bytes, at least one; undefined at the end. A view of a piece. */
  async some(most: number): Promise<Uint8Array | undefined> {
    while (this.#piece.length === 0) {
      const next = await this.#pieces.next();
      if (next.done === true) return undefined;
      this.#piece = next.value;
    }
    const bytes = this.#piece.subarray(0, most);
    this.#piece = this.#piece.subarray(bytes.length);
    return bytes;
  }

  /** `length` bytes in pieces. Throws `CRATE_TAR` when there are fewer. */
  async *stream(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0; ) {
      const bytes = await this.some(left);
      if (bytes === undefined) throw fail('CRATE_TAR', `tar: ends ${left} bytes early`);
      left -= bytes.length;
      yield bytes;
    }
  }

  /** `length` bytes. `length` is bounded by the caller. */
  async take(length: number): Promise<Uint8Array> {
    const out = new Uint8Array(length);
    let position = 0;
    for await (const bytes of this.stream(length)) {
      out.set(bytes, position);
      position += bytes.length;
    }
    return out;
  }
}
