// A verifying server on loopback for the unmodified cargo. Every byte that it serves was verified before; what cannot be
// verified is answered 403 with a sentence, which cargo prints at once; 404 only where absence is proved.
//
// The server must have no `upgrade` listener: cargo sends `Upgrade: h2c` with every request, and Node would hand these
// requests to the listener.

import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, sendAnswer } from './answer.ts';
import { Answers } from './answers.ts';
import { fail } from './errors.ts';
import type { ProxyEvent } from './events.ts';
import { HEADER_BYTES, PROXY_LIMITS, type ProxyLimits } from './limits.ts';
import { Pins } from './pins.ts';
import type { ProxyRegistry } from './registry.ts';
import { refuseRequest } from './request-check.ts';
import { parseRoute, type Route } from './routes.ts';
import { callerProof, isSameProof, proxyProof } from './secret.ts';

export interface ProxyOptions {
  readonly registries: readonly ProxyRegistry[];
  /** 0 takes any free port. */
  readonly port: number;
  /** 32 bytes, as `openSecret` gives them. */
  readonly secret: Uint8Array;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly limits?: Partial<ProxyLimits>;
  readonly onEvent?: (event: ProxyEvent) => void;
  /** A caller that knows the secret asks the proxy to end. */
  readonly onStop?: () => void;
}

export interface Proxy {
  readonly port: number;
  /** Keeps the run alive until the result is called. */
  hold(): () => void;
  /** Resolves when no other process holds a run. */
  released(): Promise<void>;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

/** What a running proxy tells a caller that knows the secret. */
export interface ProxyStatus {
  readonly pid: number;
  /** Slug to the time of its pin, in milliseconds since 1970. */
  readonly pinned: Readonly<Record<string, number>>;
  readonly holds: number;
  readonly served: number;
  /** The latest refusals, newest last. */
  readonly refused: readonly string[];
}

const KEPT_REFUSALS = 20;
const KEPT_NONCES = 64;

/** Starts a proxy on loopback. Throws `PROXY_PORT_TAKEN`. */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const running = new RunningProxy(options);
  await running.listen();
  return running;
}

class RunningProxy implements Proxy {
  readonly #options: ProxyOptions;
  readonly #limits: ProxyLimits;
  readonly #server: Server;
  readonly #pins: Pins;
  readonly #answers: Answers;
  readonly #nonces: Map<string, number> = new Map();
  readonly #held: Set<ServerResponse> = new Set();
  readonly #waiters: Set<() => void> = new Set();
  readonly #refused: string[] = [];
  #served = 0;

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#limits = { ...PROXY_LIMITS, ...options.limits };
    this.#pins = new Pins(options.clock, this.#limits);
    this.#answers = new Answers(
      () => options.registries,
      this.#pins,
      this.#limits,
      () => this.port,
    );
    this.#server = createServer(
      {
        maxHeaderSize: HEADER_BYTES,
        headersTimeout: this.#limits.headers,
        requestTimeout: this.#limits.request,
        connectionsCheckingInterval: Math.min(1000, this.#limits.headers),
        keepAliveTimeout: 5000,
      },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.maxConnections = this.#limits.connections;
    this.#server.maxRequestsPerSocket = 0;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
        reject(taken ? fail('PROXY_PORT_TAKEN', `port ${this.#options.port}: cannot be listened on`, { cause: error }) : error);
      });
      this.#server.listen({ host: '127.0.0.1', port: this.#options.port, exclusive: true }, resolve);
    });
  }

  hold(): () => void {
    return this.#pins.hold();
  }

  async released(): Promise<void> {
    if (this.#held.size > 0) await new Promise<void>(resolve => this.#waiters.add(resolve));
  }

  close(): Promise<void> {
    return new Promise(resolve => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? '';
    const refusal = refuseRequest(request, this.port, this.#limits.target);
    if (refusal !== undefined) {
      response.setHeader('Connection', 'close');
      this.#send(request, response, { kind: 'text', ...refusal }, 'refused');
      return;
    }
    const route = parseRoute(target);
    if (route === undefined) {
      this.#send(request, response, { kind: 'text', status: 400, message: 'no such path' }, 'refused');
    } else if ('slug' in route) {
      const answer = await this.#answers.answer(route, target);
      this.#send(request, response, answer, KINDS[answer.kind]);
    } else this.#control(route, request, response);
  }

  /** Requests of our own programs (docs/pouf.md section 6). */
  #control(route: Exclude<Route, { slug: string }>, request: IncomingMessage, response: ServerResponse): void {
    const text = (message: string, status = 200): void =>
      this.#send(request, response, { kind: 'text', status, message }, 'served');
    if (route.kind === 'proof') return text(proxyProof(this.#options.secret, this.port, route.nonce));
    if (route.kind === 'nonce') return text(this.#issueNonce());
    if (!this.#isCaller(route.nonce, route.proof)) return text('the caller does not know the secret', 403);
    if (route.kind === 'hold') return this.#holdConnection(response);
    if (route.kind === 'status') return text(JSON.stringify(this.#status()));
    text('stopping');
    this.#options.onStop?.();
  }

  /** The run lives as long as this answer is not at its end. */
  #holdConnection(response: ServerResponse): void {
    const release = this.#pins.hold();
    this.#held.add(response);
    response.on('close', () => {
      release();
      this.#held.delete(response);
      if (this.#held.size > 0) return;
      for (const resolve of this.#waiters) resolve();
      this.#waiters.clear();
    });
    response.writeHead(200, { 'Content-Type': 'text/plain' });
    response.write('held\n');
  }

  #issueNonce(): string {
    const now = this.#options.clock();
    for (const [nonce, end] of this.#nonces) if (end < now) this.#nonces.delete(nonce);
    const oldest = this.#nonces.keys().next().value;
    if (this.#nonces.size >= KEPT_NONCES && oldest !== undefined) this.#nonces.delete(oldest);
    const nonce = randomBytes(32).toString('hex');
    this.#nonces.set(nonce, now + this.#limits.nonce);
    return nonce;
  }

  #isCaller(nonce: string, proof: string): boolean {
    const end = this.#nonces.get(nonce);
    this.#nonces.delete(nonce);
    if (end === undefined || end < this.#options.clock()) return false;
    return isSameProof(proof, callerProof(this.#options.secret, this.port, nonce));
  }

  #status(): ProxyStatus {
    return {
      pid: process.pid,
      pinned: Object.fromEntries(this.#pins.since),
      holds: this.#pins.holds,
      served: this.#served,
      refused: this.#refused,
    };
  }

  #send(request: IncomingMessage, response: ServerResponse, answer: Answer, kind: ProxyEvent['kind']): void {
    const status = sendAnswer(request, response, answer);
    const message = answer.kind === 'text' ? answer.message : '';
    const path = printable(request.url ?? '');
    if (kind === 'served') this.#served += 1;
    if (kind === 'refused') {
      this.#refused.push(`${path}: ${message}`);
      if (this.#refused.length > KEPT_REFUSALS) this.#refused.shift();
    }
    this.#options.onEvent?.({ kind, path, status, message });
  }
}

const KINDS: Readonly<Record<Answer['kind'], ProxyEvent['kind']>> = {
  bytes: 'served',
  absent: 'absent',
  waiting: 'waiting',
  text: 'refused',
};

function printable(target: string): string {
  return target.slice(0, 300).replaceAll(/[^!-~]/g, '?');
}
