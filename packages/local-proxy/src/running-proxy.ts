// A verifying server on loopback for the unmodified cargo and rustup. Every byte that it serves was verified before; what cannot be
// verified is answered 403 with a sentence, which cargo prints at once; 404 only where absence is proved.
//
// Cargo sends `Upgrade: h2c` with every request. Node hands these to the `upgrade` listener, which answers them one way or the
// other: an upgrade that is not taken is a request like any other.

import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Http2Server } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { type Answer, type ProxyRequest, type ProxyResponse, refusalOf, sendAnswer } from './answer.ts';
import { Answers } from './answers.ts';
import { Control } from './control.ts';
import { fail } from './errors.ts';
import type { ProxyEvent } from './events.ts';
import { openHttp2Server } from './http2-server.ts';
import { HEADER_BYTES, KEEP_ALIVE, PROXY_LIMITS, type ProxyLimits, WAITING_BYTES } from './limits.ts';
import { Pins } from './pins.ts';
import { printable } from './printable.ts';
import type { Proxy, ProxyOptions } from './proxy.ts';
import { type FileAnswer, ReleaseAnswers } from './release-answers.ts';
import { sendFile } from './release-file.ts';
import type { ReleaseRoute } from './release-routes.ts';
import { refuseRequest } from './request-check.ts';
import { parseRoute } from './routes.ts';
import type { ProxyStatus } from './status.ts';
import { Transfers } from './transfers.ts';
import { acceptUpgrade, asksForHttp2 } from './upgrade.ts';

const KEPT_REFUSALS = 20;

export class RunningProxy implements Proxy {
  readonly #options: ProxyOptions;
  readonly #limits: ProxyLimits;
  readonly #server: Server;
  readonly #http2: Http2Server;
  /** Sockets that the HTTP/1.1 server has let go of. */
  readonly #upgraded: Set<Socket> = new Set();
  readonly #pins: Pins;
  readonly #answers: Answers;
  readonly #releases: ReleaseAnswers;
  readonly #transfers: Transfers;
  readonly #control: Control;
  readonly #refused: string[] = [];
  #served = 0;
  #port = 0;

  constructor(options: ProxyOptions) {
    const { registries, releases, clock, secret, onStop } = options;
    this.#options = options;
    this.#limits = { ...PROXY_LIMITS, ...options.limits };
    this.#pins = new Pins(clock, this.#limits);
    this.#answers = new Answers(
      typeof registries === 'function' ? registries : () => registries,
      this.#pins,
      this.#limits,
      () => this.#port,
    );
    this.#releases = new ReleaseAnswers(
      typeof releases === 'function' ? releases : () => releases,
      this.#pins,
    );
    this.#transfers = new Transfers(this.#limits.unpacking);
    this.#control = new Control({
      secret,
      clock,
      limits: this.#limits,
      pins: this.#pins,
      port: () => this.#port,
      status: () => this.#status(),
      onStop: () => onStop?.(),
    });
    this.#server = createServer(
      {
        maxHeaderSize: HEADER_BYTES,
        highWaterMark: WAITING_BYTES,
        headersTimeout: this.#limits.headers,
        requestTimeout: this.#limits.request,
        connectionsCheckingInterval: Math.min(1000, this.#limits.headers),
        keepAliveTimeout: KEEP_ALIVE,
      },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      void this.#upgrade(request, socket, head);
    });
    this.#http2 = openHttp2Server(this.#limits, request => void this.#serve(request, request.stream));
    this.#server.timeout = this.#limits.idle;
    this.#server.maxConnections = this.#limits.connections;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  listen(): Promise<void> {
    const { port } = this.#options;
    return new Promise((resolve, reject) => {
      const refuse = (error: NodeJS.ErrnoException): void => {
        const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
        reject(
          taken ? fail('PROXY_PORT_TAKEN', `port ${port}: cannot be listened on`, { cause: error }) : error,
        );
      };
      this.#server.once('error', refuse);
      this.#server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
        this.#server.off('error', refuse);
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  hold(): () => void {
    return this.#pins.hold();
  }

  released(): Promise<void> {
    return this.#control.released();
  }

  close(): Promise<void> {
    return new Promise(resolve => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
      for (const socket of this.#upgraded) socket.destroy();
    });
  }

  async #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    this.#upgraded.add(socket);
    socket.on('close', () => this.#upgraded.delete(socket));
    socket.on('error', () => undefined);
    const refusal = refuseRequest(request, this.#port, this.#limits.target);
    if (refusal === undefined && asksForHttp2(request)) {
      const accepted = await acceptUpgrade(request, socket, head, this.#limits.headers);
      if (accepted) this.#http2.emit('connection', socket);
      return;
    }
    socket.setTimeout(this.#limits.idle, () => socket.destroy());
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.on('finish', () => socket.end());
    await this.#serve(request, response);
  }

  /** Never throws: what fails here ends this connection, not the proxy. */
  async #serve(request: ProxyRequest, response: ProxyResponse): Promise<void> {
    try {
      await this.#route(request, response);
    } catch (error) {
      response.destroy();
      const message = printable(error instanceof Error ? (error.stack ?? error.message) : String(error));
      this.#report({ kind: 'failed', path: printable(request.url ?? ''), status: 0, message });
    }
  }

  async #route(request: ProxyRequest, response: ProxyResponse): Promise<void> {
    const target = request.url ?? '';
    const refusal = refuseRequest(request, this.#port, this.#limits.target);
    if (refusal !== undefined) {
      if (response instanceof ServerResponse) response.setHeader('Connection', 'close');
      this.#send(request, response, { kind: 'refused', ...refusal });
      return;
    }
    const route = parseRoute(target);
    if (route === undefined) {
      this.#send(request, response, { kind: 'refused', status: 400, message: 'no such path' });
    } else if ('slug' in route) {
      this.#send(request, response, await this.#answers.answer(route, target));
    } else if (!(response instanceof ServerResponse)) {
      this.#send(request, response, { kind: 'refused', status: 400, message: 'HTTP/1.1 only' });
    } else if ('path' in route) {
      await this.#release(route, request as IncomingMessage, response);
    } else {
      const refused = this.#control.answer(route, request as IncomingMessage, response);
      if (refused !== undefined) this.#send(request, response, refused);
    }
  }

  async #release(route: ReleaseRoute, request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setTimeout(this.#limits.release);
    const left = new AbortController();
    response.on('close', () => left.abort());
    const end = this.#pins.begin();
    try {
      const answer = await this.#releases.answer(route);
      if (answer.kind === 'file') {
        await this.#sendFile(route, request, response, answer, left.signal);
      } else {
        if (route.kind === 'archive') await this.#transfers.settled(left.signal);
        this.#send(request, response, answer);
      }
    } finally {
      end();
    }
  }

  async #sendFile(
    route: ReleaseRoute,
    request: IncomingMessage,
    response: ServerResponse,
    answer: FileAnswer,
    signal: AbortSignal,
  ): Promise<void> {
    const isArchive = route.kind === 'archive' && request.method === 'GET';
    const end = isArchive ? this.#transfers.begin() : () => undefined;
    const beforeBreak = async (): Promise<void> => {
      end(false);
      if (isArchive) await this.#transfers.settled(signal);
    };
    const { status, error, left } = await sendFile(request, response, answer.file, { signal, beforeBreak });
    end(error === undefined && status !== 416);
    if (error === undefined) this.#note(request, answer, status);
    else if (left) return;
    else if (status === 0) this.#send(request, response, refusalOf(route.path, error));
    else this.#note(request, refusalOf(route.path, error), status);
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

  #send(request: ProxyRequest, response: ProxyResponse, answer: Answer): void {
    this.#note(request, answer, sendAnswer(request, response, answer));
  }

  #note(request: ProxyRequest, answer: Answer | FileAnswer, status: number): void {
    const path = printable(request.url ?? '');
    const shown = 'message' in answer ? answer.message.replaceAll('\n', ' ') : '';
    const kind = answer.kind === 'bytes' || answer.kind === 'file' ? 'served' : answer.kind;
    if (kind === 'served') this.#served += 1;
    if (kind === 'refused' || kind === 'failed') {
      this.#refused.push(`${path}: ${shown}`);
      if (this.#refused.length > KEPT_REFUSALS) this.#refused.shift();
    }
    this.#report({ kind, path, status, message: answer.kind === 'failed' ? answer.log : shown });
  }

  #report(event: ProxyEvent): void {
    this.#options.onEvent?.(event);
  }
}
