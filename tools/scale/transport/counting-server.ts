// A mirror on loopback that counts what it sends, and answers after a fixed time, as one that is some distance away does.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Tally } from './tally.ts';

/** Bytes, and those of the file with gzip where they are at hand. */
export interface Served {
  readonly bytes: Uint8Array;
  readonly gzipped?: Uint8Array;
}

export type Serve = (path: string) => Promise<Served | null> | Served | null;

export interface ServerOptions {
  /** Milliseconds from a request to its answer. */
  readonly latency?: number;
  /** With it the server speaks TLS, and HTTP/2 with those who ask for it. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface CountingServer {
  readonly url: string;
  readonly sent: Tally;
  close(): Promise<void>;
}

export async function startCountingServer(
  serve: Serve,
  { latency = 0, tls }: ServerOptions = {},
): Promise<CountingServer> {
  const sent = new Tally();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '/').slice(1);
    const file = await serve(path);
    const gzip = request.headers['accept-encoding'] === 'gzip';
    const body =
      file === null ? new Uint8Array() : gzip ? (file.gzipped ?? gzipSync(file.bytes)) : file.bytes;
    if (latency > 0) await new Promise(resolve => setTimeout(resolve, latency));
    sent.add(path, body.length);
    response.statusCode = file === null ? 404 : 200;
    response.setHeader('content-length', body.length);
    if (gzip && file !== null) response.setHeader('content-encoding', 'gzip');
    response.end(body);
  };
  // While a layout of millions of crates is computed nobody is away: no connection is closed, and no request late, for it.
  const server =
    tls === undefined
      ? createServer({ keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 })
      : createSecureServer({ ...tls, allowHTTP1: true });
  const sessions = new Set<Http2Session>();
  // Node's requests and answers of HTTP/2 have all that is used here of those of HTTP/1.1.
  server.on(
    'request',
    (request: IncomingMessage, response: ServerResponse) => void answer(request, response),
  );
  server.on('session', (session: Http2Session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    sent,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        for (const session of sessions) session.destroy();
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}
