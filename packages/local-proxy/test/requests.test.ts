// What cargo never sends and an attacker might: every row of it gets its refusal, and nothing is asked of a registry.

import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  ARCHIVE_HASH,
  atEnd,
  cargoHeaders,
  CONFIG,
  CRATE,
  ENTRY,
  parse,
  raw,
  request,
  run,
} from './loopback.ts';

describe('host names', () => {
  const accepted = ['127.0.0.1:PORT', 'localhost:PORT', '[::1]:PORT'];
  const refused = [
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1',
    '127.0.0.1:1',
    'localhost',
    'localhost.:PORT',
    'LOCALHOST:PORT',
    'tuf.localhost:PORT',
    '127.0.0.1.evil.example:PORT',
    '127.0.0.2:PORT',
    '127.1:PORT',
    '2130706433:PORT',
    '0.0.0.0:PORT',
    '[::ffff:127.0.0.1]:PORT',
    '[::]:PORT',
    'user@127.0.0.1:PORT',
    '127.0.0.1:PORT, evil.example',
    '127.0.0.1:0PORT',
    '',
  ];
  test.each(accepted)('%s is this machine', async host => {
    const { proxy } = await run();
    const name = host.replace('PORT', String(proxy.port));
    const answer = parse(await raw(proxy.port, `GET ${ENTRY} HTTP/1.1\r\nHost: ${name}\r\n\r\n`));
    expect(answer.status).toBe(200);
  });
  test.each(refused)('"%s" is refused', async host => {
    const { proxy, registry } = await run();
    const name = host.replace('PORT', String(proxy.port));
    const answer = parse(await raw(proxy.port, `GET ${ENTRY} HTTP/1.1\r\nHost: ${name}\r\n\r\n`));
    expect(answer.status).toBe(421);
    expect(answer.headers.get('connection')).toBe('close');
    expect(registry.pins).toBe(0);
  });
  test.each([
    ['twice', 'Host: 127.0.0.1:PORT\r\nHost: 127.0.0.1:PORT', 421],
    ['twice, the wrong one last', 'Host: 127.0.0.1:PORT\r\nhOST: evil.example', 421],
    ['twice, the wrong one first', 'Host: evil.example\r\nHost: 127.0.0.1:PORT', 421],
    ['not at all', 'Accept: */*', 400],
  ])('%s', async (_, headers, status) => {
    const { proxy, registry } = await run();
    const text = headers.replaceAll('PORT', String(proxy.port));
    expect(parse(await raw(proxy.port, `GET ${ENTRY} HTTP/1.1\r\n${text}\r\n\r\n`)).status).toBe(status);
    expect(registry.pins).toBe(0);
  });
  test('a second host does not hide behind many headers', async () => {
    const { proxy, registry } = await run();
    const many = Array.from({ length: 1010 }, () => 'a:b');
    const answer = await request(proxy.port, ENTRY, { headers: [...many, 'Host: evil.example'] });
    expect(answer.status).toBe(400);
    expect(registry.pins).toBe(0);
  });
});

describe('targets', () => {
  const outside = [
    '/',
    '//evil.example/x',
    '//crates-io/index/it/oa/itoa',
    'http://127.0.0.1/crates-io/index/config.json',
    'http://evil.example/crates-io/index/config.json',
    'crates-io/index/config.json',
    '*',
    'http:\\\\evil.example\\x',
    '/crates-io@evil.example/index/config.json',
    '/crates-io/index/../index/config.json',
    '/crates-io/index/../../etc/passwd',
    '/a/../../etc/passwd',
    '/./crates-io/index/config.json',
    '/crates-io/index/%2e%2e/config.json',
    '/crates-io/index/it%2foa/itoa',
    '/crates-io/index/it/oa/%69toa',
    '/crates-io/index/it/oa/itoa%00',
    '/crates-io/index/it/oa/itoa%0d%0aSet-Cookie:%20a',
    '/crates-io/index/it/oa/%25%36%39toa',
    '/crates-io/index/it/oa/%c0%aftoa',
    '/crates-io/index/it\\oa\\itoa',
    '/crates-io/index/it/oa/itoa;x',
    '/crates-io/index/it/oa/itoa.',
    '/crates-io/index/it/oa/itoa/',
    '/crates-io/index//it/oa/itoa',
    '/crates-io//index/it/oa/itoa',
    '/crates-io/index/it/oa/itoa?url=http://evil.example',
    '/crates-io/index/config.json?',
    '/crates-io/index/config.json#a',
    '/crates-io/index/config%2ejson',
    '/crates-io/index/Config.json',
    '/Crates-io/index/config.json',
    '/crates.io/index/config.json',
    '/crates-io/index/',
    '/crates-io/index',
    '/crates-io/index/it/oa/xx/itoa',
    '/crates-io/dl/itoa/1.0.1/download',
    `/crates-io/dl/itoa/1.0.1/${ARCHIVE_HASH.toUpperCase()}.crate`,
    `/crates-io/dl/itoa/1.0.1/${ARCHIVE_HASH}0.crate`,
    `/crates-io/dl/itoa/1.0.1/${ARCHIVE_HASH}.crate/`,
    `/crates-io/dl/itoa/../${ARCHIVE_HASH}.crate`.replace('/../', '/1.0.1%2f../'),
    `/crates-io/dl/itoa/1.0.1%00/${ARCHIVE_HASH}.crate`,
    `/crates-io/dl/itoa/1.0.1%20/${ARCHIVE_HASH}.crate`,
    `/crates-io/dl/itoa/1.0.1%252B1/${ARCHIVE_HASH}.crate`,
    `/crates-io/dl/1toa/1.0.1/${ARCHIVE_HASH}.crate`,
    `/crates-io/dl/${'a'.repeat(65)}/1.0.1/${ARCHIVE_HASH}.crate`,
    `/crates-io/dl/itoa/${'1'.repeat(151)}/${ARCHIVE_HASH}.crate`,
    `/${'a'.repeat(65)}/index/config.json`,
    `/crates-io/index/aa/aa/${'a'.repeat(65)}`,
    '/.cargo-tuf/proof',
    '/.cargo-tuf/proof?nonce=00',
    `/.cargo-tuf/proof?nonce=${'0'.repeat(63)}G`,
    `/.cargo-tuf/proof?nonce=${'A'.repeat(64)}`,
    `/.cargo-tuf/proof?nonce=${'0'.repeat(64)}&nonce=${'0'.repeat(64)}`,
    '/.cargo-tuf/stop',
    `/.cargo-tuf/stop?nonce=${'0'.repeat(64)}`,
    '/.cargo-tuf/../crates-io/index/config.json',
    '/favicon.ico',
  ];
  test.each(outside)('%s is outside the grammar', async target => {
    const { proxy, registry } = await run();
    const answer = await request(proxy.port, target);
    expect(answer.status).toBe(400);
    expect(answer.body).not.toContain('evil');
    expect(registry.pins).toBe(0);
  });
  test.each([
    '/crates-io/index/it/oa/ITOA',
    '/crates-io/index/it/oa/itob/itoa',
    '/crates-io/index/xx/oa/itoa',
    '/crates-io/index/4/itoa',
    '/crates-io/index/2/a',
    '/crates-io/index/3/b/abc',
    '/crates-io/index/_f/oo/_foo',
    '/crates-io/index/1/1',
  ])('%s can be no crate: absent, or outside', async target => {
    const { proxy, registry } = await run();
    expect([400, 404]).toContain((await request(proxy.port, target)).status);
    expect(registry.pins).toBe(0);
  });
  test('a name that cargo asks for and no crate can have is absent', async () => {
    const { proxy } = await run();
    expect((await request(proxy.port, '/crates-io/index/_f/oo/_foo')).status).toBe(404);
  });
  test.each([
    ['/crates-io/index/1/a', 'a'],
    ['/crates-io/index/2/ab', 'ab'],
    ['/crates-io/index/3/a/abc', 'abc'],
    ['/crates-io/index/ab/cd/abcd', 'abcd'],
    ['/crates-io/index/a-/_0/a-_0', 'a-_0'],
    [`/crates-io/index/aa/aa/${'a'.repeat(64)}`, 'a'.repeat(64)],
  ])('%s is the path of %s', async (target, name) => {
    const { proxy, registry } = await run();
    expect((await request(proxy.port, target)).status).toBe(404);
    expect(registry.asked).toEqual([name]);
  });
  test.each(['1.0.1+build.2', '1.0.1%2Bbuild.2', '1.0.1%2bbuild.2'])('version %s', async version => {
    const { proxy, registry } = await run();
    await request(proxy.port, `/crates-io/dl/itoa/${version}/${ARCHIVE_HASH}.crate`);
    expect(registry.asked).toEqual([`itoa 1.0.1+build.2 ${ARCHIVE_HASH}`]);
  });
  test('bytes above ASCII and raw control bytes reach nothing', async () => {
    const { proxy, registry } = await run();
    for (const byte of [0x00, 0x09, 0x0b, 0x7f, 0x80, 0xc3, 0xff]) {
      const head = Buffer.from('GET /crates-io/index/it/oa/itoa');
      const tail = Buffer.from(` HTTP/1.1\r\n${cargoHeaders(proxy.port)}`);
      const answer = parse(await raw(proxy.port, Buffer.concat([head, Buffer.from([byte]), tail])));
      expect(answer.status).toBe(400);
    }
    expect(registry.pins).toBe(0);
  });
  test('the length is bounded', async () => {
    const { proxy } = await run({ limits: { target: ENTRY.length } });
    expect((await request(proxy.port, ENTRY)).status).toBe(200);
    expect((await request(proxy.port, `${ENTRY}x`)).status).toBe(400);
    expect((await request(proxy.port, `/${'a'.repeat(9000)}`)).status).toBe(431);
  });
  test('a registry that is not there is refused with its name', async () => {
    const { proxy, registry } = await run();
    const answer = await request(proxy.port, '/other/index/config.json');
    expect(answer.status).toBe(403);
    expect(answer.body).toContain('no registry other is trusted [PROXY_NO_REGISTRY]');
    expect(registry.pins).toBe(0);
  });
});

describe('methods, bodies, versions', () => {
  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND'])('%s', async method => {
    const { proxy, registry } = await run();
    expect((await request(proxy.port, ENTRY, { method })).status).toBe(405);
    expect(registry.pins).toBe(0);
  });
  test('CONNECT opens no tunnel', async () => {
    const { proxy } = await run();
    const text = await raw(proxy.port, `CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n`);
    expect(text).not.toContain(' 200 ');
  });
  test.each([
    ['Transfer-Encoding: chunked', '0\r\n\r\n', 400],
    ['Transfer-Encoding: xchunked', '', 400],
    ['Transfer-Encoding: identity', '', 400],
    ['transfer-encoding: chunked\r\nContent-Length: 5', '0\r\n\r\n', 400],
    ['Content-Length: 5', 'hello', 400],
    ['Content-Length: 0\r\nContent-Length: 0', '', 400],
    ['Content-Length: +0', '', 400],
    ['Content-Length : 0', '', 400],
    ['Accept: a\r\n folded', '', 400],
  ])('%s', async (header, body, status) => {
    const { proxy, registry } = await run();
    const head = `GET ${ENTRY} HTTP/1.1\r\n${cargoHeaders(proxy.port, [header])}`;
    expect(parse(await raw(proxy.port, head + body)).status).toBe(status);
    expect(registry.pins).toBe(0);
  });
  test('Content-Length: 0 is no body', async () => {
    const { proxy } = await run();
    expect((await request(proxy.port, ENTRY, { headers: ['Content-Length: 0'] })).status).toBe(200);
  });
  test('a refused body is not read as the next request', async () => {
    const { proxy, registry } = await run();
    const inner = `GET ${ENTRY} HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\n\r\n`;
    const text = await raw(
      proxy.port,
      `POST ${ENTRY} HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\nTransfer-Encoding: xchunked\r\n\r\n${inner}`,
    );
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(registry.pins).toBe(0);
  });
  test.each(['HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/1.2'])('%s is refused', async version => {
    const { proxy, registry } = await run();
    const text = await raw(proxy.port, `GET ${ENTRY} ${version}\r\n${cargoHeaders(proxy.port)}`);
    expect(parse(text).status).toBe(400);
    expect(registry.pins).toBe(0);
  });
  test('a request without a version is refused', async () => {
    const { proxy, registry } = await run();
    expect(await raw(proxy.port, `GET ${ENTRY}\r\n\r\n`)).not.toContain('itoa');
    expect(registry.pins).toBe(0);
  });
  test('bare line feeds are refused', async () => {
    const { proxy, registry } = await run();
    await raw(proxy.port, `GET ${ENTRY} HTTP/1.1\nHost: 127.0.0.1:${proxy.port}\n\n`);
    expect(registry.pins).toBe(0);
  });
});

describe('browsers', () => {
  test.each([
    'Origin: http://evil.example',
    'Origin: null',
    'origin: http://127.0.0.1',
    'Sec-Fetch-Site: cross-site',
    'Sec-Fetch-Site: same-origin',
    'Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site',
  ])('%s is refused', async header => {
    const { proxy, registry } = await run();
    const answer = await request(proxy.port, ENTRY, { headers: [header] });
    expect(answer.status).toBe(403);
    expect([...answer.headers.keys()].filter(name => name.startsWith('access-control'))).toEqual([]);
    expect(registry.pins).toBe(0);
  });
  test('Sec-Fetch-Site: none is a person that typed the address', async () => {
    const { proxy } = await run();
    expect((await request(proxy.port, ENTRY, { headers: ['Sec-Fetch-Site: none'] })).status).toBe(200);
  });
});

describe('cargo', () => {
  test('requests one after the other on one connection are answered in order', async () => {
    const { proxy, registry } = await run();
    registry.onEntry = async name => {
      await new Promise(resolve => setTimeout(resolve, name === 'aaaa' ? 50 : 0));
      return { bytes: Buffer.from(name), sha256: '0'.repeat(64) };
    };
    const host = `HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\n\r\n`;
    const text = await raw(
      proxy.port,
      `GET /crates-io/index/aa/aa/aaaa ${host}GET /crates-io/index/bb/bb/bbbb ${host}GET ${CONFIG} ${host}`,
    );
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(3);
    const [a, b, dl] = ['aaaa', 'bbbb', '"dl"'].map(each => text.indexOf(each)) as [number, number, number];
    expect(a > 0 && a < b && b < dl).toBe(true);
  });
});

describe('slow and many', () => {
  test('headers that do not end', async () => {
    const { proxy } = await run({ limits: { headers: 100, request: 200 } });
    const start = Date.now();
    const text = await raw(proxy.port, `GET ${ENTRY} HTTP/1.1\r\nHost: 127.0.0.1`, 3000);
    expect(text).toContain(' 408 ');
    expect(Date.now() - start).toBeLessThan(2500);
  });
  test('a connection that says nothing', async () => {
    const { proxy } = await run({ limits: { headers: 100, request: 200 } });
    const start = Date.now();
    await raw(proxy.port, '', 3000);
    expect(Date.now() - start).toBeLessThan(2500);
  });
  test('a client that does not read its answer', async () => {
    const { proxy, registry } = await run({ limits: { idle: 200 } });
    registry.onCrate = async () => Buffer.alloc(32 * 1024 * 1024);
    const socket = connect(proxy.port, '127.0.0.1');
    atEnd(() => socket.destroy());
    let ended = false;
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(`GET ${CRATE} HTTP/1.1\r\n${cargoHeaders(proxy.port)}`);
    await new Promise(resolve => setTimeout(resolve, 1500));
    socket.on('close', () => {
      ended = true;
    });
    let received = 0;
    socket.on('data', chunk => {
      received += chunk.length;
    });
    socket.resume();
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(ended).toBe(true);
    expect(received).toBeLessThan(32 * 1024 * 1024);
  });
  test('connections are bounded', async () => {
    const { proxy } = await run({ limits: { connections: 2 } });
    const idle = [connect(proxy.port, '127.0.0.1'), connect(proxy.port, '127.0.0.1')];
    for (const socket of idle) atEnd(() => socket.destroy());
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(await raw(proxy.port, `GET ${ENTRY} HTTP/1.1\r\n${cargoHeaders(proxy.port)}`)).toBe('');
    for (const socket of idle) socket.destroy();
    await new Promise(resolve => setTimeout(resolve, 50));
    expect((await request(proxy.port, ENTRY)).status).toBe(200);
  });
  test('header bytes and header count are bounded', async () => {
    const { proxy } = await run();
    const many = (count: number): string[] => Array.from({ length: count }, (_, at) => `x${at}: 1`);
    expect((await request(proxy.port, ENTRY, { headers: many(58) })).status).toBe(200);
    expect((await request(proxy.port, ENTRY, { headers: many(59) })).status).toBe(400);
    expect((await request(proxy.port, ENTRY, { headers: [`x: ${'y'.repeat(9000)}`] })).status).toBe(431);
  });
});
