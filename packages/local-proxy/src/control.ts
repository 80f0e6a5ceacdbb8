// Requests of our own programs (docs/pouf.md section 6): who is there, keep the run alive, how is it going, end.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, sendText } from './answer.ts';
import type { ProxyLimits } from './limits.ts';
import { Nonces } from './nonces.ts';
import type { Pins } from './pins.ts';
import type { ReleaseRoute } from './release-routes.ts';
import type { Route } from './routes.ts';
import { callerProof, isSameProof, proxyProof } from './secret.ts';
import { formatStatus, type ProxyStatus } from './status.ts';

export type ControlRoute = Exclude<Route, { slug: string } | ReleaseRoute>;

export interface ControlOptions {
  readonly secret: Uint8Array;
  readonly clock: () => number;
  readonly limits: ProxyLimits;
  readonly pins: Pins;
  readonly port: () => number;
  readonly status: () => ProxyStatus;
  readonly onStop: () => void;
}

export class Control {
  readonly #options: ControlOptions;
  readonly #nonces: Nonces;
  readonly #held: Set<ServerResponse> = new Set();
  readonly #waiters: Set<() => void> = new Set();

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#nonces = new Nonces(options.clock, options.limits.nonce);
  }

  /** Answers, or gives the refusal that is to be sent. */
  answer(route: ControlRoute, request: IncomingMessage, response: ServerResponse): Answer | undefined {
    if (request.method !== 'GET') return { kind: 'refused', status: 405, message: 'GET only' };
    const { secret, status, onStop } = this.#options;
    const port = this.#options.port();
    const text = (message: string): undefined => void sendText(request, response, 200, message);
    if (route.kind === 'proof') return text(proxyProof(secret, port, route.nonce));
    if (route.kind === 'nonce') return text(this.#nonces.issue());
    const isCaller =
      this.#nonces.use(route.nonce) && isSameProof(route.proof, callerProof(secret, port, route.nonce));
    if (!isCaller)
      return { kind: 'refused', status: 403, message: 'the caller does not prove that it knows the secret' };
    if (route.kind === 'hold') return this.#hold(response);
    if (route.kind === 'status') return text(formatStatus(status()));
    text('stopping');
    onStop();
    return undefined;
  }

  /** Resolves when no connection holds a run. */
  async released(): Promise<void> {
    if (this.#held.size > 0) await new Promise<void>(resolve => this.#waiters.add(resolve));
  }

  /** The run lives as long as this answer is not at its end: the connection ends with its process. */
  #hold(response: ServerResponse): undefined {
    const { pins, limits } = this.#options;
    const release = pins.hold();
    this.#held.add(response);
    const end = setTimeout(() => response.destroy(), limits.pin).unref();
    response.setTimeout(0);
    response.on('close', () => {
      clearTimeout(end);
      release();
      this.#held.delete(response);
      if (this.#held.size > 0) return;
      for (const resolve of this.#waiters) resolve();
      this.#waiters.clear();
    });
    response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' });
    response.write('held\n');
    return undefined;
  }
}
