// A proxy with registries that do as told, and clients that speak HTTP byte by byte.

import { type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type AddressInfo } from 'node:net';
import { TufError } from '@cargo-tuf/errors';
import {
  type PinnedRegistry,
  type Proxy,
  type ProxyEvent,
  type ProxyOptions,
  type ProxyRegistry,
  startProxy,
} from '@cargo-tuf/local-proxy';
import { afterEach } from 'vitest';

export const SECRET = new Uint8Array(32).fill(7);
export const ITOA = Buffer.from('{"name":"itoa","vers":"1.0.1"}\n');
export const ITOA_HASH = createHash('sha256').update(ITOA).digest('hex');
export const ARCHIVE = Buffer.from('an archive');
export const ARCHIVE_HASH = createHash('sha256').update(ARCHIVE).digest('hex');

export class Clock {
  time = Date.UTC(2030, 0, 1);
  readonly now = (): number => this.time;
}

/** Counts its pins: the state of pin n serves entries that say so. */
export class Registry implements ProxyRegistry {
  readonly slug: string;
  pins = 0;
  readonly asked: string[] = [];
  onPin: (count: number) => Promise<void> = async () => undefined;
  onEntry: (name: string, pin: number) => ReturnType<PinnedRegistry['entry']> = async (name, pin) => {
    if (name === 'itoa') return { bytes: ITOA, sha256: ITOA_HASH };
    if (name !== 'pinned') return undefined;
    const bytes = Buffer.from(`pin ${pin}`);
    return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  };
  onCrate: PinnedRegistry['crate'] = async (name, _, sha256) =>
    name === 'itoa' && sha256 === ARCHIVE_HASH ? ARCHIVE : undefined;

  constructor(slug = 'crates-io') {
    this.slug = slug;
  }

  async pin(): Promise<PinnedRegistry> {
    this.pins += 1;
    const count = this.pins;
    await this.onPin(count);
    return {
      entry: name => {
        this.asked.push(name);
        return this.onEntry(name, count);
      },
      crate: (name, version, sha256) => {
        this.asked.push(`${name} ${version} ${sha256}`);
        return this.onCrate(name, version, sha256);
      },
      prefetch: name => void this.asked.push(`prefetch ${name}`),
    };
  }
}

export interface Running {
  readonly proxy: Proxy;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly events: ProxyEvent[];
}

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

export function atEnd(end: () => unknown): void {
  ends.push(end);
}

export function endWithTest(child: ChildProcess): ChildProcess {
  atEnd(() => child.kill('SIGKILL'));
  return child;
}

export async function run(options: Partial<ProxyOptions> = {}, registry = new Registry()): Promise<Running> {
  const clock = new Clock();
  const events: ProxyEvent[] = [];
  const proxy = await startProxy({
    registries: [registry],
    port: 0,
    secret: SECRET,
    clock: clock.now,
    onEvent: event => events.push(event),
    ...options,
  });
  atEnd(() => proxy.close());
  return { proxy, registry, clock, events };
}

/** Sends text and gives what came back until the server ended the connection, or `wait` passed after the last byte. */
export async function raw(port: number, text: string | Uint8Array, wait = 150): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  atEnd(() => socket.destroy());
  let seen = '';
  socket.on('data', chunk => {
    seen += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  socket.write(text);
  await new Promise<void>(resolve => {
    socket.setTimeout(wait, resolve);
    socket.on('close', () => resolve());
  });
  socket.destroy();
  return seen;
}

export interface Response {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** One request, with the headers that cargo sends. */
export async function request(
  port: number,
  target: string,
  { method = 'GET', headers = [] as readonly string[], wait = 150 } = {},
): Promise<Response> {
  return parse(await raw(port, `${method} ${target} HTTP/1.1\r\n${cargoHeaders(port, headers)}`, wait));
}

export function cargoHeaders(port: number, more: readonly string[] = []): string {
  return [
    `Host: 127.0.0.1:${port}`,
    'User-Agent: cargo/1.95.0 (f2d3ce0bd 2026-03-21)',
    'Accept-Encoding: deflate, gzip',
    'cargo-protocol: version=1',
    'accept: text/plain',
    'Connection: close',
    ...more,
    '\r\n',
  ].join('\r\n');
}

export function parse(text: string): Response {
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = new Map(
    lines.map(line => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  return { status: Number(first.split(' ')[1]), headers, body: text.slice(end + 4) };
}

export const CONFIG = '/crates-io/index/config.json';
export const ENTRY = '/crates-io/index/it/oa/itoa';
export const CRATE = `/crates-io/dl/itoa/1.0.1/${ARCHIVE_HASH}.crate`;

/** A program on a port that is not the proxy. */
export async function stranger(onConnection: (socket: Socket) => void, port = 0): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export function refused(message = 'timestamp: expired 3 days ago', code = 'TEST_EXPIRED'): TufError {
  return new TufError(code, { kind: 'security', hint: 'tell the maintainers' }, message);
}

export async function until(condition: () => boolean, milliseconds = 5000): Promise<void> {
  for (const end = Date.now() + milliseconds; !condition(); ) {
    if (Date.now() > end) throw new Error('did not happen in time');
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

/** A promise and its ends. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>(resolve => {
    open = resolve;
  });
  return { opened, open };
}
