// @ts-check
// A static server that answers each request after a fixed time, as a mirror that is some distance away does.
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';

/** @typedef {{ latency?: number, tls?: { key: string, cert: string } }} ServerOptions latency in milliseconds */

/**
 * @param {(path: string) => Promise<Uint8Array | null>} read
 * @param {ServerOptions} [options]
 */
export async function startServer(read, { latency = 0, tls } = {}) {
  let requests = 0;
  let bytes = 0;
  /** @param {any} request @param {any} response */
  const serve = async (request, response) => {
    requests += 1;
    const body = await read((request.url ?? '/').slice(1));
    if (latency > 0) await new Promise(resolve => setTimeout(resolve, latency));
    bytes += body?.length ?? 0;
    if (body === null) response.writeHead(404).end();
    else response.writeHead(200, { 'content-length': body.length }).end(body);
  };
  const server = tls ? createSecureServer({ ...tls, allowHTTP1: true }) : createServer();
  server.on('request', (request, response) => void serve(request, response));
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const sessions = new Set();
  server.on('session', session => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/`,
    counts: () => ({ requests, bytes }),
    close: () => {
      server.close();
      for (const session of sessions) session.destroy();
      if ('closeAllConnections' in server) server.closeAllConnections();
    },
  };
}
