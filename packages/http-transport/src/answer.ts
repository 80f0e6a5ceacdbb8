// The answer to one request, taken chunk by chunk by one reader.

import type { Channel, Headers, Transfer } from './channel.ts';

export interface Answer {
  readonly statusCode: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** Bytes that wait for their reader before the connection is paused. */
const WAITING = 1024 * 1024;
/** Bytes of a body that nobody reads, after which its connection is not kept. */
const DISCARDED = 16_384;
const DISCARD_MS = 1000;

/** The body of an answer: one reader, which takes chunk by chunk. */
export class Body {
  readonly #transfer: Transfer;
  #chunks: Uint8Array[] = [];
  #waiting = 0;
  #isPaused = false;
  #state: 'open' | 'ended' | 'left' = 'open';
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(transfer: Transfer) {
    this.#transfer = transfer;
  }

  /** False while `take` has to wait for the network. */
  get isReady(): boolean {
    return this.#chunks.length > 0 || this.#state !== 'open';
  }

  async wait(): Promise<void> {
    while (!this.isReady) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  /** What has come since the last time; undefined at the end. */
  take(): Uint8Array | undefined {
    const chunks = this.#chunks;
    if (chunks.length === 0 && this.#error !== undefined) throw this.#error;
    if (chunks.length === 0) return undefined;
    this.#chunks = [];
    this.#waiting = 0;
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#transfer.resume();
    }
    return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
  }

  async next(): Promise<Uint8Array | undefined> {
    await this.wait();
    return this.take();
  }

  /** Ends the transfer unless it has ended. */
  leave(): void {
    if (this.#state !== 'open') return;
    this.#state = 'left';
    this.#transfer.abort(new BodyLeft());
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
    if (this.#waiting >= WAITING && !this.#isPaused) {
      this.#isPaused = true;
      this.#transfer.pause();
    }
    this.#wakeReader();
  }

  end(error?: Error): void {
    if (this.#state === 'open') this.#state = 'ended';
    this.#error = error;
    this.#wakeReader();
  }

  /** After this turn of the event loop: whatever comes in one turn is taken together. */
  #wakeReader(): void {
    if (this.#wake !== undefined) setImmediate(this.#wake);
    this.#wake = undefined;
  }
}

class BodyLeft extends Error {}

/** A request, and what ends it before its answer comes. */
export interface Question {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly firstByteMs: number;
  /** The error when no answer has come by then. */
  readonly late: () => Error;
  /** Ends the answer's body as well. */
  readonly signal: AbortSignal | undefined;
}

/** The time runs and the signal ends it also while there is no connection yet. */
export function dispatch(channel: Promise<Channel>, question: Question): Promise<Answer> {
  const { path, headers, signal } = question;
  return new Promise((resolve, reject) => {
    let isAborted = false;
    let body: Body | undefined;
    const finish = (error?: Error): void => {
      signal?.removeEventListener('abort', stop);
      if (error !== undefined) {
        clearTimeout(timer);
        reject(error);
      }
      body?.end(error);
    };
    let abort = (reason: Error): void => {
      isAborted = true;
      finish(reason);
    };
    const stop = (): void => abort(new Error('stopped by the caller', { cause: signal?.reason }));
    const timer = setTimeout(() => {
      reject(question.late());
      abort(new Error('no answer in time'));
    }, question.firstByteMs);
    signal?.addEventListener('abort', stop);
    channel
      .then(open => {
        if (isAborted) return;
        const transfer = open.send(path, headers, {
          onAnswer: (statusCode, given) => {
            clearTimeout(timer);
            body = new Body(transfer);
            resolve({ statusCode, headers: given, body });
          },
          onData: chunk => body?.push(chunk),
          onEnd: finish,
          onError: finish,
        });
        abort = reason => transfer.abort(reason);
      })
      .catch(finish);
  });
}
