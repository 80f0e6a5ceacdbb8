import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  ARCHIVE,
  ARCHIVE_HASH,
  CONFIG,
  CRATE,
  ENTRY,
  gate,
  ITOA,
  ITOA_HASH,
  refused,
  Registry,
  request,
  run,
  until,
} from './loopback.ts';

describe('what was verified', () => {
  test('config.json names this port', async () => {
    const { proxy } = await run();
    const answer = await request(proxy.port, CONFIG);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBeUndefined();
    expect(answer.body).toBe(
      `{"dl":"http://127.0.0.1:${proxy.port}/crates-io/dl/{crate}/{version}/{sha256-checksum}.crate"}`,
    );
    expect(proxy.url).toBe(`http://127.0.0.1:${proxy.port}/`);
  });
  test('entries and archives, with exact length and tag', async () => {
    const { proxy, registry } = await run();
    const entry = await request(proxy.port, ENTRY);
    expect(entry).toMatchObject({ status: 200, body: ITOA.toString() });
    expect(entry.headers.get('content-length')).toBe(String(ITOA.length));
    expect(entry.headers.get('etag')).toBe(`"${ITOA_HASH}"`);
    const crate = await request(proxy.port, CRATE);
    expect(crate).toMatchObject({ status: 200, body: ARCHIVE.toString() });
    expect(crate.headers.get('content-length')).toBe(String(ARCHIVE.length));
    expect(registry.asked).toEqual(['itoa', 'prefetch itoa', `itoa 1.0.1 ${ARCHIVE_HASH}`]);
  });
  test.each([CONFIG, ENTRY, CRATE])('HEAD %s has the headers and no body', async target => {
    const { proxy } = await run();
    const [head, get] = [
      await request(proxy.port, target, { method: 'HEAD' }),
      await request(proxy.port, target),
    ];
    expect(head).toMatchObject({ status: 200, body: '' });
    for (const name of ['content-length', 'content-type', 'etag'])
      expect(head.headers.get(name)).toBe(get.headers.get(name));
  });
  test.each([
    [`"${ITOA_HASH}"`, 304],
    [`"${ARCHIVE_HASH}"`, 200],
    [`W/"${ITOA_HASH}"`, 200],
    [ITOA_HASH, 200],
    ['*', 200],
    [`"${ITOA_HASH}", "x"`, 200],
  ])('If-None-Match: %s gives %i', async (tag, status) => {
    const { proxy } = await run();
    const answer = await request(proxy.port, ENTRY, { headers: [`If-None-Match: ${tag}`] });
    expect(answer.status).toBe(status);
    expect(answer.body).toBe(status === 304 ? '' : ITOA.toString());
    expect(answer.headers.get('etag')).toBe(`"${ITOA_HASH}"`);
  });
  test('an entry that is absent any more has no 304', async () => {
    const { proxy } = await run();
    const answer = await request(proxy.port, '/crates-io/index/no/ne/none', {
      headers: [`If-None-Match: "${ITOA_HASH}"`],
    });
    expect(answer.status).toBe(404);
  });
  test('Range is not taken: the whole is what was verified', async () => {
    const { proxy } = await run();
    const answer = await request(proxy.port, CRATE, { headers: ['Range: bytes=1-2'] });
    expect(answer).toMatchObject({ status: 200, body: ARCHIVE.toString() });
  });
  test('an empty entry is served as it is', async () => {
    const { proxy, registry } = await run();
    registry.onEntry = async () => ({ bytes: Buffer.alloc(0), sha256: '0'.repeat(64) });
    const answer = await request(proxy.port, ENTRY);
    expect(answer).toMatchObject({ status: 200, body: '' });
    expect(answer.headers.get('content-length')).toBe('0');
  });
});

describe('absence', () => {
  test('of a crate', async () => {
    const { proxy, events } = await run();
    const answer = await request(proxy.port, '/crates-io/index/no/ne/none');
    expect(answer).toMatchObject({ status: 404, body: 'the signed index proves that there is none\n' });
    expect(events.map(event => event.kind)).toEqual(['absent']);
  });
  test('of a version with that checksum, which cargo prints', async () => {
    const { proxy } = await run();
    const answer = await request(proxy.port, `/crates-io/dl/itoa/9.9.9/${'a'.repeat(64)}.crate`);
    expect(answer.status).toBe(404);
    expect(answer.body).toMatch(/^cargo-tuf refused itoa 9\.9\.9: .*aaaa \[PROXY_NO_CRATE\]\n.+\n$/);
  });
});

describe('refusals', () => {
  test.each([CONFIG, ENTRY, CRATE])('%s: an unusable registry says why', async target => {
    const registry = new Registry();
    registry.onPin = async () => {
      throw refused();
    };
    const { proxy, events } = await run({}, registry);
    const answer = await request(proxy.port, target);
    expect(answer.status).toBe(403);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(answer.headers.get('retry-after')).toBeUndefined();
    expect(answer.body).toMatch(
      /^cargo-tuf refused .+: timestamp: expired 3 days ago \[TEST_EXPIRED\]\ntell the maintainers\n$/,
    );
    expect(events).toMatchObject([{ kind: 'refused', status: 403, path: target }]);
  });
  test('HEAD of a refusal has no body', async () => {
    const registry = new Registry();
    registry.onPin = () => Promise.reject(refused());
    const { proxy } = await run({}, registry);
    const answer = await request(proxy.port, ENTRY, { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 403, body: '' });
  });
  test.each([
    ['long', 'x'.repeat(5000)],
    ['control characters', '\u001b[2J\u0007\u202e\u0000\r\nSet-Cookie: a'.repeat(50)],
    ['astral', '\u{1f600}'.repeat(1000)],
    ['lone surrogates', '\ud800'.repeat(1000)],
  ])('%s: at most 512 characters, printable, with code and hint', async (_, message) => {
    const registry = new Registry();
    registry.onEntry = () => Promise.reject(refused(message, 'TEST_LONG_CODE'));
    const { proxy } = await run({}, registry);
    const { status, headers, body } = await request(proxy.port, ENTRY);
    const text = Buffer.from(body, 'latin1').toString('utf8');
    expect(status).toBe(403);
    expect(headers.has('set-cookie')).toBe(false);
    expect(text.length).toBeLessThanOrEqual(512);
    expect(text).toMatch(/^cargo-tuf refused itoa: .+ \[TEST_LONG_CODE\]\ntell the maintainers\n$/);
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}/u);
  });
  test('the longest name, version and hint still leave room for the code', async () => {
    const registry = new Registry();
    registry.onCrate = () => Promise.reject(refused('m'.repeat(900), `C${'_'.repeat(30)}`));
    const { proxy } = await run({}, registry);
    const target = `/crates-io/dl/${'a'.repeat(64)}/1.0.0-${'b'.repeat(144)}/${ARCHIVE_HASH}.crate`;
    const answer = await request(proxy.port, target);
    const body = Buffer.from(answer.body, 'latin1').toString('utf8');
    expect(body.length).toBeLessThanOrEqual(512);
    expect(body).toContain(`[C${'_'.repeat(30)}]\ntell the maintainers`);
  });
  test('a defect of ours gives 403 INTERNAL, and its cause to the log alone', async () => {
    const registry = new Registry();
    registry.onEntry = () => Promise.reject(new TypeError('undefined is not secret.ts:3\u001b[2J'));
    const { proxy, events } = await run({}, registry);
    const answer = await request(proxy.port, ENTRY);
    expect(answer.status).toBe(403);
    expect(answer.body).toContain('a defect of the proxy [INTERNAL]');
    expect(answer.body).not.toContain('secret.ts:3');
    expect(events).toMatchObject([{ kind: 'failed', status: 403 }]);
    expect(events[0]?.message).toContain('TypeError: undefined is not secret.ts:3\\u{1b}[2J');
  });
  test.each([
    [
      'throws in pin',
      {
        pin: () => {
          throw new Error('at once');
        },
      },
    ],
    ['pins nothing', { pin: async () => undefined }],
    ['throws a string', { pin: () => Promise.reject('no error at all') }],
    ['gives no tag', { pin: async () => ({ entry: async () => ({ bytes: ITOA, sha256: 'a\r\nX: y' }) }) }],
    ['gives no bytes', { pin: async () => ({ entry: async () => ({ bytes: null, sha256: ITOA_HASH }) }) }],
  ])('a registry that %s does not end the proxy', async (_, wrong) => {
    const { proxy, events } = await run({
      registries: [{ slug: 'crates-io', ...wrong } as unknown as Registry],
    });
    const answer = await request(proxy.port, ENTRY);
    expect(answer.status === 403 || answer.body === '').toBe(true);
    expect(answer.headers.has('x')).toBe(false);
    expect(events.at(-1)?.kind).toBe('failed');
    expect((await request(proxy.port, '/.cargo-tuf/nonce')).status).toBe(200);
  });
  test('one crate that is refused takes no other with it', async () => {
    const { proxy, registry } = await run();
    registry.onCrate = () => Promise.reject(refused('sha256 of another file'));
    expect((await request(proxy.port, CRATE)).status).toBe(403);
    expect((await request(proxy.port, ENTRY)).status).toBe(200);
  });
});

describe('waiting', () => {
  test('503 with Retry-After; the work goes on and the retry gets it', async () => {
    const { proxy, registry, events } = await run({ limits: { answer: 60 } });
    const slow = gate();
    registry.onCrate = async () => {
      await slow.opened;
      return ARCHIVE;
    };
    const first = await request(proxy.port, CRATE);
    expect(first.status).toBe(503);
    expect(Number(first.headers.get('retry-after'))).toBeLessThanOrEqual(10);
    expect((await request(proxy.port, CRATE)).status).toBe(503);
    slow.open();
    expect(await request(proxy.port, CRATE)).toMatchObject({ status: 200, body: ARCHIVE.toString() });
    expect(registry.asked).toHaveLength(1);
    expect(events.map(event => event.kind)).toEqual(['waiting', 'waiting', 'served']);
  });
  test('a slow pin is one pin for all who wait, and its reason is kept for the retry', async () => {
    const slow = gate();
    const registry = new Registry();
    registry.onPin = async () => {
      await slow.opened;
      throw refused();
    };
    const { proxy, clock } = await run({ limits: { answer: 60 } }, registry);
    const answers = await Promise.all(
      [CONFIG, ENTRY, CRATE].map(each => request(proxy.port, each, { wait: 500 })),
    );
    expect(answers.map(each => each.status)).toEqual([503, 503, 503]);
    clock.time += 20_000;
    expect((await request(proxy.port, CONFIG)).status).toBe(503);
    slow.open();
    clock.time += 10_000;
    const retry = await request(proxy.port, CONFIG);
    expect(retry.status).toBe(403);
    expect(retry.body).toContain('[TEST_EXPIRED]');
    expect(registry.pins).toBe(1);
  });
  test('a late success of a pin serves the retry', async () => {
    const slow = gate();
    const registry = new Registry();
    registry.onPin = () => slow.opened;
    const { proxy, clock } = await run({ limits: { answer: 60 } }, registry);
    expect((await request(proxy.port, CONFIG)).status).toBe(503);
    clock.time += 22_000;
    slow.open();
    await new Promise(resolve => setTimeout(resolve, 10));
    clock.time += 8_000;
    expect((await request(proxy.port, CONFIG)).status).toBe(200);
    expect(registry.pins).toBe(1);
  });
  test('the late answer of one run is no answer to the next run', async () => {
    const { proxy, registry, clock } = await run({ limits: { answer: 60 } });
    const slow = gate();
    const own = registry.onEntry;
    registry.onEntry = async (name, pin) => {
      await slow.opened;
      return own(name, pin);
    };
    const target = '/crates-io/index/pi/nn/pinned';
    expect((await request(proxy.port, target)).status).toBe(503);
    slow.open();
    await new Promise(resolve => setTimeout(resolve, 10));
    clock.time += 60_000;
    expect((await request(proxy.port, target)).body).toBe('pin 2');
  });
  test('an answer that nobody comes back for is forgotten', async () => {
    const { proxy, registry } = await run({ limits: { answer: 60, kept: 50 } });
    registry.onCrate = async () => {
      await new Promise(resolve => setTimeout(resolve, 100));
      return ARCHIVE;
    };
    expect((await request(proxy.port, CRATE)).status).toBe(503);
    await new Promise(resolve => setTimeout(resolve, 250));
    expect((await request(proxy.port, CRATE)).status).toBe(503);
    expect(registry.asked).toHaveLength(2);
  });
  test('many who ask for one thing share the work', async () => {
    const { proxy, registry } = await run();
    const slow = gate();
    registry.onCrate = async () => {
      await slow.opened;
      return ARCHIVE;
    };
    const answers = Array.from({ length: 20 }, () => request(proxy.port, CRATE, { wait: 1000 }));
    await until(() => registry.asked.length > 0);
    await new Promise(resolve => setTimeout(resolve, 50));
    slow.open();
    expect((await Promise.all(answers)).every(each => each.status === 200)).toBe(true);
    expect(registry.asked).toHaveLength(1);
  });
});

test('two registries do not mix', async () => {
  const [a, b] = [new Registry('crates-io'), new Registry('00aa')];
  b.onEntry = async () => undefined;
  const { proxy } = await run({ registries: () => [a, b] });
  expect((await request(proxy.port, ENTRY)).status).toBe(200);
  expect((await request(proxy.port, '/00aa/index/it/oa/itoa')).status).toBe(404);
  expect((await request(proxy.port, '/00aa/index/config.json')).body).toContain('/00aa/dl/');
  expect([a.pins, b.pins]).toEqual([1, 1]);
});

test('bytes arrive as they are, whatever their size', async () => {
  const { proxy, registry } = await run();
  const bytes = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, at) => (at * 7) % 256));
  registry.onCrate = async () => bytes;
  const answer = await request(proxy.port, CRATE, { wait: 1000 });
  const hash = (each: Buffer): string => createHash('sha256').update(each).digest('hex');
  expect(hash(Buffer.from(answer.body, 'latin1'))).toBe(hash(bytes));
});
