import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { RETRY_SECONDS } from './limits.ts';

/** A request and where its answer goes, of either version of HTTP. */
export type ProxyRequest = IncomingMessage | Http2ServerRequest;
export type ProxyResponse = ServerResponse | Http2ServerResponse;

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
        response.writeHead(304, { ETag: tag }).end();
        return 304;
      }
      response.writeHead(200, {
        'Content-Type': answer.type,
        'Content-Length': answer.bytes.length,
        ...(tag !== undefined && { ETag: tag }),
      });
      response.end(request.method === 'HEAD' ? '' : answer.bytes);
      return 200;
    }
    case 'absent':
      return sendText(request, response, 404, answer.message);
    case 'waiting':
      response.setHeader('Retry-After', RETRY_SECONDS);
      return sendText(request, response, 503, 'cargo-tuf still waits for the mirror; ask again');
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
): number {
  const bytes = Buffer.from(`${message}\n`);
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': bytes.length,
  });
  response.end(request.method === 'HEAD' ? '' : bytes);
  return status;
}
