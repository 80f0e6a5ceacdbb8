import { describe, expect, it } from 'vitest';
import { SourceAhead } from '../src/ahead.ts';

const OPTIONS = { maxLength: 10 };

describe('a source that is asked ahead', () => {
  it('gives what was begun to the first fetch of that path, and asks again for the next', async () => {
    const asked: string[] = [];
    const source = new SourceAhead({
      fetch: async path => {
        asked.push(path);
        return new Uint8Array([asked.length]);
      },
    });
    source.begin('a', OPTIONS);
    source.begin('b', OPTIONS);
    expect(asked).toEqual(['a', 'b']);
    expect(await source.fetch('b', OPTIONS)).toEqual(new Uint8Array([2]));
    expect(await source.fetch('a', OPTIONS)).toEqual(new Uint8Array([1]));
    expect(await source.fetch('a', OPTIONS)).toEqual(new Uint8Array([3]));
  });

  it('keeps an error for the fetch', async () => {
    const source = new SourceAhead({ fetch: async () => Promise.reject(new Error('gone')) });
    source.begin('a', OPTIONS);
    await new Promise(resolve => setTimeout(resolve, 5));
    await expect(source.fetch('a', OPTIONS)).rejects.toThrow('gone');
  });

  it('passes rejections on; a source without mirrors has none left', () => {
    const rejected: string[] = [];
    const mirrors = new SourceAhead({
      fetch: async () => null,
      reject: path => rejected.push(path) > 0,
    });
    expect(mirrors.reject('a')).toBe(true);
    expect(rejected).toEqual(['a']);
    expect(new SourceAhead({ fetch: async () => null }).reject('a')).toBe(false);
  });
});
