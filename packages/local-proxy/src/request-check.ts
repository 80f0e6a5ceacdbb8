import type { ProxyRequest } from './answer.ts';
import { HEADER_COUNT } from './limits.ts';

/** An answer that needs nothing of a registry. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/**
 * Refuses what cargo never sends and an attacker might: another host name (DNS rebinding), a browser's request, another
 * method, a body, a target that is no plain path. Looks at the raw headers, since Node joins or drops repeated ones.
 */
export function refuseRequest(request: ProxyRequest, port: number, targetLimit: number): Refusal | undefined {
  const { method, url = '', rawHeaders, httpVersion } = request;
  const headers = headerPairs(rawHeaders);
  const values = (name: string): string[] =>
    headers.filter(([key]) => key === name).map(([, value]) => value);
  const hosts = [...values('host'), ...values(':authority')];
  const host = hosts[0] ?? '';
  if (httpVersion !== ('stream' in request ? '2.0' : '1.1'))
    return { status: 400, message: 'HTTP/1.1 only, or HTTP/2 by upgrade' };
  if (headers.length > HEADER_COUNT) return { status: 400, message: `at most ${HEADER_COUNT} headers` };
  if (hosts.length !== 1 || !LOOPBACK.some(each => host === `${each}:${port}`)) {
    return { status: 421, message: 'this proxy answers to this machine only' };
  }
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, message: 'GET and HEAD only' };
  if (values('origin').length > 0 || values('sec-fetch-site').some(value => value !== 'none')) {
    return { status: 403, message: 'no requests from web pages' };
  }
  if (values('transfer-encoding').length > 0 || values('content-length').some(value => value !== '0')) {
    return { status: 400, message: 'no request bodies' };
  }
  if ('stream' in request && !request.stream.endAfterHeaders) {
    return { status: 400, message: 'no request bodies' };
  }
  if (url.length > targetLimit || !url.startsWith('/') || url.startsWith('//')) {
    return { status: 400, message: 'no such path' };
  }
  return undefined;
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

function headerPairs(raw: readonly string[]): readonly (readonly [string, string])[] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2)
    pairs.push([(raw[at] as string).toLowerCase(), raw[at + 1] as string]);
  return pairs;
}
