import { describe, expect, it } from 'vitest';
import { Body } from '../src/answer.ts';

class Line {
  readonly log: string[] = [];
  pause(): void {
    this.log.push('pause');
  }
  resume(): void {
    this.log.push('resume');
  }
  abort(): void {
    this.log.push('abort');
  }
}

describe('the body of an answer', () => {
  it('gives what came in one turn of the event loop together, in its order', async () => {
    const body = new Body(new Line());
    const first = body.next();
    for (const text of ['a', 'bc', 'd']) body.push(Buffer.from(text));
    expect(String(await first)).toBe('abcd');
    body.push(Buffer.from('e'));
    expect(String(await body.next())).toBe('e');
    body.end();
    expect(await body.next()).toBeUndefined();
  });

  it('gives what came before the connection broke, and then why it broke', async () => {
    const body = new Body(new Line());
    body.push(Buffer.from('ab'));
    body.push(Buffer.from('c'));
    body.end(new Error('reset'));
    expect(String(await body.next())).toBe('abc');
    await expect(body.next()).rejects.toThrow('reset');
  });

  it('wakes a reader that waits when it ends or breaks', async () => {
    const [ended, broken] = [new Body(new Line()), new Body(new Line())];
    const waiting = [ended.next(), broken.next()];
    ended.end();
    broken.end(new Error('reset'));
    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('pauses the connection while more than 1 MiB waits', async () => {
    const line = new Line();
    const body = new Body(line);
    body.push(new Uint8Array(1024 * 1024 - 1));
    expect(line.log).toEqual([]);
    body.push(new Uint8Array(1));
    body.push(new Uint8Array(1));
    expect(line.log).toEqual(['pause']);
    expect((await body.next())?.length).toBe(1024 * 1024 + 1);
    expect(line.log).toEqual(['pause', 'resume']);
  });
});
