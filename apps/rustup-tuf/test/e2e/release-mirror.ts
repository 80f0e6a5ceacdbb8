// A mirror of a release server's folder, on loopback: files as they stand, in ranges where that is asked for, slowly or wrongly where a
// test wants it so.

import { createServer, type ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';

export interface ReleaseMirror {
  readonly url: string;
  /** Paths in the order in which they were asked for. */
  readonly requests: string[];
  /** Bytes that were sent of a path. */
  readonly sent: Map<string, number>;
  /** What is served instead of the file of a path; null is 404. */
  readonly instead: Map<string, Uint8Array | null>;
  /** Where files are read; another one is another state of the repository. */
  folder: string;
  /** Pieces of 16 KiB with a pause after each: what is stopped meanwhile is cut off. */
  pauseMs: number;
  close(): Promise<void>;
}

export async function startReleaseMirror(folder: string): Promise<ReleaseMirror> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').slice(1);
    mirror.requests.push(path);
    void answer(path, request.headers.range).then(
      found => send(response, path, found),
      () => response.destroy(),
    );
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const mirror: ReleaseMirror = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests: [],
    sent: new Map(),
    instead: new Map(),
    folder,
    pauseMs: 0,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return mirror;

  async function answer(path: string, range: string | undefined): Promise<Answer> {
    const replaced = mirror.instead.get(path);
    const bytes =
      replaced === undefined ? await readFile(`${mirror.folder}/${path}`).catch(() => null) : replaced;
    if (bytes === null) return { status: 404, bytes: new Uint8Array() };
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    if (from === 0 || from >= bytes.length) return { status: 200, bytes };
    return {
      status: 206,
      bytes: bytes.subarray(from),
      range: `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
    };
  }

  async function send(
    response: ServerResponse,
    path: string,
    { status, bytes, range }: Answer,
  ): Promise<void> {
    response.writeHead(status, { 'Content-Length': bytes.length, ...(range && { 'Content-Range': range }) });
    const piece = mirror.pauseMs > 0 ? 16_384 : bytes.length || 1;
    for (let at = 0; at < bytes.length && !response.destroyed; at += piece) {
      response.write(bytes.subarray(at, at + piece));
      mirror.sent.set(path, (mirror.sent.get(path) ?? 0) + Math.min(piece, bytes.length - at));
      if (mirror.pauseMs > 0) await new Promise(resolve => setTimeout(resolve, mirror.pauseMs));
    }
    response.end();
  }
}

interface Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
  readonly range?: string;
}
