// docs/pouf.md section 6, from both ends, and what listens on a port that is not ours.

import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { holdProxy, proveProxy, readProxyStatus, startProxy, stopProxy } from '@cargo-tuf/local-proxy';
import { describe, expect, test } from 'vitest';
import {
  atEnd,
  Clock,
  CONFIG,
  endWithTest,
  ENTRY,
  refused,
  Registry,
  request,
  run,
  SECRET,
  stranger,
  until,
} from './loopback.ts';

const OTHER_SECRET = new Uint8Array(32).fill(8);

function proof(purpose: string, port: number, nonce: string, secret = SECRET): string {
  const message = Buffer.concat([
    Buffer.from(`cargo-tuf ${purpose} proof\0`),
    Buffer.from([port >> 8, port & 255]),
    Buffer.from(nonce, 'hex'),
  ]);
  return createHmac('sha256', secret).update(message).digest('hex');
}

async function nonceOf(port: number): Promise<string> {
  return (await request(port, '/.cargo-tuf/nonce')).body.trimEnd();
}

async function guarded(port: number, kind: string, nonce: string, code: string): Promise<number> {
  return (await request(port, `/.cargo-tuf/${kind}?nonce=${nonce}&proof=${code}`)).status;
}

describe('the proof of the proxy', () => {
  test('is the HMAC that docs/pouf.md states', async () => {
    const { proxy, registry } = await run();
    const nonce = '0123456789abcdef'.repeat(4);
    const answer = await request(proxy.port, `/.cargo-tuf/proof?nonce=${nonce}`);
    expect(answer.body).toBe(`${proof('proxy', proxy.port, nonce)}\n`);
    expect(registry.pins).toBe(0);
  });
  test('is found by those who know the secret', async () => {
    const { proxy } = await run();
    expect(await proveProxy(proxy.port, SECRET)).toBe('ours');
    expect(await proveProxy(proxy.port, OTHER_SECRET)).toBe('stranger');
  });
  test('nobody listens', async () => {
    const { proxy } = await run();
    await proxy.close();
    expect(await proveProxy(proxy.port, SECRET)).toBe('absent');
  });
});

describe('strangers', () => {
  const OK = 'HTTP/1.1 200 OK\r\n';
  test.each([
    ['garbage', '\u0000\u0001garbage\r\n\r\n'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['an empty answer', `${OK}Content-Length: 0\r\n\r\n`],
    ['a proof of zeros', `${OK}Content-Length: 64\r\n\r\n${'0'.repeat(64)}`],
    ['a page', `${OK}Content-Length: 4\r\n\r\n<ht>`],
    ['404', 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'],
    ['a redirect', 'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n'],
    ['an upgrade', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'],
    ['less than it says', `${OK}Content-Length: 64\r\n\r\n00`],
  ])('that answer %s', async (_, text) => {
    const port = await stranger(socket => socket.end(Buffer.from(text, 'latin1')));
    expect(await proveProxy(port, SECRET, { timeout: 500 })).toBe('stranger');
  });
  test.each([
    ['hangs', () => undefined],
    ['closes at once', (_: (text: string) => void, end: () => void) => end()],
    [
      'drips its headers',
      (write: (text: string) => void) => {
        write('HTTP/1.1 200 OK\r\n');
        const timer = setInterval(() => write('x: y\r\n'), 50);
        atEnd(() => clearInterval(timer));
      },
    ],
    [
      'goes on with interim answers',
      (write: (text: string) => void) => {
        const timer = setInterval(() => write('HTTP/1.1 102 Processing\r\n\r\n'), 50);
        atEnd(() => clearInterval(timer));
      },
    ],
    [
      'drips its body',
      (write: (text: string) => void) => {
        write('HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n');
        const timer = setInterval(() => write('a'), 50);
        atEnd(() => clearInterval(timer));
      },
    ],
    [
      'answers without end',
      (write: (text: string) => void) => {
        write('HTTP/1.1 200 OK\r\n\r\n');
        const timer = setInterval(() => write('a'.repeat(60_000)), 1);
        atEnd(() => clearInterval(timer));
      },
    ],
  ])('one that %s is told in time', async (_, behave) => {
    const port = await stranger(socket => {
      socket.once('data', () =>
        behave(
          text => void (socket.writable && socket.write(text)),
          () => socket.destroy(),
        ),
      );
    });
    const start = Date.now();
    expect(await proveProxy(port, SECRET, { timeout: 400 })).toBe('stranger');
    expect(Date.now() - start).toBeLessThan(1500);
  });
  test('one that passes on the proof of our proxy on another port', async () => {
    const { proxy } = await run();
    const port = await stranger(socket => {
      socket.once('data', data => {
        const target = data.toString('latin1').split(' ')[1] as string;
        void request(proxy.port, target).then(({ body }) =>
          socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
        );
      });
    });
    expect(await proveProxy(port, SECRET)).toBe('stranger');
  });
  test('one that replays a proof for an older nonce', async () => {
    const answers: string[] = [];
    const { proxy } = await run();
    const nonce = '5'.repeat(64);
    answers.push((await request(proxy.port, `/.cargo-tuf/proof?nonce=${nonce}`)).body);
    const { port } = proxy;
    await proxy.close();
    await stranger(socket => {
      socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n\r\n${answers[0]}`));
    }, port);
    expect(await proveProxy(port, SECRET)).toBe('stranger');
  });
  test('gets no proof of a caller', async () => {
    const asked: string[] = [];
    const port = await stranger(socket => {
      socket.once('data', data => {
        asked.push(data.toString('latin1'));
        socket.end(`HTTP/1.1 200 OK\r\n\r\n${'0'.repeat(64)}`);
      });
    });
    for (const call of [holdProxy, stopProxy, readProxyStatus])
      await expect(call(port, SECRET)).rejects.toMatchObject({ code: 'PROXY_NOT_OURS', kind: 'security' });
    expect(asked.join('')).not.toContain('/.cargo-tuf/nonce');
    expect(asked.join('')).not.toContain('proof=');
  });
});

describe('the proof of a caller', () => {
  test('opens the guarded requests, once', async () => {
    const { proxy } = await run();
    const nonce = await nonceOf(proxy.port);
    expect(nonce).toMatch(/^[0-9a-f]{64}$/);
    const code = proof('caller', proxy.port, nonce);
    expect(await guarded(proxy.port, 'status', nonce, code)).toBe(200);
    expect(await guarded(proxy.port, 'status', nonce, code)).toBe(403);
  });
  test('is used up by a wrong attempt', async () => {
    const { proxy } = await run();
    const nonce = await nonceOf(proxy.port);
    expect(await guarded(proxy.port, 'status', nonce, '0'.repeat(64))).toBe(403);
    expect(await guarded(proxy.port, 'status', nonce, proof('caller', proxy.port, nonce))).toBe(403);
  });
  test('expires after ten seconds', async () => {
    const { proxy, clock } = await run();
    const [a, b] = [await nonceOf(proxy.port), await nonceOf(proxy.port)];
    clock.time += 10_000;
    expect(await guarded(proxy.port, 'status', a, proof('caller', proxy.port, a))).toBe(200);
    clock.time += 1;
    expect(await guarded(proxy.port, 'status', b, proof('caller', proxy.port, b))).toBe(403);
  });
  test.each([
    ['another secret', (port: number, nonce: string) => proof('caller', port, nonce, OTHER_SECRET)],
    ['another purpose', (port: number, nonce: string) => proof('proxy', port, nonce)],
    ['another port', (port: number, nonce: string) => proof('caller', port - 1, nonce)],
    ['another nonce', (port: number) => proof('caller', port, '1'.repeat(64))],
  ])('with %s is refused', async (_, make) => {
    let stopped = false;
    const { proxy, events } = await run({ onStop: () => (stopped = true) });
    for (const kind of ['hold', 'status', 'stop']) {
      const nonce = await nonceOf(proxy.port);
      expect(await guarded(proxy.port, kind, nonce, make(proxy.port, nonce))).toBe(403);
    }
    expect(stopped).toBe(false);
    expect(events.map(event => event.kind)).toEqual(['refused', 'refused', 'refused']);
    expect((await readProxyStatus(proxy.port, SECRET)).holds).toBe(0);
  });
  test('for a nonce that the proxy did not issue is refused', async () => {
    const { proxy } = await run();
    const nonce = '2'.repeat(64);
    expect(await guarded(proxy.port, 'stop', nonce, proof('caller', proxy.port, nonce))).toBe(403);
  });
  test('many who ask for nonces do not push out this user’s', async () => {
    const { proxy } = await run();
    const nonce = await nonceOf(proxy.port);
    const flood = Array.from({ length: 200 }, () => nonceOf(proxy.port));
    await Promise.all(flood);
    expect(await guarded(proxy.port, 'status', nonce, proof('caller', proxy.port, nonce))).toBe(200);
  });
  test('HEAD opens nothing', async () => {
    let stopped = false;
    const { proxy } = await run({ onStop: () => (stopped = true) });
    const nonce = await nonceOf(proxy.port);
    const target = `/.cargo-tuf/stop?nonce=${nonce}&proof=${proof('caller', proxy.port, nonce)}`;
    expect((await request(proxy.port, target, { method: 'HEAD' })).status).toBe(405);
    expect(stopped).toBe(false);
  });
});

describe('hold', () => {
  test('keeps the run, and its release ends it', async () => {
    const { proxy, registry, clock } = await run();
    const held = await holdProxy(proxy.port, SECRET);
    await request(proxy.port, CONFIG);
    clock.time += 3_600_000;
    await request(proxy.port, CONFIG);
    expect(registry.pins).toBe(1);
    expect((await readProxyStatus(proxy.port, SECRET)).holds).toBe(1);
    let released = false;
    const ended = proxy.released().then(() => (released = true));
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(released).toBe(false);
    held.release();
    await ended;
    await held.ended;
    clock.time += 15_001;
    await request(proxy.port, CONFIG);
    expect(registry.pins).toBe(2);
  });
  test('outlives the limits of a connection that says nothing', async () => {
    const { proxy } = await run({ limits: { headers: 50, request: 100, idle: 100 } });
    await holdProxy(proxy.port, SECRET);
    await new Promise(resolve => setTimeout(resolve, 500));
    expect((await readProxyStatus(proxy.port, SECRET)).holds).toBe(1);
  });
  test('ends with its process, however that ends', async () => {
    const { proxy } = await run();
    const nonce = await nonceOf(proxy.port);
    const path = `/.cargo-tuf/hold?nonce=${nonce}&proof=${proof('caller', proxy.port, nonce)}`;
    const code = `require('node:http').get('http://127.0.0.1:${proxy.port}${path}', r => r.resume())`;
    const child = endWithTest(spawn(process.execPath, ['-e', code], { stdio: 'ignore' }));
    for (let holds = 0; holds === 0; ) holds = (await readProxyStatus(proxy.port, SECRET)).holds;
    child.kill('SIGKILL');
    await once(child, 'exit');
    await proxy.released();
    expect((await readProxyStatus(proxy.port, SECRET)).holds).toBe(0);
  });
  test('ends after six hours, so that a proxy that waits for it ends', async () => {
    const { proxy } = await run({ limits: { pin: 100 } });
    const held = await holdProxy(proxy.port, SECRET);
    await proxy.released();
    await held.ended;
  });
  test('its end is told when the proxy ends', async () => {
    const { proxy } = await run();
    const held = await holdProxy(proxy.port, SECRET);
    await proxy.close();
    await held.ended;
    await expect(holdProxy(proxy.port, SECRET)).rejects.toMatchObject({
      code: 'PROXY_GONE',
      kind: 'unavailable',
    });
  });
  test('nobody holds: released at once', async () => {
    const { proxy } = await run();
    await proxy.released();
  });
});

describe('status and stop', () => {
  test('status tells what happened, refusals bounded', async () => {
    const registry = new Registry();
    registry.onCrate = () => Promise.reject(refused('sha256 of ünother file'));
    const { proxy, clock } = await run({}, registry);
    expect((await readProxyStatus(proxy.port, SECRET)).pinned).toEqual({});
    await request(proxy.port, ENTRY);
    for (let at = 0; at < 25; at++)
      await request(proxy.port, `/crates-io/dl/itoa/1.0.${at}/${'a'.repeat(64)}.crate`);
    const status = await readProxyStatus(proxy.port, SECRET);
    expect(status).toMatchObject({
      pid: process.pid,
      holds: 0,
      served: 1,
      pinned: { 'crates-io': clock.time },
    });
    expect(status.refused).toHaveLength(20);
    expect(status.refused[0]).toContain('1.0.5');
    expect(status.refused.at(-1)).toContain('1.0.24');
    expect(status.refused.at(-1)).toContain('ünother');
  });
  test('a registry that cannot be pinned is not shown as pinned', async () => {
    const registry = new Registry();
    registry.onPin = () => Promise.reject(refused());
    const { proxy } = await run({}, registry);
    await request(proxy.port, CONFIG);
    expect((await readProxyStatus(proxy.port, SECRET)).pinned).toEqual({});
  });
  test('stop tells the owner, who ends it', async () => {
    let stops = 0;
    const running = await run({
      onStop: () => {
        stops += 1;
        void running.proxy.close();
      },
    });
    expect(await stopProxy(running.proxy.port, SECRET)).toBe(true);
    expect(stops).toBe(1);
    await until(() => stops === 1);
    expect(await stopProxy(running.proxy.port, SECRET)).toBe(false);
  });
  test('a status that is none is not passed on', async () => {
    const port = await stranger(socket => {
      socket.once('data', data => {
        const target = data.toString('latin1').split(' ')[1] as string;
        const nonce = /proof\?nonce=(.+)$/.exec(target)?.[1];
        const body = nonce
          ? proof('proxy', socket.localPort as number, nonce)
          : target.endsWith('nonce')
            ? '3'.repeat(64)
            : '{"pid":1,"pid":2}';
        socket.end(`HTTP/1.1 200 OK\r\n\r\n${body}`);
      });
    });
    await expect(readProxyStatus(port, SECRET)).rejects.toMatchObject({ code: 'PROXY_GONE' });
  });
});

describe('ports', () => {
  const options = { registries: [], secret: SECRET, clock: new Clock().now };
  test('two proxies do not share one', async () => {
    const { proxy } = await run();
    await expect(startProxy({ ...options, port: proxy.port })).rejects.toMatchObject({
      code: 'PROXY_PORT_TAKEN',
      kind: 'conflict',
    });
    expect(await proveProxy(proxy.port, SECRET)).toBe('ours');
  });
  test('a proxy starts again on the port that one had, connections and holds or not', async () => {
    const first = await run();
    const { port } = first.proxy;
    await request(port, ENTRY);
    await holdProxy(port, SECRET);
    await first.proxy.close();
    const second = await run({ port });
    expect(second.proxy.port).toBe(port);
    expect((await request(port, ENTRY)).status).toBe(200);
  });
  test('closing while a request is answered ends it, and nothing else', async () => {
    const { proxy, registry, events } = await run();
    let asked = false;
    registry.onPin = async () => {
      asked = true;
      await new Promise(resolve => setTimeout(resolve, 100));
    };
    const answer = request(proxy.port, CONFIG, { wait: 1000 });
    await until(() => asked);
    await proxy.close();
    expect((await answer).body).toBe('');
    await new Promise(resolve => setTimeout(resolve, 150));
    expect(events.every(event => event.kind !== 'failed')).toBe(true);
  });
  test.each([
    ['secret', { secret: new Uint8Array(31) }],
    ['secret', { secret: new Uint8Array(0) }],
    ['port', { port: 65_536 }],
    ['port', { port: Number.NaN }],
    ['slug', { registries: [new Registry('Upper')] }],
    ['slug', { registries: [new Registry('..')] }],
    ['slug', { registries: [new Registry('')] }],
    ['slug', { registries: [new Registry('a'), new Registry('a')] }],
  ])('a wrong %s is refused', async (subject, wrong) => {
    await expect(startProxy({ ...options, port: 0, ...wrong })).rejects.toMatchObject({
      code: 'PROXY_ARGUMENT',
      message: expect.stringMatching(`^${subject}: `),
    });
  });
});
