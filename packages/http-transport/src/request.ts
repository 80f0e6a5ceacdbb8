// One request and the headers of its answer.
//
//   GET /metadata/timestamp.json HTTP/1.1
//   accept-encoding: identity
//
// Nothing that identifies the user is sent, and nothing is remembered between requests.

import { escapeText, type TufError } from '@cargo-tuf/errors';
import { type Answer, dispatch } from './answer.ts';
import type { Connections } from './connections.ts';
import { fail, type HttpErrorCode } from './errors.ts';

export interface RequestPlan {
  readonly url: URL;
  /** The first byte that is wanted, and what the file was when the bytes before it came. */
  readonly offset: number;
  readonly etag: string | undefined;
  readonly userAgent: string;
  readonly firstByteMs: number;
  readonly signal: AbortSignal | undefined;
}

export async function sendRequest(connections: Connections, plan: RequestPlan): Promise<Answer> {
  const { url, signal } = plan;
  if (signal?.aborted === true) throw abortedError(url.href, signal);
  try {
    return await dispatch(connections.to(url), {
      path: url.pathname + url.search,
      headers: requestHeaders(plan),
      firstByteMs: plan.firstByteMs,
      late: () => lateError(plan),
      signal,
    });
  } catch (error) {
    throw requestError(plan, error);
  }
}

function requestHeaders(plan: RequestPlan): Record<string, string> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity', 'user-agent': plan.userAgent };
  if (plan.offset > 0) {
    headers['range'] = `bytes=${plan.offset}-`;
    if (plan.etag !== undefined) headers['if-range'] = plan.etag;
  }
  return headers;
}

function lateError({ url, firstByteMs }: RequestPlan): TufError<HttpErrorCode> {
  return fail('HTTP_TIMEOUT', `${url.href}: no answer within ${firstByteMs} ms`, {
    details: { url: url.href, limitMs: firstByteMs },
  });
}

function requestError(plan: RequestPlan, error: unknown): Error {
  const url = plan.url.href;
  if (plan.signal?.aborted === true) return abortedError(url, plan.signal);
  const code = errorCode(error);
  if (code.startsWith('HTTP_')) return error as Error;
  const kind: HttpErrorCode = isCertificateCode(code) ? 'HTTP_TLS' : 'HTTP_CONNECT';
  return fail(kind, `${url}: ${escapeText(code)} before an answer`, { details: { url, code }, cause: error });
}

export function abortedError(url: string, signal: AbortSignal): TufError<HttpErrorCode> {
  return fail('HTTP_ABORTED', `${url}: stopped by the caller`, { details: { url }, cause: signal.reason });
}

/** The code of an error of Node or ours. */
export function errorCode(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'UNKNOWN';
}

// Node passes OpenSSL's verification codes through: DEPTH_ZERO_SELF_SIGNED_CERT, CERT_HAS_EXPIRED,
// UNABLE_TO_GET_ISSUER_CERT_LOCALLY, UNABLE_TO_VERIFY_LEAF_SIGNATURE; its own start with ERR_TLS_.
function isCertificateCode(code: string): boolean {
  return /CERT|SIGNATURE|^ERR_TLS_/.test(code);
}
