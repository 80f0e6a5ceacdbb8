import { afterEach, describe, expect, it } from 'vitest';
import { closeAll, collect, type Handler, open, pattern, serve } from './loopback.ts';

afterEach(closeAll);
const PATH = 'metadata/timestamp.json';
const text = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : new TextDecoder().decode(bytes);

const says =
  (answer: string): Handler =>
  (_, response) =>
    response.end(answer);
const status =
  (code: number): Handler =>
  (_, response) =>
    response.writeHead(code).end();

describe('mirrors', () => {
  it('are asked in order, and only as far as needed', async () => {
    const [a, b] = [await serve(says('a')), await serve(says('b'))];
    expect(text(await open({ mirrors: [a.url, b.url] }).fetch(PATH, { maxLength: 9 }))).toBe('a');
    expect(b.requests).toHaveLength(0);
  });

  it.each<[string, Handler]>([
    ['fails', status(500)],
    ['refuses', status(403)],
    ['has no file', status(404)],
    ['redirects', (_, response) => response.writeHead(302, { location: '/x' }).end()],
    ['sends too much', says('too much')],
    ['breaks', (_, response) => response.destroy()],
    ['stalls', () => undefined],
  ])('stand in for one that %s, at once', async (_, handler) => {
    const [a, b] = [await serve(handler), await serve(says('b'))];
    expect(text(await open({ mirrors: [a.url, b.url] }).fetch(PATH, { maxLength: 1 }))).toBe('b');
    expect(a.requests).toHaveLength(1);
  });

  it('that failed are asked last for a while', async () => {
    const [a, b] = [await serve(status(500)), await serve(says('b'))];
    const source = open({ mirrors: [a.url, b.url], limits: { mirrorMs: 150 } });
    for (let index = 0; index < 3; index += 1) await source.fetch(PATH, { maxLength: 9 });
    expect([a.requests.length, b.requests.length]).toEqual([1, 3]);
    await new Promise(resolve => setTimeout(resolve, 160));
    await source.fetch(PATH, { maxLength: 9 });
    expect([a.requests.length, b.requests.length]).toEqual([2, 4]);
  });

  it('must all say that a file is absent', async () => {
    const [absent, broken] = [await serve(status(404)), await serve(status(500))];
    expect(await open({ mirrors: [absent.url, absent.url] }).fetch(PATH, { maxLength: 9 })).toBeNull();
    for (const mirrors of [
      [absent.url, broken.url],
      [broken.url, absent.url],
    ]) {
      await expect(open({ mirrors }).fetch(PATH, { maxLength: 9 })).rejects.toMatchObject({
        code: 'HTTP_SERVER',
      });
    }
  });

  it('that fail first and then have no file have no file', async () => {
    const server = await serve((_, response) =>
      response.writeHead(server.requests.length === 1 ? 500 : 404).end(),
    );
    expect(await open({ mirrors: [server.url] }).fetch(PATH, { maxLength: 9 })).toBeNull();
    expect(server.requests).toHaveLength(2);
  });

  it('report a broken promise before an outage', async () => {
    const [a, b] = [await serve(status(500)), await serve(says('too much'))];
    const fetched = open({ mirrors: [a.url, b.url] }).fetch(PATH, { maxLength: 1 });
    await expect(fetched).rejects.toMatchObject({ code: 'HTTP_TOO_LONG', kind: 'security' });
    expect([a.requests.length, b.requests.length]).toEqual([3, 1]);
  });

  it('whose file did not verify are not asked for it again', async () => {
    const [a, b] = [await serve(says('a')), await serve(says('b'))];
    const source = open({ mirrors: [a.url, b.url] });
    const fetch = async (path: string) => text(await source.fetch(path, { maxLength: 9 }));
    expect(source.reject(PATH)).toBe(false);
    expect(await fetch(PATH)).toBe('a');
    expect(source.reject(PATH)).toBe(true);
    expect(await fetch(PATH)).toBe('b');
    expect(source.reject(PATH)).toBe(false);
    expect(['a', 'b']).toContain(await fetch(PATH));
  });

  it('go on with a download that another one began', async () => {
    const file = pattern(200_000);
    const a = await serve((_, response) => {
      response.setHeader('content-length', file.length);
      response.write(file.subarray(0, 70_000), () => setTimeout(() => response.destroy(), 20));
    });
    const b = await serve((request, response) => {
      const start = Number(request.headers.range?.slice(6, -1) ?? 0);
      if (start > 0)
        response.writeHead(206, { 'content-range': `bytes ${start}-${file.length - 1}/${file.length}` });
      response.end(file.subarray(start));
    });
    const source = open({ mirrors: [a.url, b.url] });
    const path = 'crates/a/a-1.0.0.crate';
    expect(await collect(source.download(path, { maxLength: file.length }))).toEqual(file);
    expect([a.requests.length, b.requests.length]).toEqual([1, 1]);
    // Of the two the one that broke off is to blame.
    expect(source.reject(path)).toBe(true);
    expect(await collect(source.download(path, { maxLength: file.length }))).toEqual(file);
    expect([a.requests.length, b.requests.length]).toEqual([1, 2]);
    expect(source.reject(path)).toBe(false);
  });
});
