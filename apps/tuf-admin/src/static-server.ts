// Serves published files on the loopback interface, for trials and tests; a real registry uses a web server or object
// store. GET and HEAD, no listing, no path but one of a repository, no decoding but of `%2B`.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PublishedBytes } from '@cargo-tuf/repository';
import { fail, systemCode } from './errors.ts';
import { isPublishedPath } from './published-folder.ts';

export interface StaticServer {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

export async function startStaticServer(bytes: PublishedBytes, port: number): Promise<StaticServer> {
  const server = createServer((request, response) => {
    answer(bytes, request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500, { 'Content-Length': 0 });
      response.end();
    });
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => {
      const code = systemCode(error);
      reject(fail('ADMIN_PORT', `port ${port}: ${code}`, { cause: error, details: { port, code } }));
    });
    server.listen(port, HOST, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    url: `http://${HOST}:${address.port}/`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  bytes: PublishedBytes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { Allow: 'GET, HEAD', 'Content-Length': 0 }).end();
    return;
  }
  const path = (request.url ?? '').slice(1).replaceAll(/%2b/gi, '+');
  const file = isPublishedPath(path) ? await bytes.get(path) : null;
  if (file === null) {
    response.writeHead(404, { 'Content-Length': 0, 'Cache-Control': 'no-store' }).end();
    return;
  }
  response.writeHead(200, {
    'Content-Type': path.endsWith('.json') ? 'application/json' : 'application/octet-stream',
    'Content-Length': file.bytes.length,
    'Cache-Control': isReplaced(path) ? 'no-store' : 'public, max-age=31536000, immutable',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? undefined : file.bytes);
}

/** The files that change under their names. */
function isReplaced(path: string): boolean {
  return path === 'metadata/timestamp.json' || path.startsWith('audits/');
}
