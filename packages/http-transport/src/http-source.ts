// Files over HTTP, from servers that may lie, stall, or send without end. What comes from here is not verified yet:
// the caller checks length, hash or signature, and calls `reject` when they do not hold.

import { fileUrl, parseUrl } from './addresses.ts';
import { Attempts } from './attempts.ts';
import { type Clock, systemClock } from './clock.ts';
import { Connections } from './connections.ts';
import { fail } from './errors.ts';
import { type Exchange, openExchange } from './exchange.ts';
import { HTTP_LIMITS, type HttpLimits } from './limits.ts';
import { Mirrors } from './mirrors.ts';
import type { Environment, ProxyOption } from './proxy.ts';
import type { DownloadOptions, FetchOptions, Progress, Source } from './source.ts';
import { readWhole } from './whole-file.ts';

export interface HttpSourceOptions {
  /** Addresses that end in a slash: https, or http to this machine. Asked in this order. */
  readonly mirrors: readonly string[];
  /** Default: `environment`. */
  readonly proxy?: ProxyOption;
  /** Default: the variables of this process. */
  readonly environment?: Environment;
  /** PEM certificates that stand in place of the built-in authorities, as cargo's `http.cainfo`. */
  readonly ca?: string;
  readonly limits?: Partial<HttpLimits>;
  readonly onProgress?: (progress: Progress) => void;
  /** Told of each file that did not verify (`reject`). */
  readonly onReject?: (rejected: RejectedFile) => void;
  readonly allowHttp2?: boolean;
  readonly userAgent?: string;
  readonly clock?: Clock;
}

export interface HttpSource extends Source {
  /** A file of any origin, under the rules for artifacts: up to three redirects. Null: it is not there. */
  fetchUrl(url: string, options: FetchOptions): Promise<Uint8Array | null>;
  /**
   * A large file, by its path on the mirrors or by its address, in pieces. Goes on where a connection broke. The
   * pieces are not verified; throws HTTP_NOT_FOUND when the file is not there.
   */
  download(pathOrUrl: string, options: DownloadOptions): AsyncIterable<Uint8Array>;
  /**
   * Tells that what was last fetched from `path` did not verify: its mirror is not asked for it again. False when no
   * other mirror is left; the next fetch then begins with all of them. `reason`: why, for `onReject`.
   */
  reject(path: string, reason?: unknown): boolean;
  /** Ends every transfer. */
  close(): Promise<void>;
}

export interface RejectedFile {
  /** Of the mirror that served it. */
  readonly url: string;
  /** Of the file. */
  readonly path: string;
  readonly reason: unknown;
}

/** Opens no connection before it is needed. */
export function openHttpSource(options: HttpSourceOptions): HttpSource {
  return new Mirrored(options);
}

/** One address of a file, and what to note about it. */
interface Place {
  readonly url: URL;
  served(continued?: boolean): void;
  failed(): void;
}

interface Rules {
  readonly kind: 'metadata' | 'artifact';
  readonly options: DownloadOptions;
}

// A download that got this far since its last failure has earned its repetitions anew.
const PROGRESS_BYTES = 1024 * 1024;

class Mirrored implements HttpSource {
  readonly #options: HttpSourceOptions;
  readonly #limits: HttpLimits;
  readonly #clock: Clock;
  readonly #connections: Connections;
  readonly #mirrors: Mirrors;

  constructor(options: HttpSourceOptions) {
    this.#options = options;
    this.#limits = { ...HTTP_LIMITS, ...options.limits };
    this.#clock = options.clock ?? systemClock;
    this.#mirrors = new Mirrors(options.mirrors, this.#limits.mirrorMs, this.#clock);
    this.#connections = new Connections({
      proxy: options.proxy ?? 'environment',
      environment: options.environment ?? process.env,
      ca: options.ca,
      allowHttp2: options.allowHttp2 ?? false,
      limits: this.#limits,
    });
  }

  fetch(path: string, options: FetchOptions): Promise<Uint8Array | null> {
    return this.#fetchFrom(() => this.#placesOf(path), { kind: 'metadata', options });
  }

  fetchUrl(url: string, options: FetchOptions): Promise<Uint8Array | null> {
    return this.#fetchFrom(() => [placeOf(url)], { kind: 'artifact', options });
  }

  async *download(pathOrUrl: string, options: DownloadOptions): AsyncGenerator<Uint8Array, void, undefined> {
    const places = pathOrUrl.includes('://') ? [placeOf(pathOrUrl)] : this.#placesOf(pathOrUrl);
    const attempts = new Attempts(places, this.#limits, this.#clock, options.signal);
    const start = options.resume ?? 0;
    let received = start;
    const tags = new Map<Place, string | undefined>();
    for (let place = await attempts.next(); place !== undefined; place = await attempts.next()) {
      if (received === options.expectedLength) return;
      const begun = received;
      try {
        const exchange = await this.#open(place, { kind: 'artifact', options }, received, tags.get(place));
        if (exchange === null) {
          attempts.absent(place);
          continue;
        }
        tags.set(place, exchange.etag);
        place.served(received > start);
        try {
          for (;;) {
            if (!exchange.body.isReady) await exchange.body.wait();
            const chunk = exchange.body.take();
            if (chunk === undefined) return;
            if (chunk.length === 0) continue;
            received += chunk.length;
            this.#progress(place, received, exchange.total, options);
            yield chunk;
          }
        } finally {
          exchange.body.leave();
        }
      } catch (error) {
        if (received - begun >= PROGRESS_BYTES) attempts.progressed();
        attempts.failed(place, error);
        place.failed();
      }
    }
    attempts.conclude();
    throw fail('HTTP_NOT_FOUND', `${places[0]?.url.href}: not there, expected a file`, {
      details: { urls: places.map(place => place.url.href) },
    });
  }

  reject(path: string, reason?: unknown): boolean {
    const mirror = this.#mirrors.servedBy(path);
    if (mirror !== undefined) this.#options.onReject?.({ url: mirror.url.href, path, reason });
    return this.#mirrors.reject(path);
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }

  async #fetchFrom(find: () => readonly Place[], rules: Rules): Promise<Uint8Array | null> {
    const attempts = new Attempts(find(), this.#limits, this.#clock, rules.options.signal);
    for (let place = await attempts.next(); place !== undefined; place = await attempts.next()) {
      try {
        const exchange = await this.#open(place, rules, 0, undefined);
        if (exchange === null) {
          attempts.absent(place);
          continue;
        }
        const bytes = await readWhole(exchange, received =>
          this.#progress(place, received, exchange.total, rules.options),
        );
        place.served();
        return bytes;
      } catch (error) {
        attempts.failed(place, error);
        place.failed();
      }
    }
    attempts.conclude();
    return null;
  }

  #open(place: Place, rules: Rules, offset: number, etag: string | undefined): Promise<Exchange | null> {
    const { maxLength, expectedLength, signal } = rules.options;
    const plan = {
      url: place.url,
      offset,
      etag,
      maxLength,
      expectedLength,
      redirects: rules.kind === 'metadata' ? 0 : this.#limits.redirects,
      rate: rules.kind === 'metadata' ? this.#limits.metadataRate : this.#limits.artifactRate,
      firstByteMs: this.#limits.firstByteMs,
      userAgent: this.#options.userAgent ?? 'cargo-tuf',
      clock: this.#clock,
      signal,
    };
    return openExchange(this.#connections, plan, this.#limits);
  }

  #progress(place: Place, received: number, total: number | undefined, options: DownloadOptions): void {
    if (this.#options.onProgress === undefined && options.onProgress === undefined) return;
    const progress = { url: place.url.href, received, total };
    this.#options.onProgress?.(progress);
    options.onProgress?.(progress);
  }

  #placesOf(path: string): readonly Place[] {
    return this.#mirrors.orderFor(path).map(mirror => ({
      url: fileUrl(mirror.url, path),
      served: continued => this.#mirrors.served(path, mirror, continued),
      failed: () => this.#mirrors.failed(mirror),
    }));
  }
}

function placeOf(url: string): Place {
  return { url: parseUrl(url), served: () => undefined, failed: () => undefined };
}
