import { describe, expect, it } from 'vitest';
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
