import { describe, expect, it } from 'vitest';
import type { Body } from '../src/answer.ts';
import { CheckedBody } from '../src/checked-body.ts';
import type { Clock } from '../src/clock.ts';
import { Pace } from '../src/pace.ts';

const rules = { idleMs: 500, totalMs: 3000, rate: { bytesPerSecond: 100, windowMs: 1000 } };

describe('Pace', () => {
  it('ends a window with one byte too few, and not with enough', () => {
    const enough = new Pace('x', rules);
    enough.count(99, 400);
    enough.count(1, 600);
    const short = new Pace('x', rules);
    short.count(99, 400);
    expect(() => short.count(0, 600)).toThrow(
      expect.objectContaining({ code: 'HTTP_SLOW', details: expect.objectContaining({ bytes: 99 }) }),
    );
  });

  it('counts each window for itself', () => {
    const pace = new Pace('x', rules);
    pace.count(100_000, 1000);
    pace.count(100, 1000);
    expect(() => pace.count(99, 1000)).toThrow(
      expect.objectContaining({ code: 'HTTP_SLOW', details: expect.objectContaining({ bytes: 99 }) }),
    );
  });

  it('names the rule that ends the next read', () => {
    const pace = new Pace('x', rules);
    expect(pace.patience().milliseconds).toBe(500);
    expect(pace.patience().error()).toMatchObject({
      code: 'HTTP_TIMEOUT',
      message: 'x: no next byte within 500 ms',
    });
    pace.count(50, 700);
    expect(pace.patience().milliseconds).toBe(300);
    expect(pace.patience().error()).toMatchObject({ code: 'HTTP_SLOW' });
    pace.count(50, 100);
    expect(pace.patience().milliseconds).toBe(500);
    for (let waited = 800; waited < 2800; waited += 400) pace.count(1000, 400);
    expect(pace.patience().milliseconds).toBe(200);
    expect(pace.patience().error()).toMatchObject({
      code: 'HTTP_TIMEOUT',
      message: 'x: no end within 3000 ms',
    });
  });
});

describe('a body', () => {
  /** Each wait takes 600 ms and brings what is there until then. */
  function bodyOf(...waits: readonly (readonly number[])[]): CheckedBody {
    let now = 0;
    const there: Uint8Array[] = [];
    const coming = [...waits];
    const body = {
      get isReady() {
        return there.length > 0;
      },
      wait: async () => {
        now += 600;
        there.push(...(coming.shift() ?? []).map(length => new Uint8Array(length)));
      },
      take: () => there.shift(),
      leave: () => undefined,
    } as unknown as Body;
    const clock = { now: () => now } as unknown as Clock;
    const plan = { url: new URL('https://x.example/'), offset: 0, maxLength: 1e6, expectedLength: undefined };
    return new CheckedBody(
      body,
      { ...plan, clock, signal: undefined },
      0,
      new Pace('x', { ...rules, idleMs: 700 }),
    );
  }

  it('is as fast as what it gives for each wait', async () => {
    // 50 bytes in the first 600 ms, 50 in the next: 100 in a window of 1,200.
    const enough = bodyOf([20, 20, 10], [50], [1]);
    await enough.wait();
    for (const length of [20, 20, 10]) expect(enough.take()).toHaveLength(length);
    await enough.wait();
    expect(enough.take()).toHaveLength(50);
    const slow = bodyOf([20, 20, 10], [49]);
    await slow.wait();
    // What is there without a wait takes no time.
    for (const length of [20, 20, 10]) expect(slow.take()).toHaveLength(length);
    await slow.wait();
    expect(() => slow.take()).toThrow(
      expect.objectContaining({ code: 'HTTP_SLOW', details: expect.objectContaining({ bytes: 99 }) }),
    );
  });
});
