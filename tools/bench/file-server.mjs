// @ts-check
// Files from memory over loopback HTTP, in the process of the benchmark: its clients are processes of their own.
import { createServer } from 'node:http';

/**
 * @typedef {object} FileServer
 * @property {string} url ends in a slash
 * @property {() => number} requests so far
 * @property {() => void} close
 */

/** @param {ReadonlyMap<string, Uint8Array>} files by path without a leading slash @returns {Promise<FileServer>} */
export async function serveFiles(files) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const bytes = files.get(decodeURIComponent((request.url ?? '').slice(1)));
    response.writeHead(bytes === undefined ? 404 : 200, { 'content-length': bytes?.length ?? 0 });
    response.end(bytes);
  });
  server.keepAliveTimeout = 60_000;
  await /** @type {Promise<void>} */ (new Promise(resolve => server.listen(0, '127.0.0.1', resolve)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/`,
    requests: () => requests,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
