/** A line that changes on a terminal; nothing in a pipe. */
export class Progress {
  readonly #isTerminal = process.stderr.isTTY;
  readonly #start = performance.now();

  show(step: string): void {
    if (!this.#isTerminal) return;
    const seconds = Math.round((performance.now() - this.#start) / 1000);
    process.stderr.write(`\r\x1b[K${String(seconds).padStart(5)} s  ${step.slice(0, 100)}`);
  }

  end(): void {
    if (this.#isTerminal) process.stderr.write('\r\x1b[K');
  }
}
