// Files on loopback, as a static server has them. They can be exchanged while it runs.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ServedFiles {
  /** Ends in a slash. */
  readonly url: string;
  /** By path below the address: "metadata/timestamp.json". */
  files: ReadonlyMap<string, Uint8Array>;
  close(): void;
}

export async function serveFiles(files: ReadonlyMap<string, Uint8Array>): Promise<ServedFiles> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', served.url);
    const bytes = served.files.get(decodeURIComponent(pathname.slice(1)));
    response.writeHead(bytes === undefined ? 404 : 200, { 'content-length': bytes?.length ?? 0 });
    response.end(bytes);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const served: ServedFiles = {
    url: `http://127.0.0.1:${port}/`,
    files,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return served;
}
