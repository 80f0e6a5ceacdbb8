// A file of a release on its way to rustup: in pieces, verified while they pass. rustup runs the rustup that it has fetched
// without a look at its hash, so whoever gets a file whole gets the verified one: the last piece is held back until the end is
// verified, and what does not come to that end breaks the connection.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkTag } from './answer.ts';
import { fail } from './errors.ts';
import type { OpenReleaseFile, ReleaseFile } from './releases.ts';

/** How it went. `error`: what was wrong with the file; nothing was sent of it where `status` is 0. */
export interface SentFile {
  readonly status: number;
  readonly error?: unknown;
  /** The client went away before. */
  readonly left?: boolean;
}

export interface SendOptions {
  /** Fires when the client goes away. */
  readonly signal: AbortSignal;
  /** What is waited for before a client that has got a part is told that the rest does not come. */
  readonly beforeBreak: () => Promise<void>;
}

export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: ReleaseFile,
  { signal, beforeBreak }: SendOptions,
): Promise<SentFile> {
  const tag = file.sha256 === undefined ? {} : { etag: `"${checkTag(file.sha256)}"` };
  const headers = { 'content-type': 'application/octet-stream', ...tag };
  if (request.method === 'HEAD') {
    response.writeHead(200, headers).end();
    return { status: 200 };
  }
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal]);
  let status = 0;
  try {
    const opened = await file.open(stop);
    const range = rangeOf(request, opened.length);
    status = range.status;
    response.writeHead(status, { ...headers, ...range.headers });
    if (status !== 416) await writePieces(response, opened, range.from, signal);
    response.end();
    return { status };
  } catch (error) {
    await beforeBreak();
    const left = signal.aborted;
    if (status > 0) response.destroy();
    return { status, error, left };
  } finally {
    ended.abort();
  }
}

interface Range {
  readonly status: 200 | 206 | 416;
  readonly from: number;
  readonly headers: Readonly<Record<string, string | number>>;
}

/** rustup goes on with `Range: bytes=1048576-`. The range of a file of unknown length cannot be told, so it gets the whole. */
function rangeOf({ headers }: IncomingMessage, length: number | undefined): Range {
  const [, digits] = /^bytes=([0-9]{1,15})-$/.exec(headers.range ?? '') ?? [];
  if (length === undefined) return { status: 200, from: 0, headers: {} };
  if (digits === undefined || headers['if-range'] !== undefined)
    return { status: 200, from: 0, headers: { 'content-length': length } };
  const from = Number(digits);
  if (from >= length)
    return { status: 416, from, headers: { 'content-length': 0, 'content-range': `bytes */${length}` } };
  const range = `bytes ${from}-${length - 1}/${length}`;
  return { status: 206, from, headers: { 'content-length': length - from, 'content-range': range } };
}

/** What the client has already is fetched and verified with the rest, and not sent. */
async function writePieces(
  response: ServerResponse,
  { length, pieces }: OpenReleaseFile,
  from: number,
  signal: AbortSignal,
): Promise<void> {
  let size = 0;
  let held: Uint8Array | undefined;
  for await (const piece of pieces) {
    signal.throwIfAborted();
    const skipped = Math.min(Math.max(from - size, 0), piece.length);
    size += piece.length;
    if (length !== undefined && size > length) throw wrongLength(size, length);
    if (skipped === piece.length) continue;
    if (held !== undefined && !response.write(held)) await drained(response);
    held = piece.subarray(skipped);
  }
  if (length !== undefined && size !== length) throw wrongLength(size, length);
  if (held !== undefined) response.write(held);
}

/** Resolves as well when the client goes away, which the next look at the signal tells. */
async function drained(response: ServerResponse): Promise<void> {
  await new Promise<void>(resolve => {
    const end = (): void => {
      response.off('drain', end).off('close', end);
      resolve();
    };
    response.on('drain', end).on('close', end);
  });
}

function wrongLength(size: number, length: number): Error {
  return fail('PROXY_LENGTH', `file: ${size} bytes, but the server said ${length}`);
}
