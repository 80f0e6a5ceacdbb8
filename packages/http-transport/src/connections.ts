// The connections that requests use: direct, or through a proxy; one pool for each.

import { Agent, buildConnector, Client, type Dispatcher, Pool, ProxyAgent } from 'undici';
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

function openPool(proxy: string, options: ConnectionOptions): Dispatcher {
  const { limits, ca, allowHttp2 } = options;
  const tls = { timeout: limits.connectMs, ...(ca === undefined ? {} : { ca }) };
  const rules = {
    connections: limits.connections,
    maxHeaderSize: limits.headerBytes,
    allowH2: allowHttp2,
    // The exchange has its own clock for both; undici's is coarse.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  if (proxy !== '') return new ProxyAgent({ ...rules, uri: proxy, requestTls: tls, proxyTls: tls });
  const connect = buildConnector({ ...tls, allowH2: allowHttp2 });
  return new Agent({
    ...rules,
    factory: (origin, given) =>
      new Pool(origin, { ...given, factory: (at, each) => openConnection(at, each, connect, limits.streams) }),
  });
}

/** One request at a time over HTTP/1.1, many over HTTP/2; which of them it is shows when the connection stands. */
function openConnection(
  origin: URL,
  rules: Client.Options,
  connect: buildConnector.connector,
  streams: number,
): Client {
  const client = new Client(origin, {
    ...rules,
    connect: (target, done) =>
      connect(target, (...[error, socket]: buildConnector.CallbackArgs) => {
        if (error !== null) return done(error, null);
        client.pipelining = 'alpnProtocol' in socket && socket.alpnProtocol === 'h2' ? streams : 1;
        done(null, socket);
      }),
  });
  return client;
}
