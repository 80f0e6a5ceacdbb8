import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readTogether } from '../src/archive/read-together.ts';

function open(): Readable {
  return new Readable({ read: () => undefined });
}

describe('a stream that is read together', () => {
  it('gives all of its bytes, in their order, in fewer pieces', async () => {
    const stream = open();
    const pieces: string[] = [];
    const done = (async () => {
      for await (const piece of readTogether(stream)) pieces.push(Buffer.from(piece).toString());
    })();
    for (let number = 0; number < 100; number += 1) {
      stream.push(`${number},`);
      if (number % 10 === 9) await turn();
    }
    stream.push(null);
    await done;
    expect(pieces.join('')).toBe(Array.from({ length: 100 }, (_, number) => `${number},`).join(''));
    expect(pieces.length).toBeLessThan(25);
  });

  it('throws what the stream breaks with, after what came before', async () => {
    const stream = open();
    stream.push('abc');
    const pieces = readTogether(stream);
    expect(String((await pieces.next()).value)).toBe('abc');
    const next = pieces.next();
    stream.destroy(new Error('broken'));
    await expect(next).rejects.toThrow('broken');
  });

  it('ends at once where the stream has ended before', async () => {
    const stream = open();
    stream.destroy();
    await turn();
    expect(await readTogether(stream).next()).toEqual({ done: true, value: undefined });
  });

  it('is paused while 1 MiB waits', async () => {
    const stream = open();
    const pieces = readTogether(stream);
    stream.push('first');
    await pieces.next();
    stream.push(new Uint8Array(1024 * 1024));
    await turn();
    expect(stream.isPaused()).toBe(true);
    expect(((await pieces.next()).value as Uint8Array).length).toBe(1024 * 1024);
    expect(stream.isPaused()).toBe(false);
  });
});
