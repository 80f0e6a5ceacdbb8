import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { proxyFor } from '../src/proxy.ts';
import { type Certificate, closeAll, type Loopback, makeCertificate, open, serve } from './loopback.ts';

afterEach(closeAll);
const PATH = 'metadata/timestamp.json';
let certificate: Certificate | undefined;

beforeAll(() => {
  certificate = makeCertificate();
});

/** A proxy that tunnels; `seen` gets the targets. */
async function serveProxy(seen: string[], authorization?: string): Promise<Loopback> {
  const proxy = await serve((_, response) => response.writeHead(405).end());
  proxy.server.on('connect', (request, client, head) => {
    seen.push(request.url ?? '');
    client.on('error', () => undefined);
    if (request.headers['proxy-authorization'] !== authorization) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const upstream = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  return proxy;
}

describe('TLS', () => {
  it('trusts the given authority and no other', async ctx => {
    if (certificate === undefined) return ctx.skip('no certificate: the openssl command failed');
    const server = await serve((_, response) => response.end('secret'), certificate);
    const trusting = open({ mirrors: [server.url], ca: certificate.cert });
    expect(await trusting.fetch(PATH, { maxLength: 10 })).toEqual(new TextEncoder().encode('secret'));
    await expect(open({ mirrors: [server.url] }).fetch(PATH, { maxLength: 10 })).rejects.toMatchObject({
      code: 'HTTP_TLS',
      kind: 'unavailable',
      details: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
    expect(server.requests).toHaveLength(1);
  });

  it('to a name that the certificate does not carry is refused', async ctx => {
    if (certificate === undefined) return ctx.skip('no certificate: the openssl command failed');
    const server = await serve((_, response) => response.end('secret'), certificate);
    const source = open({ mirrors: [`https://localhost:${server.port}/`], ca: certificate.cert });
    await expect(source.fetch(PATH, { maxLength: 10 })).rejects.toMatchObject({
      code: 'HTTP_TLS',
      details: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
  });

  it('is not left by a redirect', async ctx => {
    if (certificate === undefined) return ctx.skip('no certificate: the openssl command failed');
    const server = await serve(
      (_, response) => response.writeHead(302, { location: 'http://example.org/' }).end(),
      certificate,
    );
    const fetched = open({ mirrors: [server.url], ca: certificate.cert }).fetchUrl(server.url, {
      maxLength: 10,
    });
    await expect(fetched).rejects.toMatchObject({ code: 'HTTP_REDIRECT' });
  });

  it('asks for many files at once on one connection of HTTP/2', async ctx => {
    if (certificate === undefined) return ctx.skip('no certificate: the openssl command failed');
    const { createSecureServer } = await import('node:http2');
    const waiting: (() => void)[] = [];
    let [connections, requests] = [0, 0];
    const server = createSecureServer(certificate, (_, response) => {
      requests += 1;
      if (requests === 1) return void response.end('first');
      waiting.push(() => response.end('file'));
      if (waiting.length === 60) for (const answer of waiting) answer();
    });
    server.on('session', () => {
      connections += 1;
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const source = open({
      mirrors: [`https://127.0.0.1:${port}/`],
      ca: certificate.cert,
      allowHttp2: true,
      limits: { retries: 0 },
    });
    await source.fetch(PATH, { maxLength: 10 });
    const files = Array.from({ length: 60 }, (_, at) => source.fetch(`${PATH}${at}`, { maxLength: 10 }));
    expect(new Set((await Promise.all(files)).map(String)).size).toBe(1);
    expect({ connections, requests }).toEqual({ connections: 1, requests: 61 });
    await source.close();
    server.close();
  });

  it('can speak HTTP/2', async ctx => {
    if (certificate === undefined) return ctx.skip('no certificate: the openssl command failed');
    const { createSecureServer } = await import('node:http2');
    const server = createSecureServer(certificate, (request, response) => response.end(request.httpVersion));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const source = open({ mirrors: [`https://127.0.0.1:${port}/`], ca: certificate.cert, allowHttp2: true });
    expect(await source.fetch(PATH, { maxLength: 10 })).toEqual(new TextEncoder().encode('2.0'));
    await source.close();
    server.close();
  });
});

describe('a proxy', () => {
  it('tunnels http and https, with its own credentials', async ctx => {
    if (certificate === undefined) return ctx.skip('no certificate: the openssl command failed');
    const seen: string[] = [];
    const proxy = await serveProxy(seen, `Basic ${Buffer.from('user:pass').toString('base64')}`);
    const plain = await serve((request, response) =>
      response.end(String(request.headers['proxy-authorization'])),
    );
    const secure = await serve((_, response) => response.end('secret'), certificate);
    const options = { proxy: `http://user:pass@127.0.0.1:${proxy.port}`, ca: certificate.cert };
    for (const [server, text] of [
      [plain, 'undefined'],
      [secure, 'secret'],
    ] as const) {
      const bytes = await open({ mirrors: [server.url], ...options }).fetch(PATH, { maxLength: 10 });
      expect(new TextDecoder().decode(bytes ?? undefined)).toBe(text);
    }
    expect(seen).toEqual([`127.0.0.1:${plain.port}`, `127.0.0.1:${secure.port}`]);
  });

  it('that refuses or is gone is unavailable, never passed by', async () => {
    const proxy = await serveProxy([], 'Basic other');
    const server = await serve((_, response) => response.end('direct'));
    for (const address of [proxy.url, 'http://127.0.0.1:9']) {
      const fetched = open({ mirrors: [server.url], proxy: address }).fetch(PATH, { maxLength: 10 });
      await expect(fetched).rejects.toMatchObject({ code: 'HTTP_CONNECT', kind: 'unavailable' });
    }
    expect(server.requests).toHaveLength(0);
  });

  it('comes from the environment', async () => {
    const seen: string[] = [];
    const proxy = await serveProxy(seen);
    const server = await serve((_, response) => response.end('x'));
    const environment = { http_proxy: `127.0.0.1:${proxy.port}` };
    await open({ mirrors: [server.url], proxy: 'environment', environment }).fetch(PATH, { maxLength: 10 });
    expect(seen).toHaveLength(1);
    const excluded = { ...environment, NO_PROXY: '127.0.0.1' };
    await open({ mirrors: [server.url], proxy: 'environment', environment: excluded }).fetch(PATH, {
      maxLength: 10,
    });
    expect(seen).toHaveLength(1);
  });
});

describe('proxyFor', () => {
  const P = 'http://proxy:3128/';
  it.each<[string, Record<string, string>, string | null]>([
    ['https://a.example/', { HTTPS_PROXY: P }, P],
    ['https://a.example/', { HTTP_PROXY: P }, null],
    ['http://127.0.0.1/', { HTTP_PROXY: P }, P],
    ['https://a.example/', { ALL_PROXY: 'proxy:3128' }, P],
    ['https://a.example/', { https_proxy: P, HTTPS_PROXY: 'http://other/' }, P],
    ['https://a.example/', { https_proxy: '', HTTPS_PROXY: P }, null],
    ['https://a.example/', { HTTPS_PROXY: P, NO_PROXY: '*' }, null],
    ['https://a.example/', { HTTPS_PROXY: P, NO_PROXY: 'example' }, null],
    ['https://a.example/', { HTTPS_PROXY: P, NO_PROXY: '.a.example, b' }, null],
    ['https://a.example/', { HTTPS_PROXY: P, NO_PROXY: 'ample' }, P],
    ['https://a.example/', { HTTPS_PROXY: P, NO_PROXY: 'A.EXAMPLE:443' }, null],
    ['https://a.example/', { HTTPS_PROXY: P, NO_PROXY: 'a.example:8443' }, P],
    ['https://[::1]:8080/', { HTTPS_PROXY: P, NO_PROXY: '::1' }, null],
    ['https://[::1]:8080/', { HTTPS_PROXY: P, NO_PROXY: '[::1]:8081' }, P],
    ['https://a.example/', {}, null],
  ])('%s with %o goes through %j', (url, environment, proxy) => {
    expect(proxyFor(new URL(url), 'environment', environment)).toBe(proxy);
  });

  it('refuses other schemes without showing a password', () => {
    for (const option of ['socks5://user:hidden@proxy/', 'http://user:hidden@:x/']) {
      try {
        proxyFor(new URL('https://a.example/'), option, {});
        expect.unreachable();
      } catch (error) {
        expect(error).toMatchObject({ code: 'HTTP_ADDRESS' });
        expect(JSON.stringify(error) + String(error)).not.toContain('hidden');
      }
    }
  });
});
