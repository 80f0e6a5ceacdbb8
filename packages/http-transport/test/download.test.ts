import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { closeAll, collect, open, pattern, serve } from './loopback.ts';

afterEach(closeAll);
const FILE = pattern(300_000);
const PATH = 'crates/serde/serde-1.0.0.crate';

/** Serves ranges of FILE; breaks each answer after `piece` bytes. */
function ranges(piece: number, etag?: string) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const start = Number(/^bytes=([0-9]+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (etag !== undefined) response.setHeader('etag', etag);
    if (start > 0) {
      response.statusCode = 206;
      response.setHeader('content-range', `bytes ${start}-${FILE.length - 1}/${FILE.length}`);
    }
    response.setHeader('content-length', FILE.length - start);
    if (start + piece >= FILE.length) {
      response.end(FILE.subarray(start));
      return;
    }
    response.write(FILE.subarray(start, start + piece), () => setTimeout(() => response.destroy(), 20));
  };
}

describe('a download', () => {
  it('goes on where the connection broke', async () => {
    const server = await serve(ranges(120_000, '"a"'));
    const received: number[] = [];
    const bytes = await collect(
      open({ mirrors: [server.url] }).download(PATH, {
        maxLength: FILE.length,
        expectedLength: FILE.length,
        onProgress: progress => received.push(progress.received),
      }),
    );
    expect(bytes).toEqual(FILE);
    expect(server.requests.length).toBeGreaterThan(1);
    expect(server.requests[1]?.headers).toMatchObject({
      'if-range': '"a"',
      range: expect.stringMatching(/^bytes=[1-9]/),
    });
    expect(received).toEqual([...received].sort((a, b) => a - b));
  });

  it('goes on from what the caller has', async () => {
    const server = await serve(ranges(FILE.length));
    const source = open({ mirrors: [server.url] });
    const options = { maxLength: FILE.length, expectedLength: FILE.length };
    expect(await collect(source.download(PATH, { ...options, resume: 100_000 }))).toEqual(
      FILE.subarray(100_000),
    );
    expect(server.requests[0]?.headers.range).toBe('bytes=100000-');
    expect(await collect(source.download(PATH, { ...options, resume: FILE.length }))).toHaveLength(0);
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['there is nothing after it', FILE.length, `bytes */${FILE.length}`, undefined],
    ['the file is shorter', FILE.length + 1, `bytes */${FILE.length}`, 'HTTP_CHANGED'],
    ['the server does not say how long it is', FILE.length, undefined, 'HTTP_CHANGED'],
  ])('goes on from what the caller has of a file of unknown length: %s', async (_, resume, range, code) => {
    const server = await serve((_, response) =>
      response.writeHead(416, range === undefined ? {} : { 'content-range': range }).end('no such range'),
    );
    const download = collect(open({ mirrors: [server.url] }).download(PATH, { maxLength: 1e6, resume }));
    if (code === undefined) expect(await download).toHaveLength(0);
    else await expect(download).rejects.toMatchObject({ code, kind: 'conflict' });
    expect(server.requests).toHaveLength(1);
  });

  it('skips what it has when the server knows no ranges', async () => {
    const server = await serve((_, response) => response.end(FILE));
    const download = open({ mirrors: [server.url] }).download(PATH, {
      maxLength: FILE.length,
      resume: 100_001,
    });
    expect(await collect(download)).toEqual(FILE.subarray(100_001));
  });

  it('of a file that ends before what the caller has is refused, also without ranges', async () => {
    const server = await serve((_, response) => response.end(FILE.subarray(0, 100_000)));
    const download = open({ mirrors: [server.url] }).download(PATH, {
      maxLength: FILE.length,
      resume: 100_001,
    });
    await expect(collect(download)).rejects.toMatchObject({ code: 'HTTP_CHANGED' });
  });

  it('gives no empty piece while it skips', async () => {
    const server = await serve((_, response) => {
      response.write(FILE.subarray(0, 50_000));
      setTimeout(() => response.end(FILE.subarray(50_000)), 20);
    });
    const received: number[] = [];
    const pieces = open({ mirrors: [server.url] }).download(PATH, {
      maxLength: FILE.length,
      resume: 100_001,
      onProgress: progress => received.push(progress.received),
    });
    for await (const piece of pieces) expect(piece.length).toBeGreaterThan(0);
    expect(received[0]).toBeGreaterThan(100_001);
  });

  it('of a file that changed between two parts is refused', async () => {
    const server = await serve((request, response) =>
      ranges(server.requests.length === 1 ? 100_000 : FILE.length, `"${server.requests.length}"`)(
        request,
        response,
      ),
    );
    const download = open({ mirrors: [server.url] }).download(PATH, { maxLength: FILE.length });
    await expect(collect(download)).rejects.toMatchObject({ code: 'HTTP_CHANGED' });
  });

  it.each([
    'bytes 0-299999/300000',
    'bytes 99999-299999/300000',
    'bytes 100000-299998/300000',
    'bytes 100000-299999/*',
    'bytes 100000-300000/300000',
    'items 100000-299999/300000',
    undefined,
  ])('with Content-Range %j is refused', async range => {
    const server = await serve((_, response) => {
      response
        .writeHead(206, range === undefined ? {} : { 'content-range': range })
        .end(FILE.subarray(100_000));
    });
    const download = open({ mirrors: [server.url] }).download(PATH, {
      maxLength: FILE.length,
      resume: 100_000,
    });
    await expect(collect(download)).rejects.toMatchObject({ code: 'HTTP_HEADERS' });
  });

  it.each([
    [FILE.length + 1, FILE.length + 1, 'HTTP_WRONG_LENGTH'],
    [FILE.length - 1, FILE.length, 'HTTP_WRONG_LENGTH'],
    [FILE.length - 1, FILE.length - 1, 'HTTP_TOO_LONG'],
  ])(
    'of another length than %i (at most %i) is %s, with and without a header',
    async (expectedLength, maxLength, code) => {
      for (const header of [true, false]) {
        const server = await serve((_, response) => {
          if (header) response.setHeader('content-length', FILE.length);
          response.end(FILE);
        });
        const download = open({ mirrors: [server.url] }).download(PATH, { maxLength, expectedLength });
        await expect(collect(download)).rejects.toMatchObject({ code, kind: 'security' });
        expect(server.requests).toHaveLength(1);
      }
    },
  );

  it('that is not there says so', async () => {
    const server = await serve((_, response) => response.writeHead(404).end());
    const source = open({ mirrors: [server.url] });
    await expect(collect(source.download(PATH, { maxLength: 1 }))).rejects.toMatchObject({
      code: 'HTTP_NOT_FOUND',
    });
    await expect(collect(source.download(`${server.url}x`, { maxLength: 1 }))).rejects.toMatchObject({
      code: 'HTTP_NOT_FOUND',
    });
    expect(await source.fetchUrl(`${server.url}x`, { maxLength: 1 })).toBeNull();
  });

  it('is not called slow for a consumer that is', async () => {
    const server = await serve((_, response) => response.end(FILE));
    const limits = { idleMs: 50, totalMs: 100, artifactRate: { bytesPerSecond: 1_000_000, windowMs: 50 } };
    let length = 0;
    for await (const chunk of open({ mirrors: [server.url], limits }).download(PATH, {
      maxLength: FILE.length,
    })) {
      length += chunk.length;
      await new Promise(resolve => setTimeout(resolve, 80));
    }
    expect(length).toBe(FILE.length);
    expect(server.requests).toHaveLength(1);
  });

  it('that the consumer leaves closes its connection', async () => {
    let closed = false;
    const server = await serve((_, response) => {
      response.on('close', () => {
        closed = true;
      });
      response.write(FILE);
    });
    for await (const chunk of open({ mirrors: [server.url] }).download(PATH, { maxLength: 2 ** 30 })) {
      if (chunk.length > 0) break;
    }
    await expect.poll(() => closed).toBe(true);
  });
});
