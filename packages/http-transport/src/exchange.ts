// One attempt at one file from one address: request, checks of the headers, body within its limits.

import { escapeText, type TufError } from '@cargo-tuf/errors';
import type { Answer } from './answer.ts';
import { type Bytes, CheckedBody, changed, type FilePlan, tooLong, wrongLength } from './checked-body.ts';
import type { Connections } from './connections.ts';
import { fail, type HttpErrorCode } from './errors.ts';
import type { HttpLimits, MinimumRate } from './limits.ts';
import { Pace } from './pace.ts';
import { followRedirects } from './redirects.ts';
import type { RequestPlan } from './request.ts';

export interface ExchangePlan extends RequestPlan, FilePlan {
  readonly redirects: number;
  readonly rate: MinimumRate;
}

export interface Exchange {
  /** Of the whole file, where the server tells. */
  readonly total: number | undefined;
  /** A strong entity tag, which makes it safe to go on later. */
  readonly etag: string | undefined;
  /** The bytes from `offset` on. */
  readonly body: Bytes;
}

/** Null when the server says that the file is not there. */
export async function openExchange(
  connections: Connections,
  plan: ExchangePlan,
  limits: HttpLimits,
): Promise<Exchange | null> {
  const answer = await followRedirects(connections, plan, plan.redirects);
  try {
    if (answer.statusCode === 404) {
      answer.body.discard();
      return null;
    }
    if (isWhole(answer, plan)) {
      answer.body.discard();
      return { total: plan.offset, etag: undefined, body: NO_BYTES };
    }
    checkStatus(answer, plan);
    const { start, total } = checkHeaders(answer, plan);
    const length = (plan.expectedLength ?? total ?? plan.maxLength) - start;
    const pace = new Pace(plan.url.href, {
      idleMs: limits.idleMs,
      totalMs: limits.totalMs + (length / plan.rate.bytesPerSecond) * 1000,
      rate: plan.rate,
    });
    return { total, etag: strongTag(answer), body: new CheckedBody(answer.body, plan, start, pace) };
  } catch (error) {
    answer.body.leave();
    throw error;
  }
}

/** True when the caller has every byte already: the server has none after them. */
function isWhole({ statusCode, headers }: Answer, { offset }: ExchangePlan): boolean {
  return statusCode === 416 && offset > 0 && headers['content-range'] === `bytes */${offset}`;
}

const NO_BYTES: Bytes = {
  isReady: true,
  wait: () => Promise.resolve(),
  take: () => undefined,
  leave: () => undefined,
};

function checkStatus(answer: Answer, plan: ExchangePlan): void {
  const status = answer.statusCode;
  if (status === 200 || (status === 206 && plan.offset > 0)) return;
  if (status === 416 && plan.offset > 0) throw changed(plan);
  const passing = status === 408 || status === 429 || (status >= 500 && status <= 599);
  throw fail(passing ? 'HTTP_SERVER' : 'HTTP_REFUSED', `${plan.url.href}: status ${status}, expected 200`, {
    details: { url: plan.url.href, status },
  });
}

interface Extent {
  /** The position in the file of the body's first byte. */
  readonly start: number;
  readonly total: number | undefined;
}

function checkHeaders(answer: Answer, plan: ExchangePlan): Extent {
  const encoding = answer.headers['content-encoding'];
  if (encoding !== undefined) throw headerError(plan, 'Content-Encoding', encoding, 'none');
  const extent = answer.statusCode === 206 ? partialExtent(answer, plan) : wholeExtent(answer, plan);
  const { total } = extent;
  if (total !== undefined && total > plan.maxLength) throw tooLong(plan, total);
  if (total !== undefined && plan.expectedLength !== undefined && total !== plan.expectedLength) {
    throw wrongLength(plan, total);
  }
  return extent;
}

function wholeExtent(answer: Answer, plan: ExchangePlan): Extent {
  // The server has no ranges, or another file than before: with a tag we know which.
  if (plan.offset > 0 && plan.etag !== undefined && strongTag(answer) !== plan.etag) throw changed(plan);
  const length = answer.headers['content-length'];
  if (length === undefined) return { start: 0, total: undefined };
  if (typeof length === 'string' && /^[0-9]{1,15}$/.test(length)) return { start: 0, total: Number(length) };
  throw headerError(plan, 'Content-Length', length, 'a number');
}

function partialExtent(answer: Answer, plan: ExchangePlan): Extent {
  const range = answer.headers['content-range'];
  const parts =
    typeof range === 'string' ? /^bytes ([0-9]{1,15})-([0-9]{1,15})\/([0-9]{1,15})$/.exec(range) : null;
  const [first, last, total] = [Number(parts?.[1]), Number(parts?.[2]), Number(parts?.[3])];
  if (first === plan.offset && last === total - 1) {
    const tag = strongTag(answer);
    if (plan.etag !== undefined && tag !== undefined && tag !== plan.etag) throw changed(plan);
    return { start: first, total };
  }
  throw headerError(plan, 'Content-Range', range ?? '', `bytes ${plan.offset}- to the end`);
}

function strongTag(answer: Answer): string | undefined {
  const tag = answer.headers['etag'];
  return typeof tag === 'string' && /^"[\x21\x23-\x7e]{1,128}"$/.test(tag) ? tag : undefined;
}

function headerError(
  plan: ExchangePlan,
  name: string,
  value: string | string[],
  expected: string,
): TufError<HttpErrorCode> {
  const got = escapeText(String(value));
  return fail('HTTP_HEADERS', `${plan.url.href}: ${name} ${got}, expected ${expected}`, {
    details: { url: plan.url.href, header: name, value: got },
  });
}
