// Which state a request sees. The registry counts its pins, and each state says which it is.

import { expect, test } from 'vitest';
import { CONFIG, gate, refused, Registry, request, run, type Running, until } from './loopback.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
const PINNED = '/crates-io/index/pi/nn/pinned';

async function seen({ proxy }: Running): Promise<string> {
  const { status, body } = await request(proxy.port, PINNED);
  return status === 200 ? body : `status ${status}`;
}

test('config.json begins a run and pins; what follows sees that state', async () => {
  const running = await run();
  await request(running.proxy.port, CONFIG);
  expect(running.registry.pins).toBe(1);
  for (let at = 0; at < 10; at++) {
    running.clock.time += 15 * SECOND;
    expect(await seen(running)).toBe('pin 1');
  }
  await request(running.proxy.port, CONFIG);
  expect(await seen(running)).toBe('pin 1');
});

test('a pause ends the run: config.json pins again', async () => {
  const running = await run();
  await request(running.proxy.port, CONFIG);
  running.clock.time += 15 * SECOND + 1;
  await request(running.proxy.port, CONFIG);
  expect(await seen(running)).toBe('pin 2');
});

test.each([PINNED, `/crates-io/dl/itoa/1.0.1/${'a'.repeat(64)}.crate`])(
  '%s without a run pins first, after a pause again',
  async target => {
    const running = await run();
    await request(running.proxy.port, target);
    expect(running.registry.pins).toBe(1);
    running.clock.time += 15 * SECOND + 1;
    await request(running.proxy.port, target);
    expect(running.registry.pins).toBe(2);
  },
);

test('a held run has no pauses, and ends when it is released', async () => {
  const running = await run();
  const release = running.proxy.hold();
  await request(running.proxy.port, CONFIG);
  running.clock.time += 5 * HOUR;
  await request(running.proxy.port, CONFIG);
  expect(await seen(running)).toBe('pin 1');
  running.clock.time += 60 * SECOND;
  release();
  release();
  running.clock.time += 15 * SECOND + 1;
  expect(await seen(running)).toBe('pin 2');
});

test('a hold that begins a run does not take over the state of a run that ended', async () => {
  const running = await run();
  expect(await seen(running)).toBe('pin 1');
  running.clock.time += HOUR;
  running.proxy.hold();
  await request(running.proxy.port, CONFIG);
  expect(await seen(running)).toBe('pin 2');
});

test('two runs at once share the state; the second one keeps it alive', async () => {
  const running = await run();
  const first = running.proxy.hold();
  expect(await seen(running)).toBe('pin 1');
  running.clock.time += HOUR;
  const second = running.proxy.hold();
  first();
  first();
  running.clock.time += HOUR;
  expect(await seen(running)).toBe('pin 1');
  second();
  running.clock.time += 15 * SECOND + 1;
  expect(await seen(running)).toBe('pin 2');
});

test('a state lives for six hours at most, held or not', async () => {
  const running = await run();
  running.proxy.hold();
  expect(await seen(running)).toBe('pin 1');
  running.clock.time += 6 * HOUR;
  expect(await seen(running)).toBe('pin 1');
  running.clock.time += 1;
  expect(await seen(running)).toBe('pin 2');
});

test('a clock that is set back does not make a state immortal', async () => {
  const running = await run();
  running.proxy.hold();
  expect(await seen(running)).toBe('pin 1');
  running.clock.time -= 7 * HOUR;
  expect(await seen(running)).toBe('pin 2');
});

test('an answer that takes long is no pause', async () => {
  const running = await run();
  const slow = gate();
  const own = running.registry.onCrate;
  running.registry.onCrate = async (...args) => {
    await slow.opened;
    return own(...args);
  };
  await request(running.proxy.port, CONFIG);
  const crate = request(running.proxy.port, `/crates-io/dl/itoa/1.0.1/${'a'.repeat(64)}.crate`, {
    wait: 2000,
  });
  await until(() => running.registry.asked.length > 0);
  running.clock.time += 18 * SECOND;
  expect(await seen(running)).toBe('pin 1');
  running.clock.time += 18 * SECOND;
  slow.open();
  expect((await crate).status).toBe(404);
  running.clock.time += 14 * SECOND;
  expect(await seen(running)).toBe('pin 1');
});

test('a pin that takes long is one pin, and no pause', async () => {
  const running = await run();
  const slow = gate();
  running.registry.onPin = () => slow.opened;
  const answers = [
    request(running.proxy.port, CONFIG, { wait: 2000 }),
    request(running.proxy.port, PINNED, { wait: 2000 }),
  ];
  await until(() => running.registry.pins === 1);
  await new Promise(resolve => setTimeout(resolve, 30));
  running.clock.time += 19 * SECOND;
  slow.open();
  expect((await Promise.all(answers)).map(each => each.status)).toEqual([200, 200]);
  expect(running.registry.pins).toBe(1);
});

test('a failed pin is not kept, and is tried once a second', async () => {
  const registry = new Registry();
  registry.onPin = async count => {
    if (count < 3) throw refused(`attempt ${count}`);
  };
  const running = await run({}, registry);
  const said = async (): Promise<string> => (await request(running.proxy.port, CONFIG)).body;
  for (let at = 0; at < 5; at++) expect(await said()).toContain('attempt 1');
  running.clock.time += 999;
  expect(await said()).toContain('attempt 1');
  running.clock.time += 1;
  expect(await said()).toContain('attempt 2');
  expect(await said()).toContain('attempt 2');
  running.clock.time += SECOND;
  expect(await said()).toContain('dl');
  expect(await seen(running)).toBe('pin 3');
  expect(registry.pins).toBe(3);
});

test('a failure is tried once a second across runs as well', async () => {
  const registry = new Registry();
  registry.onPin = () => Promise.reject(refused());
  const running = await run({}, registry);
  running.proxy.hold()();
  await request(running.proxy.port, CONFIG);
  running.proxy.hold();
  await request(running.proxy.port, CONFIG);
  expect(registry.pins).toBe(1);
});

test('the pin of one registry is no reason for another, whose failure is its own', async () => {
  const [good, bad] = [new Registry('crates-io'), new Registry('bad')];
  bad.onPin = () => Promise.reject(refused());
  const running = await run({ registries: [good, bad] });
  expect((await request(running.proxy.port, '/bad/index/config.json')).status).toBe(403);
  expect((await request(running.proxy.port, CONFIG)).status).toBe(200);
  running.clock.time += 16 * SECOND;
  expect((await request(running.proxy.port, '/bad/index/config.json')).status).toBe(403);
  expect((await request(running.proxy.port, CONFIG)).status).toBe(200);
  expect([good.pins, bad.pins]).toEqual([2, 2]);
});
