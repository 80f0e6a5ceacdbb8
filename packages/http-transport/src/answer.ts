// The answer to one request, as undici hands it over piece by piece. Its own streams do the same with several objects and
// timers for each request, which costs more than the request when many small files are fetched.

import type { Dispatcher } from 'undici';

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

export interface Answer {
  readonly statusCode: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** Bytes that wait for their reader before the connection is paused. */
const WAITING = 64 * 1024;
/** Bytes of a body that nobody reads, after which its connection is not kept. */
const DISCARDED = 16_384;
const DISCARD_MS = 1000;

/** The body of an answer: one reader, which takes chunk by chunk. */
export class Body {
  readonly #controller: Dispatcher.DispatchController;
  readonly #chunks: Uint8Array[] = [];
  #waiting = 0;
  #state: 'open' | 'ended' | 'left' = 'open';
  #error: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(controller: Dispatcher.DispatchController) {
    this.#controller = controller;
  }

  /** True when `next` does not wait for the network. */
  get isReady(): boolean {
    return this.#chunks.length > 0 || this.#state !== 'open';
  }

  /** The next chunk; undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    while (this.#chunks.length === 0) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#state !== 'open') return undefined;
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
    const chunk = this.#chunks.shift() as Uint8Array;
    this.#waiting -= chunk.length;
    if (this.#controller.paused && this.#waiting < WAITING) this.#controller.resume();
    return chunk;
  }

  /** Ends the transfer unless it has ended. */
  leave(): void {
    if (this.#state !== 'open') return;
    this.#state = 'left';
    this.#controller.abort(new BodyLeft());
  }

  /** Lets go of a body that nobody reads; a short one keeps its connection. */
  discard(): void {
    const timer = setTimeout(() => this.leave(), DISCARD_MS);
    const drop = async (): Promise<void> => {
      for (let bytes = 0; bytes <= DISCARDED; ) {
        const chunk = await this.next();
        if (chunk === undefined) return;
        bytes += chunk.length;
      }
    };
    drop()
      .catch(() => undefined)
      .finally(() => {
        clearTimeout(timer);
        this.leave();
      });
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#waiting += chunk.length;
    if (this.#waiting >= WAITING) this.#controller.pause();
    this.#wake();
  }

  end(error?: Error): void {
    if (this.#state === 'open') this.#state = 'ended';
    this.#error = error;
    this.#wake();
  }
}

class BodyLeft extends Error {}

/** A request under way. */
export interface Sent {
  readonly answer: Promise<Answer>;
  /** Ends it, its answer's body included. */
  abort(reason: Error): void;
}

/** `signal` ends it as `abort` does. */
export function dispatch(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal | undefined,
): Sent {
  let aborted: Error | undefined;
  let controller: Dispatcher.DispatchController | undefined;
  let body: Body | undefined;
  const abort = (reason: Error): void => {
    aborted = reason;
    controller?.abort(reason);
  };
  const stop = (): void => abort(new Error('stopped by the caller', { cause: signal?.reason }));
  signal?.addEventListener('abort', stop);
  const answer = new Promise<Answer>((resolve, reject) => {
    dispatcher.dispatch(options, {
      onRequestStart: given => {
        controller = given;
        if (aborted !== undefined) given.abort(aborted);
      },
      onResponseStart: (given, statusCode, headers) => {
        // Before the answer there can be informational ones (RFC 9110, section 15.2).
        if (statusCode < 200) return;
        body = new Body(given);
        resolve({ statusCode, headers, body });
      },
      onResponseData: (_, chunk) => body?.push(chunk),
      onResponseEnd: () => {
        signal?.removeEventListener('abort', stop);
        body?.end();
      },
      onResponseError: (_, error) => {
        signal?.removeEventListener('abort', stop);
        reject(error);
        body?.end(error);
      },
    });
  });
  return { answer, abort };
}
