// When a transfer is too slow to go on with. Only the time spent waiting for the network counts: a consumer that
// takes its time with a chunk is not the server's fault.

import type { TufError } from '@cargo-tuf/errors';
import { fail, type HttpErrorCode } from './errors.ts';
import type { MinimumRate } from './limits.ts';

export interface PaceRules {
  readonly idleMs: number;
  readonly totalMs: number;
  readonly rate: MinimumRate;
}

/** How long the next read may take, and the error when it takes longer. */
export interface Patience {
  readonly milliseconds: number;
  readonly error: () => TufError<HttpErrorCode>;
}

export class Pace {
  readonly #subject: string;
  readonly #rules: PaceRules;
  #waited = 0;
  #windowWaited = 0;
  #windowBytes = 0;

  constructor(subject: string, rules: PaceRules) {
    this.#subject = subject;
    this.#rules = rules;
  }

  /** The rule that ends the next read first. */
  patience(): Patience {
    const { idleMs, totalMs, rate } = this.#rules;
    const left = totalMs - this.#waited;
    const window = this.#hasEnough() ? Number.POSITIVE_INFINITY : rate.windowMs - this.#windowWaited;
    const milliseconds = Math.max(0, Math.min(idleMs, left, window));
    if (milliseconds === window) return { milliseconds, error: () => this.#slow() };
    const [rule, limit] = milliseconds === idleMs ? ['next byte', idleMs] : ['end', totalMs];
    return {
      milliseconds,
      error: () =>
        fail('HTTP_TIMEOUT', `${this.#subject}: no ${rule} within ${Math.round(limit)} ms`, {
          details: { url: this.#subject, limitMs: Math.round(limit) },
        }),
    };
  }

  /** Counts a read. Throws HTTP_SLOW at the end of a window that got too little. */
  count(bytes: number, waitedMs: number): void {
    this.#waited += waitedMs;
    this.#windowWaited += waitedMs;
    this.#windowBytes += bytes;
    if (this.#windowWaited < this.#rules.rate.windowMs) return;
    if (!this.#hasEnough()) throw this.#slow();
    this.#windowWaited = 0;
    this.#windowBytes = 0;
  }

  #hasEnough(): boolean {
    const { bytesPerSecond, windowMs } = this.#rules.rate;
    return this.#windowBytes * 1000 >= bytesPerSecond * windowMs;
  }

  #slow(): TufError<HttpErrorCode> {
    const { bytesPerSecond, windowMs } = this.#rules.rate;
    return fail(
      'HTTP_SLOW',
      `${this.#subject}: ${this.#windowBytes} bytes in ${windowMs} ms, expected ${bytesPerSecond} a second`,
      { details: { url: this.#subject, bytes: this.#windowBytes, windowMs, bytesPerSecond } },
    );
  }
}
