import { type IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Http2Request } from './http2-server.ts';
import { RETRY_SECONDS } from './limits.ts';

/** A request and where its answer goes, of either version of HTTP. */
export type ProxyRequest = IncomingMessage | Http2Request;
export type ProxyResponse = ServerResponse | ServerHttp2Stream;

/** What goes back to cargo. Bytes are verified as a whole before the first one leaves. */
export type Answer =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly type: string; readonly tag?: string }
  | { readonly kind: 'absent'; readonly message: string }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  /** A defect of ours: `log` is for the owner of the proxy, `message` for cargo. */
  | { readonly kind: 'failed'; readonly message: string; readonly log: string };

/** Sends an answer and gives its status. A tag that the client has already gives 304. */
export function sendAnswer(request: ProxyRequest, response: ProxyResponse, answer: Answer): number {
  switch (answer.kind) {
    case 'bytes': {
      const tag = answer.tag === undefined ? undefined : `"${answer.tag}"`;
      if (tag !== undefined && request.headers['if-none-match'] === tag) {
        return send(response, 304, { etag: tag });
      }
      const headers = {
        'content-type': answer.type,
        'content-length': answer.bytes.length,
        ...(tag !== undefined && { etag: tag }),
      };
      return send(response, 200, headers, request.method === 'HEAD' ? undefined : answer.bytes);
    }
    case 'absent':
      return sendText(request, response, 404, answer.message);
    case 'waiting':
      return sendText(request, response, 503, 'cargo-tuf still waits for the mirror; ask again', {
        'retry-after': RETRY_SECONDS,
      });
    case 'refused':
      return sendText(request, response, answer.status, answer.message);
    case 'failed':
      return sendText(request, response, 403, answer.message);
  }
}

export function sendText(
  request: ProxyRequest,
  response: ProxyResponse,
  status: number,
  message: string,
  more: OutgoingHeaders = {},
): number {
  const bytes = Buffer.from(`${message}\n`);
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': bytes.length,
    ...more,
  };
  return send(response, status, headers, request.method === 'HEAD' ? undefined : bytes);
}

type OutgoingHeaders = Readonly<Record<string, string | number>>;

/** Node's one interface for both versions costs more than this for each of the many small answers of HTTP/2. */
function send(response: ProxyResponse, status: number, headers: OutgoingHeaders, body?: Uint8Array): number {
  if (response instanceof ServerResponse) response.writeHead(status, headers).end(body);
  else if (!response.destroyed) {
    response.respond({ ':status': status, ...headers }, { endStream: body === undefined });
    if (body !== undefined) response.end(body);
  }
  return status;
}
