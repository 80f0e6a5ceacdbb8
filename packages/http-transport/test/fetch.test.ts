import { openHttpSource } from '@cargo-tuf/http-transport';
import { afterEach, describe, expect, it } from 'vitest';
import { closeAll, open, pattern, serve } from './loopback.ts';

afterEach(closeAll);
const PATH = 'metadata/timestamp.json';

describe('a file', () => {
  it('comes whole, asked for without anything that tells on the user', async () => {
    const progress: number[] = [];
    const server = await serve((_, response) => response.end(pattern(5000)));
    const source = open({ mirrors: [server.url], onProgress: ({ received }) => progress.push(received) });
    expect(await source.fetch(PATH, { maxLength: 5000 })).toEqual(pattern(5000));
    expect(progress.at(-1)).toBe(5000);
    expect(server.requests[0]?.url).toBe('/metadata/timestamp.json');
    expect(server.requests[0]?.headers).toEqual({
      'accept-encoding': 'identity',
      connection: 'keep-alive',
      host: `127.0.0.1:${server.port}`,
      'user-agent': 'cargo-tuf',
    });
  });

  it('may be empty, and may take its time to begin', async () => {
    const server = await serve((_, response) => setTimeout(() => response.end(), 150));
    expect(await open({ mirrors: [server.url] }).fetch(PATH, { maxLength: 0 })).toEqual(new Uint8Array());
  });

  it('that the server says is absent is null', async () => {
    const server = await serve((_, response) => response.writeHead(404).end('nothing here'));
    expect(await open({ mirrors: [server.url] }).fetch(PATH, { maxLength: 10 })).toBeNull();
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    [403, 'HTTP_REFUSED', 1],
    [401, 'HTTP_REFUSED', 1],
    [410, 'HTTP_REFUSED', 1],
    [204, 'HTTP_REFUSED', 1],
    [206, 'HTTP_REFUSED', 1],
    [500, 'HTTP_SERVER', 3],
    [503, 'HTTP_SERVER', 3],
    [429, 'HTTP_SERVER', 3],
    [408, 'HTTP_SERVER', 3],
  ])('with status %i is %s after %i requests', async (status, code, requests) => {
    const server = await serve((_, response) => response.writeHead(status).end());
    const fetched = open({ mirrors: [server.url] }).fetch(PATH, { maxLength: 10 });
    await expect(fetched).rejects.toMatchObject({ code, kind: 'unavailable', details: { status } });
    expect(server.requests).toHaveLength(requests);
  });
});

describe('endless data', () => {
  it.each(['with a length', 'in chunks', 'until the connection closes'])(
    '%s is cut at the limit',
    async how => {
      let sent = 0;
      const chunk = pattern(16_384);
      const server = await serve((_, response) => {
        if (how === 'with a length') response.setHeader('content-length', 2 ** 40);
        if (how === 'until the connection closes') response.removeHeader('transfer-encoding');
        const write = (): void => {
          while (!response.destroyed && response.write(chunk)) sent += chunk.length;
        };
        response.on('drain', write);
        write();
      });
      const fetched = open({ mirrors: [server.url] }).fetch(PATH, { maxLength: 100_000 });
      await expect(fetched).rejects.toMatchObject({ code: 'HTTP_TOO_LONG', kind: 'security' });
      expect(server.requests).toHaveLength(1);
      expect(sent).toBeLessThan(50_000_000);
    },
  );

  it('is one byte more than allowed, and not one less', async () => {
    const server = await serve((_, response) => {
      response.write(pattern(99));
      setTimeout(() => response.end(Uint8Array.of(1)), 20);
    });
    const source = open({ mirrors: [server.url] });
    expect(await source.fetch(PATH, { maxLength: 100 })).toHaveLength(100);
    await expect(source.fetch(PATH, { maxLength: 99 })).rejects.toMatchObject({
      code: 'HTTP_TOO_LONG',
      details: { length: 100, limit: 99 },
    });
  });

  it('in the headers is refused', async () => {
    const server = await serve((_, response) => response.writeHead(200, { x: 'y'.repeat(20_000) }).end());
    const fetched = open({ mirrors: [server.url] }).fetch(PATH, { maxLength: 10 });
    await expect(fetched).rejects.toMatchObject({
      code: 'HTTP_CONNECT',
      details: { code: 'HPE_HEADER_OVERFLOW' },
    });
  });
});

describe('slow retrieval', () => {
  const drip = (milliseconds: number) =>
    serve((_, response) => {
      const timer = setInterval(() => response.write('x'), milliseconds);
      response.on('close', () => clearInterval(timer));
    });

  it('below the minimum rate is ended after its window', async () => {
    const server = await drip(20);
    const limits = { retries: 0, metadataRate: { bytesPerSecond: 1000, windowMs: 300 } };
    const started = performance.now();
    const fetched = open({ mirrors: [server.url], limits }).fetch(PATH, { maxLength: 10_000 });
    await expect(fetched).rejects.toMatchObject({ code: 'HTTP_SLOW', kind: 'unavailable' });
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('has an end before its first window has', async () => {
    const server = await drip(20);
    const limits = {
      retries: 0,
      totalMs: 300,
      metadataRate: { bytesPerSecond: 1_000_000, windowMs: 10_000 },
    };
    const fetched = open({ mirrors: [server.url], limits }).fetch(PATH, { maxLength: 10_000 });
    await expect(fetched).rejects.toMatchObject({
      code: 'HTTP_TIMEOUT',
      message: expect.stringMatching(/no end within 310 ms/),
    });
  });

  it.each([
    ['before the headers', () => undefined, /no answer within 250 ms/],
    [
      'before the body',
      (response: { flushHeaders(): void }) => response.flushHeaders(),
      /no next byte within 200 ms/,
    ],
    [
      'within the body',
      (response: { write(text: string): void }) => response.write('x'),
      /no next byte within 200 ms/,
    ],
  ])('that stops %s times out', async (_, begin, message) => {
    const server = await serve((_request, response) => begin(response));
    const fetched = open({ mirrors: [server.url], limits: { retries: 1 } }).fetch(PATH, { maxLength: 10 });
    await expect(fetched).rejects.toMatchObject({
      code: 'HTTP_TIMEOUT',
      message: expect.stringMatching(message),
    });
    expect(server.requests).toHaveLength(2);
  });
});

describe('a body', () => {
  it.each(['gzip', 'identity', 'gzip, gzip', ''])('with Content-Encoding %j is refused', async encoding => {
    const server = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end('x'),
    );
    const fetched = open({ mirrors: [server.url] }).fetch(PATH, { maxLength: 10 });
    await expect(fetched).rejects.toMatchObject({ code: 'HTTP_HEADERS', kind: 'malformed' });
    expect(server.requests).toHaveLength(1);
  });

  it('that breaks is asked for again', async () => {
    const server = await serve((_, response) => {
      response.setHeader('content-length', 100);
      response.write(pattern(50));
      if (server.requests.length < 3) setTimeout(() => response.destroy(), 10);
      else response.end(pattern(100).subarray(50));
    });
    expect(await open({ mirrors: [server.url] }).fetch(PATH, { maxLength: 100 })).toEqual(pattern(100));
    expect(server.requests).toHaveLength(3);
  });

  it('that always breaks is unavailable', async () => {
    const server = await serve((_, response) => {
      response.write('x');
      setTimeout(() => response.destroy(), 10);
    });
    const fetched = open({ mirrors: [server.url] }).fetch(PATH, { maxLength: 100 });
    await expect(fetched).rejects.toMatchObject({ code: 'HTTP_BROKEN', kind: 'unavailable' });
    expect(server.requests).toHaveLength(3);
  });

  it('of nobody is unavailable', async () => {
    const server = await serve(() => undefined);
    await closeAll();
    const fetched = open({ mirrors: [server.url] }).fetch(PATH, { maxLength: 100 });
    await expect(fetched).rejects.toMatchObject({ code: 'HTTP_CONNECT', details: { code: 'ECONNREFUSED' } });
  });
});

describe('a redirect', () => {
  it('of metadata is refused', async () => {
    const server = await serve((_, response) => response.writeHead(302, { location: '/other' }).end());
    const fetched = open({ mirrors: [server.url] }).fetch(PATH, { maxLength: 100 });
    await expect(fetched).rejects.toMatchObject({ code: 'HTTP_REDIRECT' });
    expect(server.requests).toHaveLength(1);
  });

  it('of an artifact is followed three times, and no further', async () => {
    const server = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left > 0) response.writeHead(302, { location: `/${left - 1}` }).end();
      else response.end('here');
    });
    const source = open({ mirrors: [server.url] });
    expect(await source.fetchUrl(`${server.url}3`, { maxLength: 10 })).toEqual(
      new TextEncoder().encode('here'),
    );
    await expect(source.fetchUrl(`${server.url}4`, { maxLength: 10 })).rejects.toMatchObject({
      code: 'HTTP_REDIRECT',
      details: { redirects: 4, allowed: 3 },
    });
  });

  it.each([
    'http://example.org/',
    'file:///etc/passwd',
    'http://169.254.169.254/latest/meta-data',
    'https://user:secret@example.org/',
    '',
    'http://[::',
    'javascript:alert(1)',
  ])('to %j is refused', async location => {
    const server = await serve((_, response) => response.writeHead(302, { location }).end());
    const fetched = open({ mirrors: [server.url] }).fetchUrl(server.url, { maxLength: 100 });
    await expect(fetched).rejects.toMatchObject({ code: 'HTTP_REDIRECT' });
    expect(server.requests).toHaveLength(1);
  });
});

describe('the caller', () => {
  it('can stop at any time', async () => {
    const server = await serve((_, response) => response.write('x'));
    const source = open({ mirrors: [server.url], limits: { idleMs: 10_000 } });
    for (const signal of [AbortSignal.abort(), AbortSignal.timeout(50)]) {
      const fetched = source.fetch(PATH, { maxLength: 100, signal });
      await expect(fetched).rejects.toMatchObject({ code: 'HTTP_ABORTED' });
    }
    expect(server.requests.length).toBeLessThanOrEqual(1);
  });

  it.each([
    '../x',
    'a/../x',
    'a/%2e%2E/x',
    'a//x',
    '/x',
    'https://example.org/x',
    'a\\x',
    'a?x',
    'a#x',
    'a\nx',
    'ö',
    '',
    '.',
    `${'a'.repeat(513)}`,
  ])('cannot ask for the path %j', async path => {
    const server = await serve((_, response) => response.end());
    const source = open({ mirrors: [server.url] });
    await expect(source.fetch(path, { maxLength: 1 })).rejects.toMatchObject({
      code: 'HTTP_ADDRESS',
      kind: 'misuse',
    });
    expect(server.requests).toHaveLength(0);
  });

  it('can ask for names that are percent-encoded', async () => {
    const server = await serve((request, response) => response.end(request.url));
    const path = 'metadata/1.%3F..%2Fdelegated+role.json';
    const bytes = await open({ mirrors: [server.url] }).fetch(path, { maxLength: 100 });
    expect(new TextDecoder().decode(bytes ?? undefined)).toBe(`/${path}`);
  });

  it.each([
    'http://example.org/',
    'https://example.org/tuf',
    'https://user@example.org/',
    'https://example.org/?x=/',
    'https://example.org/#/',
    'ftp://example.org/',
    'example.org/',
  ])('cannot use the mirror %j', mirror => {
    expect(() => openHttpSource({ mirrors: [mirror] })).toThrow(
      expect.objectContaining({ code: 'HTTP_ADDRESS' }),
    );
  });

  it('gives no file by its path where there is no mirror at all', async () => {
    const source = openHttpSource({ mirrors: [] });
    const refused = { code: 'HTTP_ADDRESS', message: 'mirrors: none, expected at least one' };
    await expect(source.fetch('a', { maxLength: 1 })).rejects.toMatchObject(refused);
    await expect(source.download('a', { maxLength: 1 })[Symbol.asyncIterator]().next()).rejects.toMatchObject(
      refused,
    );
    await source.close();
  });
});
