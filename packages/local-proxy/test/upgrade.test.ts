// HTTP/2 by upgrade: cargo asks for many entries at once, under the same rules as one by one.

import {
  connect as connectHttp2,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
  sensitiveHeaders,
} from 'node:http2';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import {
  ARCHIVE,
  atEnd,
  CONFIG,
  CRATE,
  ENTRY,
  gate,
  ITOA,
  ITOA_HASH,
  parse,
  raw,
  run,
  until,
} from './loopback.ts';

const UPGRADE = [
  'Connection: Upgrade, HTTP2-Settings',
  'Upgrade: h2c',
  'HTTP2-Settings: AAMAAABkAAQAAQAAAAIAAAAA',
];
const MAGIC = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const NO_SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

interface Answer {
  readonly headers: IncomingHttpHeaders & IncomingHttpStatusHeader;
  readonly body: string;
}

function upgradeText(port: number, target: string, more: readonly string[] = [], method = 'GET'): string {
  return [`${method} ${target} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...UPGRADE, ...more, '\r\n'].join(
    '\r\n',
  );
}

/** The first request over HTTP/1.1; then the frames of the answer to it, which is stream 1. */
async function upgraded(port: number, target: string, more: readonly string[] = []): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  atEnd(() => socket.destroy());
  socket.on('error', () => undefined);
  socket.write(upgradeText(port, target, more));
  const [head] = (await new Promise(resolve => socket.once('data', chunk => resolve([chunk])))) as [Buffer];
  expect(head.toString()).toBe(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
  );
  socket.pause();
  return socket;
}

/**
 * Node's client on an upgraded connection. It makes the first request once more, as its stream 1; that frame is kept from the
 * server, which has it already, and leaves no trace in the table of header compression.
 */
async function session(port: number, target = CONFIG): Promise<ClientHttp2Session> {
  const socket = await upgraded(port, target);
  const client = connectHttp2(`http://127.0.0.1:${port}`, {
    createConnection: () => withoutFirstRequest(socket),
  });
  client.on('error', () => undefined);
  atEnd(() => client.destroy());
  await ask(client, target, { [sensitiveHeaders]: [':path', ':authority'] });
  return client;
}

function ask(client: ClientHttp2Session, path: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = client.request({ ':path': path, ...headers });
    let body = '';
    let seen: Answer['headers'] = {};
    stream.on('response', each => (seen = each));
    stream.on('data', chunk => (body += chunk));
    stream.on('end', () => resolve({ headers: seen, body }));
    stream.on('error', reject);
  });
}

describe('an upgraded connection', () => {
  test('gives the first answer as stream 1', async () => {
    const { proxy, registry } = await run();
    const long = `x-long: ${'a'.repeat(5000)}`;
    const socket = await upgraded(proxy.port, ENTRY, [long, 'If-None-Match: "x"']);
    let seen = Buffer.alloc(0);
    socket.on('data', chunk => (seen = Buffer.concat([seen, chunk])));
    socket.resume();
    socket.write(MAGIC);
    socket.write(NO_SETTINGS);
    await until(() => seen.includes(ITOA));
    const types = framesOf(seen)
      .filter(each => each.stream === 1)
      .map(each => each.type);
    expect(types.slice(0, 2)).toEqual([1, 0]);
    expect(registry.asked).toContain('itoa');
  });
  test('on which a request is taken back goes on, and the proxy reports no defect', async () => {
    const { proxy, registry, events } = await run();
    const client = await session(proxy.port);
    const { opened, open } = gate();
    registry.onEntry = async () => {
      await opened;
      return { bytes: Buffer.from('late'), sha256: ITOA_HASH };
    };
    const taken = client.request({ ':path': ENTRY });
    taken.on('error', () => undefined);
    await until(() => registry.asked.includes('itoa'));
    taken.close();
    await new Promise(resolve => taken.on('close', resolve));
    await ask(client, CONFIG);
    open();
    await until(() => events.filter(each => each.path === ENTRY).length === 1);
    expect(events.filter(each => each.kind === 'failed')).toEqual([]);
  });
  test('carries many requests side by side', async () => {
    const { proxy, registry } = await run();
    const client = await session(proxy.port);
    const { opened, open } = gate();
    const names = Array.from({ length: 100 }, (_, at) => `aaaa${at}`);
    let asked = 0;
    registry.onEntry = async name => {
      asked += 1;
      if (asked === names.length) open();
      await opened;
      return { bytes: Buffer.from(name), sha256: ITOA_HASH };
    };
    const answers = await Promise.all(names.map(name => ask(client, `/crates-io/index/aa/aa/${name}`)));
    expect(answers.map(each => each.body)).toEqual(names);
    expect(registry.pins).toBe(1);
  });
  test('serves entries, archives, tags, HEAD and absence as HTTP/1.1 does', async () => {
    const { proxy } = await run();
    const client = await session(proxy.port);
    const entry = await ask(client, ENTRY);
    expect(entry).toMatchObject({
      body: ITOA.toString(),
      headers: { ':status': 200, etag: `"${ITOA_HASH}"`, 'content-length': String(ITOA.length) },
    });
    expect((await ask(client, CRATE)).body).toBe(ARCHIVE.toString());
    expect((await ask(client, ENTRY, { 'if-none-match': `"${ITOA_HASH}"` })).headers[':status']).toBe(304);
    const head = await ask(client, ENTRY, { ':method': 'HEAD' });
    expect(head).toMatchObject({ body: '', headers: { 'content-length': String(ITOA.length) } });
    expect((await ask(client, '/crates-io/index/no/ne/none')).headers[':status']).toBe(404);
  });
  test.each([
    ['another host', { ':authority': 'evil.example' }, 421],
    ['a second host', { host: 'evil.example' }, 421],
    ['a web page', { origin: 'http://evil.example' }, 403],
    ['a browser', { 'sec-fetch-site': 'cross-site' }, 403],
    ['another method', { ':method': 'POST' }, 405],
    ['another path', { ':path': '//127.0.0.1/x' }, 400],
    ['a request of our own programs', { ':path': '/.cargo-tuf/nonce' }, 400],
    ['a release', { ':path': '/rust-releases/dist/channel-rust-stable.toml' }, 400],
  ])('refuses %s', async (_, headers, status) => {
    const { proxy, registry } = await run();
    const client = await session(proxy.port, '/crates-io/index/no/ne/none');
    const answer = await ask(client, ENTRY, { ':authority': `127.0.0.1:${proxy.port}`, ...headers });
    expect(answer.headers[':status']).toBe(status);
    expect(registry.asked).not.toContain('itoa');
  });
  test('refuses a body', async () => {
    const { proxy, registry } = await run();
    const client = await session(proxy.port);
    const stream = client.request({ ':path': ENTRY }, { endStream: false });
    const status = new Promise(resolve => stream.on('response', each => resolve(each[':status'])));
    stream.end('x');
    expect(await status).toBe(400);
    expect(registry.asked).toEqual([]);
  });
  test('ends with the proxy', async () => {
    const { proxy } = await run();
    const client = await session(proxy.port);
    await ask(client, ENTRY);
    await proxy.close();
    await until(() => client.destroyed);
  });
  test('ends when nothing is said for long', async () => {
    const { proxy } = await run({ limits: { idle: 100 } });
    const client = await session(proxy.port);
    await until(() => client.destroyed, 3000);
  });
});

describe('no upgrade', () => {
  test.each([
    ['another host', `Host: evil.example`, 421],
    ['a web page', 'Origin: http://evil.example', 403],
    ['a body', 'Content-Length: 3', 400],
  ])('is agreed to for %s', async (_, header, status) => {
    const { proxy, registry } = await run();
    const host = header.startsWith('Host') ? '' : `Host: 127.0.0.1:${proxy.port}\r\n`;
    const text = await raw(
      proxy.port,
      `GET ${ENTRY} HTTP/1.1\r\n${host}${[...UPGRADE, header].join('\r\n')}\r\n\r\n`,
    );
    expect(parse(text).status).toBe(status);
    expect(registry.pins).toBe(0);
  });
  test.each([
    ['websocket', ['Connection: Upgrade', 'Upgrade: websocket']],
    ['h2c without settings', ['Connection: Upgrade', 'Upgrade: h2c']],
    [
      'h2c that is not named in Connection',
      ['Connection: Upgrade', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'],
    ],
  ])('is made for %s: the request is served, and the connection ends', async (_, headers) => {
    const { proxy } = await run();
    const text = await raw(
      proxy.port,
      `GET ${ENTRY} HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\n${headers.join('\r\n')}\r\n\r\n`,
      2000,
    );
    const answer = parse(text);
    expect(answer).toMatchObject({ status: 200, body: ITOA.toString() });
    expect(answer.headers.get('connection')).toBe('close');
  });
  test.each([
    ['no preface', 'GET / HTTP/1.1\r\n\r\n'],
    [
      'another frame than SETTINGS',
      Buffer.concat([Buffer.from(MAGIC), Buffer.from([0, 0, 0, 1, 5, 0, 0, 0, 3])]),
    ],
    ['long SETTINGS', Buffer.concat([Buffer.from(MAGIC), Buffer.from([0, 1, 0, 4, 0, 0, 0, 0, 0])])],
  ])('survives %s', async (_, bytes) => {
    const { proxy, registry } = await run();
    const socket = await upgraded(proxy.port, ENTRY);
    socket.resume();
    socket.write(bytes);
    await until(() => socket.destroyed);
    expect(registry.asked).toEqual([]);
  });
  test('waits for a preface that does not come', async () => {
    const { proxy } = await run({ limits: { headers: 100 } });
    const socket = await upgraded(proxy.port, ENTRY);
    socket.resume();
    await until(() => socket.destroyed, 3000);
  });
});

function withoutFirstRequest(socket: Socket): Duplex {
  let frames = Buffer.alloc(0);
  let begun = false;
  const pass = (): void => {
    if (!begun && frames.length >= MAGIC.length) {
      begun = true;
      socket.write(MAGIC);
      frames = frames.subarray(MAGIC.length);
    }
    while (begun && frames.length >= 9 && frames.length >= 9 + frames.readUIntBE(0, 3)) {
      const end = 9 + frames.readUIntBE(0, 3);
      const isFirst = frames[3] === 1 && frames.readUInt32BE(5) === 1;
      if (!isFirst) socket.write(frames.subarray(0, end));
      frames = frames.subarray(end);
    }
  };
  const duplex = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, done) => {
      frames = Buffer.concat([frames, chunk]);
      pass();
      done();
    },
    destroy: (_, done) => {
      socket.destroy();
      done(null);
    },
  });
  socket.on('close', () => duplex.destroy());
  socket.on('data', (chunk: Buffer) => duplex.push(chunk));
  socket.resume();
  return duplex;
}

function framesOf(bytes: Buffer): { readonly type: number; readonly stream: number }[] {
  const frames = [];
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3))
    frames.push({ type: bytes[at + 3] as number, stream: bytes.readUInt32BE(at + 5) });
  return frames;
}
