// Servers on this machine that misbehave as told.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import {
  HTTP_LIMITS,
  type HttpLimits,
  type HttpSourceOptions,
  openHttpSource,
} from '@cargo-tuf/http-transport';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Loopback {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  readonly requests: IncomingMessage[];
}

const running: { close(): Promise<unknown> | void }[] = [];

export async function serve(handler: Handler, tls?: { key: string; cert: string }): Promise<Loopback> {
  const requests: IncomingMessage[] = [];
  const answer: Handler = (request, response) => {
    requests.push(request);
    response.on('error', () => undefined);
    handler(request, response);
  };
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sockets = new Set<Socket>();
  server.on('connection', socket => sockets.add(socket));
  running.push({
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return { url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/`, port, server, requests };
}

/** Small enough for a test, with the proportions of the real ones. */
const SMALL: HttpLimits = {
  ...HTTP_LIMITS,
  connectMs: 1000,
  firstByteMs: 250,
  idleMs: 200,
  totalMs: 2000,
  retries: 2,
  pauseMs: 5,
};

export function open(options: Partial<HttpSourceOptions> & { mirrors: readonly string[] }) {
  const source = openHttpSource({ proxy: false, ...options, limits: { ...SMALL, ...options.limits } });
  running.push(source);
  return source;
}

export async function closeAll(): Promise<void> {
  await Promise.all(running.splice(0).map(async item => item.close()));
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return new Uint8Array(Buffer.concat(all));
}

export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
}
