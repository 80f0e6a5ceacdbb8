// The connections that requests use: direct, or through a proxy; one pool for each.

import { Agent, type Dispatcher, ProxyAgent } from 'undici';
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
  readonly #pools = new Map<string, Dispatcher>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  to(url: URL): Dispatcher {
    const proxy = proxyFor(url, this.#options.proxy, this.#options.environment) ?? '';
    let pool = this.#pools.get(proxy);
    if (pool === undefined) {
      pool = openPool(proxy, this.#options);
      this.#pools.set(proxy, pool);
    }
    return pool;
  }

  /** Ends every transfer. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map(pool => pool.destroy()));
    this.#pools.clear();
  }
}

function openPool(proxy: string, { limits, ca, allowHttp2 }: ConnectionOptions): Dispatcher {
  const tls = { timeout: limits.connectMs, ...(ca === undefined ? {} : { ca }) };
  const rules = {
    connections: limits.connections,
    maxHeaderSize: limits.headerBytes,
    allowH2: allowHttp2,
    // The exchange has its own clock for both; undici's is coarse.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  if (proxy === '') return new Agent({ ...rules, connect: tls });
  return new ProxyAgent({ ...rules, uri: proxy, requestTls: tls, proxyTls: tls });
}
