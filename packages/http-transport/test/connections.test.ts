// What happens to connections: kept ones that the server closes, HTTP/2 that ends, and what is left when a source closes.

import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeAll, collect, makeCertificate, open, pattern, serve } from './loopback.ts';

const PATH = 'metadata/timestamp.json';
const closers: (() => void)[] = [];
const certificate = makeCertificate();

afterEach(async () => {
  await closeAll();
  for (const close of closers.splice(0)) close();
});

describe('a kept connection', () => {
  it('that the server closes as it is used again costs no failure', async () => {
    // Closes each connection as the second request on it arrives, as a server whose keep-alive ends does.
    const seen = new Map<Socket, number>();
    const server = createTcpServer(socket => {
      socket.on('error', () => undefined);
      socket.on('data', () => {
        const count = (seen.get(socket) ?? 0) + 1;
        seen.set(socket, count);
        if (count === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx');
        else socket.resetAndDestroy();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const source = open({ mirrors: [`http://127.0.0.1:${port}/`], limits: { retries: 0 } });
    for (let count = 0; count < 3; count++) {
      expect(await source.fetch(PATH, { maxLength: 10 })).toEqual(new TextEncoder().encode('x'));
    }
    expect(seen.size).toBe(3);
  });

  it('is used again, and not more of them are opened than the limit', async () => {
    const server = await serve((_, response) => setTimeout(() => response.end('x'), 5));
    let connections = 0;
    server.server.on('connection', () => {
      connections += 1;
    });
    const source = open({ mirrors: [server.url], limits: { connections: 3 } });
    await Promise.all(Array.from({ length: 12 }, (_, at) => source.fetch(`${PATH}${at}`, { maxLength: 1 })));
    expect({ connections, requests: server.requests.length }).toEqual({ connections: 3, requests: 12 });
  });

  it('does not outlive its source, whose requests that wait for a connection fail at once', async () => {
    const server = await serve((_, response) => response.writeHead(200).write('x'));
    const source = open({ mirrors: [server.url], limits: { connections: 1, idleMs: 60_000, retries: 0 } });
    const fetched = [1, 2].map(at => source.fetch(`${PATH}${at}`, { maxLength: 10 }));
    await expect.poll(() => server.requests.length).toBe(1);
    const closed = source.close();
    for (const each of await Promise.allSettled(fetched)) expect(each.status).toBe('rejected');
    await closed;
  });
});

describe('a connection that does not come about', () => {
  it('is given up after its time, and closed', async () => {
    let closed = 0;
    // A handshake that is never answered.
    const server = createTcpServer(socket => {
      socket
        .on('error', () => undefined)
        .on('close', () => (closed += 1))
        .resume();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    for (const allowHttp2 of [true, false]) {
      const source = open({
        mirrors: [`https://127.0.0.1:${port}/`],
        allowHttp2,
        limits: { connectMs: 60, firstByteMs: 5000, retries: 0 },
      });
      await expect(source.fetch(PATH, { maxLength: 10 })).rejects.toMatchObject({
        code: 'HTTP_CONNECT',
        details: { code: 'ETIMEDOUT' },
      });
    }
    await expect.poll(() => closed).toBe(2);
  });

  it('can be stopped by the caller before it stands', async () => {
    const server = createTcpServer(() => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const source = open({ mirrors: [`https://127.0.0.1:${port}/`], allowHttp2: true });
    const fetched = source.fetch(PATH, { maxLength: 10, signal: AbortSignal.timeout(30) });
    await expect(fetched).rejects.toMatchObject({ code: 'HTTP_ABORTED' });
  });
});

describe('HTTP/2', () => {
  const trusted = certificate ?? { key: '', cert: '' };
  beforeEach(ctx => {
    if (certificate === undefined) ctx.skip('no certificate: the openssl command failed');
  });

  async function serveStreams(
    answer: (stream: ServerHttp2Stream, path: string) => void,
    { retries = 1, streams = 100 } = {},
  ) {
    const sessions = { opened: 0 };
    const server: Http2SecureServer = createSecureServer({ ...trusted, allowHTTP1: true });
    server.on('session', session => {
      sessions.opened += 1;
      session.on('error', () => undefined);
    });
    server.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      answer(stream, headers[':path'] ?? '');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const source = open({
      mirrors: [`https://127.0.0.1:${port}/`],
      ca: trusted.cert,
      allowHttp2: true,
      limits: { retries, streams },
    });
    return { source, sessions, server };
  }

  it('gives a long body whole, and waits for a reader that is slow', async () => {
    const file = pattern(3_000_000);
    const { source } = await serveStreams(stream => {
      stream.respond({ ':status': 200, 'content-length': file.length });
      stream.end(file);
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of source.download(PATH, { maxLength: file.length })) {
      if (chunks.length % 20 === 0) await new Promise(resolve => setTimeout(resolve, 1));
      chunks.push(chunk);
    }
    expect(Buffer.concat(chunks).equals(file)).toBe(true);
  });

  it('does not take a body that was reset for one that ended', async () => {
    let count = 0;
    const { source } = await serveStreams(stream => {
      count += 1;
      stream.respond({ ':status': 200 });
      stream.write('half');
      if (count === 1) setTimeout(() => stream.destroy(new Error('reset')), 20);
      else stream.end(' and half');
    });
    const bytes = await source.fetch(PATH, { maxLength: 100 });
    expect({ count, text: new TextDecoder().decode(bytes ?? undefined) }).toEqual({
      count: 2,
      text: 'half and half',
    });
  });

  it('goes on over another connection when the server ends one', async () => {
    const { source, sessions } = await serveStreams(stream => {
      stream.respond({ ':status': 200 });
      stream.end('x');
      stream.session?.goaway();
    });
    for (let count = 0; count < 3; count++) await source.fetch(PATH, { maxLength: 10 });
    expect(sessions.opened).toBe(3);
  });

  it('asks over another connection for what waited when one was lost', async () => {
    const { source, sessions } = await serveStreams(
      (stream, path) => {
        stream.respond({ ':status': 200 });
        stream.end(path, () => path === '/metadata/0.root.json' && stream.session?.destroy());
      },
      { retries: 8, streams: 1 },
    );
    const one = { maxLength: 100 };
    const paths = Array.from({ length: 6 }, (_, at) => `metadata/${at}.root.json`);
    const fetched = await Promise.all(paths.map(path => source.fetch(path, one)));
    expect(fetched.map(bytes => new TextDecoder().decode(bytes ?? undefined))).toEqual(
      paths.map(path => `/${path}`),
    );
    expect(sessions.opened).toBeGreaterThan(1);
  });

  it('is ended with its connection lost in the middle', async () => {
    const { source } = await serveStreams(stream => {
      stream.respond({ ':status': 200 });
      stream.write('half');
      setTimeout(() => stream.session?.destroy(), 20);
    });
    await expect(source.fetch(PATH, { maxLength: 100 })).rejects.toMatchObject({ code: 'HTTP_BROKEN' });
  });

  it('refuses headers without end', async () => {
    const { source } = await serveStreams(stream => {
      stream.respond(
        {
          ':status': 200,
          ...Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`x-${at}`, 'y'.repeat(1000)])),
        },
        { endStream: true },
      );
    });
    await expect(source.fetch(PATH, { maxLength: 100 })).rejects.toMatchObject({ code: 'HTTP_CONNECT' });
  });

  it('is not spoken with a server that does not offer it', async () => {
    const server = await serve((request, response) => response.end(request.httpVersion), trusted);
    let connections = 0;
    server.server.on('secureConnection', () => {
      connections += 1;
    });
    const source = open({ mirrors: [server.url], ca: trusted.cert, allowHttp2: true });
    for (let count = 0; count < 3; count++) {
      expect(await source.fetch(PATH, { maxLength: 10 })).toEqual(new TextEncoder().encode('1.1'));
    }
    expect(connections).toBe(1);
    expect(await collect(source.download(PATH, { maxLength: 10 }))).toEqual(new TextEncoder().encode('1.1'));
  });
});
