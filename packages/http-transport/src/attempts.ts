// The attempts at one file: every mirror in turn, then a pause, then again those whose failure may pass.

import { isTufError } from '@cargo-tuf/errors';
import type { Clock } from './clock.ts';
import { isPassing } from './errors.ts';
import type { HttpLimits } from './limits.ts';

export class Attempts<Target> {
  readonly #limits: HttpLimits;
  readonly #signal: AbortSignal | undefined;
  readonly #clock: Clock;
  readonly #started: number;
  readonly #errors = new Map<Target, unknown>();
  #queue: Target[];
  #again: Target[] = [];
  #round = 0;

  constructor(targets: readonly Target[], limits: HttpLimits, clock: Clock, signal: AbortSignal | undefined) {
    this.#clock = clock;
    this.#started = clock.now();
    this.#queue = [...targets];
    this.#limits = limits;
    this.#signal = signal;
  }

  /** The target to ask, after a pause where one is due; undefined when there is none left. */
  async next(): Promise<Target | undefined> {
    if (this.#queue.length === 0) {
      const { retries, retryMs, pauseMs } = this.#limits;
      if (this.#round === retries || this.#clock.now() - this.#started > retryMs) return undefined;
      [this.#queue, this.#again] = [this.#again, []];
      if (this.#queue.length > 0)
        await pause(this.#clock.random() * pauseMs * 2 ** this.#round, this.#signal);
      this.#round += 1;
    }
    return this.#queue.shift();
  }

  /** The target's word that the file is not there takes back what it failed with before. */
  absent(target: Target): void {
    this.#errors.delete(target);
  }

  failed(target: Target, error: unknown): void {
    if (isTufError(error, 'HTTP_ABORTED', 'HTTP_ADDRESS') || !isTufError(error)) throw error;
    this.#errors.set(target, error);
    if (isPassing(error)) this.#again.push(target);
  }

  /** A long download that moves on may fail more often than a short one. */
  progressed(): void {
    this.#round = 0;
  }

  /** After the last attempt: returns when every target said that the file is not there, else throws. */
  conclude(): void {
    const errors = [...this.#errors.values()];
    const worst = errors.find(error => isTufError(error) && error.kind === 'security') ?? errors[0];
    if (worst !== undefined) throw worst;
  }
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener('abort', end);
  });
}
