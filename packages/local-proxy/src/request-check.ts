import type { IncomingMessage } from 'node:http';

/** An answer that needs nothing of a registry. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/**
 * Refuses what cargo never sends and an attacker might: another host name (DNS rebinding), a browser's request, another
 * method, a body, a target that is no plain path. Looks at the raw headers, since Node joins or drops repeated ones.
 */
export function refuseRequest(request: IncomingMessage, port: number, targetLimit: number): Refusal | undefined {
  const { method, url = '', rawHeaders, httpVersion } = request;
  const headers = headerPairs(rawHeaders);
  const values = (name: string): string[] => headers.filter(([key]) => key === name).map(([, value]) => value);
  const hosts = values('host');
  const host = hosts[0] ?? '';
  if (httpVersion !== '1.1') return { status: 505, message: 'HTTP/1.1 only' };
  if (hosts.length !== 1 || ![`127.0.0.1:${port}`, `localhost:${port}`].includes(host)) {
    return { status: 421, message: 'this proxy answers to 127.0.0.1 and localhost only' };
  }
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, message: 'GET and HEAD only' };
  if (values('origin').length > 0 || values('sec-fetch-site').some(value => value !== 'none')) {
    return { status: 403, message: 'no requests from web pages' };
  }
  if (values('transfer-encoding').length > 0 || values('content-length').some(value => value !== '0')) {
    return { status: 400, message: 'no request bodies' };
  }
  if (url.length > targetLimit || !url.startsWith('/') || url.startsWith('//')) {
    return { status: 400, message: 'no such path' };
  }
  return undefined;
}

function headerPairs(raw: readonly string[]): readonly (readonly [string, string])[] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([(raw[at] as string).toLowerCase(), raw[at + 1] as string]);
  return pairs;
}
