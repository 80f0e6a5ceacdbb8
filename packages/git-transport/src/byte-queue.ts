/** Bytes that arrive in pieces and are taken in others, without copying the rest each time. */
export class ByteQueue {
  #head: Buffer = Buffer.alloc(0);
  readonly #tail: Buffer[] = [];
  #tailLength = 0;

  get length(): number {
    return this.#head.length + this.#tailLength;
  }

  push(chunk: Buffer): void {
    this.#tail.push(chunk);
    this.#tailLength += chunk.length;
  }

  /** The next `count` bytes, or undefined when there are fewer. */
  take(count: number): Buffer | undefined {
    if (this.length < count) return undefined;
    if (this.#head.length < count) this.#join();
    const taken = this.#head.subarray(0, count);
    this.#head = this.#head.subarray(count);
    return taken;
  }

  /** The next line without its line feed; undefined when it has not all come. */
  takeLine(): string | undefined {
    if (!this.#head.includes(0x0a)) this.#join();
    const end = this.#head.indexOf(0x0a);
    if (end < 0) return undefined;
    return this.take(end + 1)?.toString('latin1', 0, end);
  }

  #join(): void {
    this.#head = Buffer.concat([this.#head, ...this.#tail.splice(0)]);
    this.#tailLength = 0;
  }
}
