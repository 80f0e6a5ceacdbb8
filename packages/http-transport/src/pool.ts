import type { buildConnector, Dispatcher } from 'undici';
import openConnector from 'undici/lib/core/connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Client from 'undici/lib/dispatcher/client.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import type { ConnectionOptions } from './connections.ts';

/** `proxy`: its address; the empty text is no proxy. */
export async function openPool(proxy: string, options: ConnectionOptions): Promise<Dispatcher> {
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
  if (proxy !== '') {
    const { openProxyAgent } = await import('./proxy-agent.ts');
    return openProxyAgent({ ...rules, uri: proxy, requestTls: tls, proxyTls: tls });
  }
  const connect = openConnector({ ...tls, allowH2: allowHttp2 });
  const factory = (origin: URL, given: object): Client =>
    openConnection(origin, given, connect, limits.streams);
  return new Agent({ ...rules, factory: origin => new Pool(origin, { ...rules, factory }) });
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
