// Servers on this machine that misbehave as told.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
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

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** For 127.0.0.1, signed by itself; undefined where there is no openssl. */
export function makeCertificate(): Certificate | undefined {
  const folder = mkdtempSync(`${tmpdir()}/http-transport-`);
  try {
    execFileSync(
      'openssl',
      [
        ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
        ['-subj', '/CN=loopback', '-addext', 'subjectAltName=IP:127.0.0.1'],
        ['-keyout', `${folder}/key.pem`, '-out', `${folder}/cert.pem`],
      ].flat(),
      { stdio: 'pipe' },
    );
    const [key, cert] = ['key', 'cert'].map(name => readFileSync(`${folder}/${name}.pem`, 'utf8'));
    return { key: key ?? '', cert: cert ?? '' };
  } catch (error) {
    console.log(`no certificate: the openssl command failed (${String(error)})`);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const running: { close(): Promise<unknown> | void }[] = [];

export async function serve(handler: Handler, tls?: Certificate): Promise<Loopback> {
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
