import { type IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import { escapeText, isTufError } from '@cargo-tuf/errors';
import type { Http2Request } from './http2-server.ts';
import { RETRY_SECONDS } from './limits.ts';
import { refusalMessage } from './message.ts';

/** A request and where its answer goes, of either version of HTTP. */
export type ProxyRequest = IncomingMessage | Http2Request;
export type ProxyResponse = ServerResponse | ServerHttp2Stream;

/** What goes back to the client. Bytes are verified as a whole before the first one leaves. */
export type Answer =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly type: string; readonly tag?: string }
  | { readonly kind: 'absent'; readonly message: string }
  | { readonly kind: 'waiting' }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly message: string;
      readonly explanation?: Uint8Array;
    }
  /** A defect of ours: `log` is for the owner of the proxy, `message` for the client. */
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly log: string;
      /** Sent with status 200 in place of a file, to a client that shows no refusal; it can never pass for that file. */
      readonly explanation?: Uint8Array;
    };

/** The answer for what went wrong with a thing that was asked for. */
export function refusalOf(what: string, error: unknown): Extract<Answer, { kind: 'refused' | 'failed' }> {
  const message = refusalMessage(what, error);
  if (isTufError(error)) return { kind: 'refused', status: 403, message };
  const log = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: 'failed', message, log: escapeText(log.replaceAll('\n', ' '), 2000) };
}

/** It becomes a header. */
export function checkTag(sha256: string): string {
  if (/^[0-9a-f]{64}$/.test(sha256)) return sha256;
  throw new TypeError('sha256: not 64 hex digits');
}

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
    case 'failed':
      if (answer.explanation !== undefined) {
        return sendAnswer(request, response, {
          kind: 'bytes',
          bytes: answer.explanation,
          type: 'text/plain',
        });
      }
      return sendText(request, response, answer.kind === 'refused' ? answer.status : 403, answer.message);
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
