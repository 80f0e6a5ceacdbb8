// When rustup is told that an archive is refused. rustup 1.29 removes the components of a toolchain before it fetches the next
// ones, unpacks one while it fetches another, and puts the old ones back if a download fails, but not while it unpacks: then the
// toolchain is gone. So a refusal waits until nothing else is on its way, and what came last has had time to be unpacked.

export class Transfers {
  readonly #unpacking: number;
  readonly #waiters: Set<() => void> = new Set();
  #active = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `unpacking`: milliseconds that rustup is given for an archive. */
  constructor(unpacking: number) {
    this.#unpacking = unpacking;
  }

  /** An archive is on its way until the result is called: with true where rustup got it whole. */
  begin(): (isWhole: boolean) => void {
    this.#active += 1;
    let ended = false;
    return isWhole => {
      if (ended) return;
      ended = true;
      this.#active -= 1;
      if (isWhole) this.#unpack();
      this.#wake();
    };
  }

  /** Resolves when a refusal may be told, or the signal fires. */
  async settled(signal: AbortSignal): Promise<void> {
    if (this.#isSettled() || signal.aborted) return;
    await new Promise<void>(resolve => {
      this.#waiters.add(resolve);
      signal.addEventListener('abort', () => {
        this.#waiters.delete(resolve);
        resolve();
      });
    });
  }

  #unpack(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#wake();
    }, this.#unpacking).unref();
  }

  #isSettled(): boolean {
    return this.#active === 0 && this.#timer === undefined;
  }

  #wake(): void {
    if (!this.#isSettled()) return;
    for (const resolve of this.#waiters) resolve();
    this.#waiters.clear();
  }
}
