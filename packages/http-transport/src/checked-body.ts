// The bytes of one answer's body, as far as the file may go and no slower than its pace allows.

import { escapeText, isTufError, type TufError } from '@cargo-tuf/errors';
import type { Body } from './answer.ts';
import type { Clock } from './clock.ts';
import { fail, type HttpErrorCode } from './errors.ts';
import type { Pace } from './pace.ts';
import { abortedError, errorCode } from './request.ts';
import { withinTime } from './time-limit.ts';

export interface FilePlan {
  readonly url: URL;
  /** Bytes that the caller already has; the body goes on after them. */
  readonly offset: number;
  /** Of the whole file. */
  readonly maxLength: number;
  readonly expectedLength: number | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** One reader, which calls `leave` whatever happens. */
export interface Bytes {
  /** False while `take` has to wait for the network: then `wait` comes first. */
  readonly isReady: boolean;
  wait(): Promise<void>;
  /** What has come since the last time, which may be nothing that the caller lacks; undefined at the end. */
  take(): Uint8Array | undefined;
  leave(): void;
}

export class CheckedBody implements Bytes {
  readonly #body: Body;
  readonly #plan: FilePlan;
  readonly #pace: Pace;
  /** In the file, of the byte that comes next. */
  #position: number;
  #waitedMs = 0;

  constructor(body: Body, plan: FilePlan, start: number, pace: Pace) {
    this.#body = body;
    this.#plan = plan;
    this.#position = start;
    this.#pace = pace;
  }

  get isReady(): boolean {
    return this.#body.isReady;
  }

  async wait(): Promise<void> {
    const asked = this.#plan.clock.now();
    const { milliseconds, error } = this.#pace.patience();
    await withinTime(this.#body.wait(), milliseconds, () => bodyError(this.#plan, error()));
    this.#waitedMs = this.#plan.clock.now() - asked;
  }

  take(): Uint8Array | undefined {
    const chunk = this.#takeInLimits();
    if (chunk !== undefined) return chunk;
    const { expectedLength, offset } = this.#plan;
    if (expectedLength !== undefined && this.#position !== expectedLength) {
      throw wrongLength(this.#plan, this.#position);
    }
    if (this.#position < offset) throw changed(this.#plan);
    return undefined;
  }

  leave(): void {
    this.#body.leave();
  }

  #takeInLimits(): Uint8Array | undefined {
    try {
      const chunk = this.#body.take();
      if (chunk === undefined) return undefined;
      this.#pace.count(chunk.length, this.#waitedMs);
      this.#waitedMs = 0;
      const known = Math.max(0, this.#plan.offset - this.#position);
      this.#position += chunk.length;
      // Endless data (TUF specification, section 1.5.2): nothing past the limit is passed on.
      if (this.#position > this.#plan.maxLength) throw tooLong(this.#plan, this.#position);
      return chunk.subarray(known);
    } catch (error) {
      throw bodyError(this.#plan, error);
    }
  }
}

function bodyError(plan: FilePlan, error: unknown): Error {
  const url = plan.url.href;
  if (plan.signal?.aborted === true) return abortedError(url, plan.signal);
  if (isTufError(error)) return error;
  const code = errorCode(error);
  return fail('HTTP_BROKEN', `${url}: ${escapeText(code)} within the body`, {
    details: { url, code },
    cause: error,
  });
}

export function tooLong(plan: FilePlan, length: number): TufError<HttpErrorCode> {
  return fail(
    'HTTP_TOO_LONG',
    `${plan.url.href}: ${length} bytes or more, expected at most ${plan.maxLength}`,
    {
      details: { url: plan.url.href, length, limit: plan.maxLength },
    },
  );
}

export function wrongLength(plan: FilePlan, length: number): TufError<HttpErrorCode> {
  const expected = plan.expectedLength ?? null;
  return fail('HTTP_WRONG_LENGTH', `${plan.url.href}: ${length} bytes, expected ${expected}`, {
    details: { url: plan.url.href, length, expected },
  });
}

export function changed(plan: FilePlan): TufError<HttpErrorCode> {
  return fail('HTTP_CHANGED', `${plan.url.href}: another file than at byte ${plan.offset}`, {
    details: { url: plan.url.href, offset: plan.offset },
  });
}
