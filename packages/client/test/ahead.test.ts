import { openMemoryStore } from '@cargo-tuf/client';
import { describe, expect, it } from 'vitest';
import { SourceAhead } from '../src/ahead.ts';
import { makeFiles, makeRoot, Mirror, open } from './world.ts';

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

  it('does not ask for what was given, as a part of a bundle is', async () => {
    const asked: string[] = [];
    const source = new SourceAhead({
      fetch: async path => {
        asked.push(path);
        return null;
      },
    });
    source.give('a', new Uint8Array([7]));
    source.begin('a', OPTIONS);
    expect(await source.fetch('a', OPTIONS)).toEqual(new Uint8Array([7]));
    expect(asked).toEqual([]);
  });

  it('asks anew for what was to be forgotten', async () => {
    let asked = 0;
    const source = new SourceAhead({ fetch: async () => new Uint8Array([++asked]) });
    source.begin('a', OPTIONS);
    source.forget('a');
    expect(await source.fetch('a', OPTIONS)).toEqual(new Uint8Array([2]));
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

describe('an eager client', () => {
  it('asks for the timestamp beside the next root, and again after a new one', async () => {
    const files = await makeFiles();
    const root = files.get('metadata/1.root.json') as Uint8Array;
    const store = openMemoryStore();
    const mirror = new Mirror(files);
    const client = open(mirror, { root, store, eager: true });
    const [first, second] = ['metadata/2.root.json', 'metadata/timestamp.json'];
    expect((await client.sync()).versions.root).toBe(1);
    expect(mirror.requests.slice(0, 3)).toEqual([first, second, 'metadata/1.bundle']);
    files.set(first, await makeRoot(2));
    const later = new Mirror(files);
    expect((await open(later, { root, store, eager: true }).sync()).versions.root).toBe(2);
    expect(later.requests.slice(0, 4)).toEqual([first, second, 'metadata/3.root.json', second]);
  });
});
