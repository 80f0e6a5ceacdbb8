// The connections that requests use: direct, or through a proxy; one pool for each. What makes them is loaded with the
// first request: a program that only looks at what it has pays nothing.

import type { Dispatcher } from 'undici';
import type { HttpLimits } from './limits.ts';
import { type Environment, type ProxyOption, proxyFor } from './proxy.ts';

export interface ConnectionOptions {
  readonly proxy: ProxyOption;
  readonly environment: Environment;
  /** PEM certificates that stand in place of the built-in authorities. */
  readonly ca: string | undefined;
  readonly allowHttp2: boolean;
  readonly limits: HttpLimits;
}

export class Connections {
  readonly #options: ConnectionOptions;
  /** By the proxy's address; the empty text is the direct one. */
  readonly #pools = new Map<string, Promise<Dispatcher>>();
  /** By the origin of what is asked for. */
  readonly #proxies = new Map<string, string>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  to(url: URL): Promise<Dispatcher> {
    let proxy = this.#proxies.get(url.origin);
    if (proxy === undefined) {
      proxy = proxyFor(url, this.#options.proxy, this.#options.environment) ?? '';
      this.#proxies.set(url.origin, proxy);
    }
    let pool = this.#pools.get(proxy);
    if (pool === undefined) {
      pool = import('./pool.ts').then(({ openPool }) => openPool(proxy, this.#options));
      this.#pools.set(proxy, pool);
    }
    return pool;
  }

  /** Ends every transfer. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map(async pool => (await pool).destroy()));
  }
}
