// A source that hands requests on in rounds: it waits until its user can do nothing more without an answer, sends all that was asked for
// at once, and gives the answers together. The number of rounds is the longest chain of requests of which each needs the answer of the
// one before.

import type { FetchOptions, Source } from '@cargo-tuf/client';

export class RoundSource implements Source {
  readonly #source: Source;
  #waiting: { readonly path: string; readonly send: () => Promise<() => void> }[] = [];
  #scheduled = false;
  /** The paths that were asked for in each round. */
  readonly rounds: string[][] = [];

  constructor(source: Source) {
    this.#source = source;
  }

  fetch(path: string, options: FetchOptions): Promise<Uint8Array | null> {
    return new Promise((resolve, reject) => {
      const send = (): Promise<() => void> =>
        this.#source.fetch(path, options).then(
          bytes => () => resolve(bytes),
          (error: unknown) => () => reject(error instanceof Error ? error : new Error(String(error))),
        );
      this.#waiting.push({ path, send });
      this.#schedule();
    });
  }

  reject(path: string): boolean {
    return this.#source.reject?.(path) === true;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    void this.#sendRound();
  }

  async #sendRound(): Promise<void> {
    for (let turn = 0; turn < IDLE_TURNS; turn++) await new Promise(resolve => setImmediate(resolve));
    const round = this.#waiting;
    this.#waiting = [];
    this.rounds.push(round.map(({ path }) => path));
    const answers = await Promise.all(round.map(({ send }) => send()));
    this.#scheduled = false;
    for (const answer of answers) answer();
  }
}

/** Turns of the event loop without work for the network, after which the user waits for answers. */
const IDLE_TURNS = 4;
