// Targets in pieces: nobody sees all of what was not signed.

import fc from 'fast-check';
import {
  type Destination,
  type DownloadOptions,
  openMemoryStore,
  type Snapshot,
  type Source,
  type StreamSettings,
} from '@cargo-tuf/client';
import { defineErrors } from '@cargo-tuf/errors';
import { encodeHex, sha256, sha512 } from '@cargo-tuf/keys';
import type { TargetFile } from '@cargo-tuf/metadata';
import { describe, expect, it } from 'vitest';
import { codeOf, makeFiles, Mirror, open as openClientOf } from './world.ts';

const TARGET = 'dist/file';
const CONTENT = Uint8Array.from({ length: 1000 }, (_, at) => at & 0xff);
const fail = defineErrors({
  TEST_CHANGED: { kind: 'conflict', hint: 'again' },
  TEST_BROKEN: { kind: 'unavailable', hint: 'again' },
});

const fileOf = (bytes: Uint8Array): TargetFile => ({
  length: bytes.length,
  hashes: new Map([['sha256', encodeHex(sha256(bytes))]]),
});

/** A mirror that gives a target in pieces; what it gives is a matter of the test. */
class Pieces extends Mirror {
  readonly resumed: number[] = [];
  readonly rejected: string[] = [];
  others = 0;
  ended = 0;
  give: (resume: number, count: number) => Iterable<Uint8Array> | AsyncIterable<Uint8Array> = resume =>
    cut(CONTENT.subarray(resume), 100);

  async *download(path: string, options: DownloadOptions): AsyncGenerator<Uint8Array, void, undefined> {
    this.requests.push(path);
    const resume = options.resume ?? 0;
    this.resumed.push(resume);
    try {
      yield* this.give(resume, this.resumed.length);
    } finally {
      this.ended += 1;
    }
  }

  reject(path: string): boolean {
    this.rejected.push(path);
    this.others -= 1;
    return this.others >= 0;
  }
}

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function flipped(at: number): Uint8Array {
  const copy = CONTENT.slice();
  copy[at] ^= 1;
  return copy;
}

const FILES = await makeFiles({ targets: { targets: new Map([[TARGET, fileOf(CONTENT)]]) } });
const ROOT = FILES.get('metadata/1.root.json') as Uint8Array;

async function open(mirror: Source, options: object = {}): Promise<Snapshot> {
  return openClientOf(mirror, { root: ROOT, ...options }).sync();
}

/** What came before the end or the error. */
async function collect(
  chunks: AsyncIterable<Uint8Array> | undefined,
): Promise<{ bytes: Uint8Array; code: string }> {
  const seen: Uint8Array[] = [];
  const code = await codeOf(async () => {
    for await (const chunk of chunks ?? []) seen.push(chunk);
  });
  return { bytes: new Uint8Array(Buffer.concat(seen)), code };
}

const stream = async (mirror: Source, settings: StreamSettings = {}, options: object = {}) =>
  collect(await (await open(mirror, options)).openTarget(TARGET, settings));

class Memory implements Destination {
  content: Uint8Array | null = null;
  left: Uint8Array | null = null;
  written: Uint8Array[] = [];
  readonly log: string[] = [];
  async present(length: number | undefined) {
    const { content } = this;
    return content !== null && content.length === (length ?? content.length) ? chunksOf(content) : null;
  }
  async leftOver(length: number | undefined) {
    return this.left === null ? null : chunksOf(this.left.subarray(0, length));
  }
  async write(bytes: Uint8Array) {
    this.written.push(bytes.slice());
  }
  async restart() {
    this.log.push('restart');
    this.written = [];
  }
  async complete() {
    this.content = new Uint8Array(Buffer.concat(this.written));
  }
  async abandon({ keep }: { keep: boolean }) {
    this.log.push(keep ? 'kept' : 'dropped');
  }
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield* cut(bytes, 64);
}

describe('a stream', () => {
  it('gives the target, and progress that only rises', async () => {
    const seen: object[] = [];
    const mirror = new Pieces(FILES);
    const { bytes, code } = await stream(mirror, { onProgress: progress => seen.push(progress) });
    expect([code, bytes]).toEqual(['accepted', CONTENT]);
    expect(seen).toEqual(
      Array.from({ length: 10 }, (_, at) => ({ received: (at + 1) * 100, total: CONTENT.length })),
    );
  });

  it('of a target that no role lists is undefined', async () => {
    expect(await (await open(new Pieces(FILES))).openTarget('dist/absent')).toBeUndefined();
  });

  it('with any byte changed never comes to its end, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(CONTENT.length - 1),
        fc.integer({ min: 1, max: 1100 }),
        fc.boolean(),
        async (at, size, empty) => {
          const mirror = new Pieces(FILES);
          mirror.give = () => [...cut(flipped(at), size), ...(empty ? [new Uint8Array()] : [])];
          const { bytes, code } = await stream(mirror);
          expect(code).toBe('METADATA_HASH');
          expect(bytes.length).toBeLessThan(CONTENT.length);
          expect(mirror.rejected).toHaveLength(1);
        },
      ),
    );
  });

  it.each([
    ['one byte less', [CONTENT.subarray(0, 999)]],
    ['nothing', []],
    ['one byte more', [CONTENT, new Uint8Array(1)]],
    ['one byte more in one piece', [new Uint8Array([...CONTENT, 0])]],
  ])('of %s never comes to its end', async (_, chunks) => {
    const mirror = new Pieces(FILES);
    mirror.give = () => chunks;
    const { bytes, code } = await stream(mirror);
    expect(code).toBe('METADATA_LENGTH');
    expect(bytes.length).toBeLessThan(CONTENT.length);
  });

  it('without end is stopped as soon as there is too much', async () => {
    const mirror = new Pieces(FILES);
    let given = 0;
    mirror.give = function* () {
      for (;;) {
        given += 100;
        yield new Uint8Array(100);
      }
    };
    expect((await stream(mirror)).code).toBe('METADATA_LENGTH');
    expect(given).toBe(CONTENT.length + 100);
    expect(mirror.ended).toBe(1);
  });

  it('that is left early lets go of the mirror', async () => {
    const mirror = new Pieces(FILES);
    for await (const chunk of (await (await open(mirror)).openTarget(TARGET)) ?? []) {
      expect(chunk).toHaveLength(100);
      break;
    }
    expect(mirror.ended).toBe(1);
  });

  it('goes to the next mirror only while nothing was given', async () => {
    const small = new Pieces(FILES);
    small.others = 1;
    small.give = (_, count) => [count === 1 ? flipped(3) : CONTENT];
    expect(await stream(small)).toEqual({ bytes: CONTENT, code: 'accepted' });
    const large = new Pieces(FILES);
    large.others = 1;
    large.give = (_, count) => cut(count === 1 ? flipped(3) : CONTENT, 400);
    expect((await stream(large)).code).toBe('METADATA_HASH');
    expect(large.rejected).toHaveLength(1);
  });

  it('goes on after what the caller has, and checks that too', async () => {
    const mirror = new Pieces(FILES);
    const resume = [CONTENT.subarray(0, 10), CONTENT.subarray(10, 300)];
    expect(await stream(mirror, { resume })).toEqual({ bytes: CONTENT.subarray(300), code: 'accepted' });
    expect(mirror.resumed).toEqual([300]);
    expect((await stream(mirror, { resume: [flipped(5).subarray(0, 300)] })).code).toBe('METADATA_HASH');
    expect(mirror.rejected).toEqual([]);
    expect(await stream(mirror, { resume: [CONTENT] })).toMatchObject({
      code: 'accepted',
      bytes: { length: 0 },
    });
    expect((await stream(mirror, { resume: [CONTENT, new Uint8Array(1)] })).code).toBe('METADATA_LENGTH');
    expect(mirror.resumed).toEqual([300, 300]);
  });

  it('stops by its signal, or by the client’s', async () => {
    for (const own of [true, false]) {
      const stop = new AbortController();
      const mirror = new Pieces(FILES);
      const onProgress = ({ received }: { received: number }) => {
        if (received === 500) stop.abort(new Error('enough'));
      };
      const signal = own ? { signal: stop.signal } : {};
      const { bytes, code } = await stream(
        mirror,
        { onProgress, ...signal },
        own ? {} : { signal: stop.signal },
      );
      expect(code).toBe('Error: enough');
      expect(bytes.length).toBeLessThan(600);
    }
  });

  it('comes from a source without pieces too, within the limit of one in memory', async () => {
    const path = `targets/dist/${encodeHex(sha256(CONTENT))}.file`;
    const mirror = new Mirror(new Map([...FILES, [path, CONTENT]]));
    expect(await stream(mirror, { resume: [CONTENT.subarray(0, 1)] })).toEqual({
      bytes: CONTENT.subarray(1),
      code: 'accepted',
    });
    expect((await stream(mirror, {}, { limits: { target: 1000 } })).code).toBe('accepted');
    expect((await stream(mirror, {}, { limits: { target: 999 } })).code).toBe('CLIENT_TOO_LARGE');
    expect((await stream(new Mirror(FILES))).code).toBe('CLIENT_MISSING');
  });

  it('has a limit, which is accepted, and one byte more is not', async () => {
    expect((await stream(new Pieces(FILES), {}, { limits: { download: 1000 } })).code).toBe('accepted');
    const mirror = new Pieces(FILES);
    expect((await stream(mirror, {}, { limits: { download: 999 } })).code).toBe('CLIENT_TOO_LARGE');
    expect(mirror.resumed).toEqual([]);
  });

  it('gives what this machine keeps, where it is the target', async () => {
    const store = openMemoryStore();
    const hash = encodeHex(sha256(CONTENT));
    await store.keep('target', hash, flipped(1));
    const mirror = new Pieces(FILES);
    expect((await stream(mirror, {}, { store })).bytes).toEqual(CONTENT);
    expect(mirror.resumed).toEqual([0]);
    await store.keep('target', hash, CONTENT);
    expect((await stream(mirror, {}, { store })).bytes).toEqual(CONTENT);
    const offline = await openClientOf(mirror, { root: ROOT, store }).openOffline();
    expect((await collect(await offline.openTarget(TARGET))).bytes).toEqual(CONTENT);
    await store.keep('target', hash, flipped(1));
    expect((await collect(await offline.openTarget(TARGET))).code).toBe('CLIENT_OFFLINE');
    expect(mirror.resumed).toEqual([0]);
  });

  it.each([
    ['SHA-512 alone', new Map([['sha512', encodeHex(sha512(CONTENT))]]), 'accepted'],
    [
      'one wrong hash of two',
      new Map([...fileOf(CONTENT).hashes, ['sha512', '00'.repeat(64)]]),
      'METADATA_HASH',
    ],
    ['no hash that is spoken', new Map([['md5', '00'.repeat(16)]]), 'METADATA_HASH'],
  ])('by %s', async (_, hashes, expected) => {
    const targets = new Map([[TARGET, { length: CONTENT.length, hashes }]]);
    const files = await makeFiles({ targets: { targets } });
    const root = files.get('metadata/1.root.json') as Uint8Array;
    const snapshot = await openClientOf(new Pieces(files), { root }).sync();
    const { bytes, code } = await collect(await snapshot.openTarget(TARGET));
    expect(code).toBe(expected);
    expect(bytes.length === CONTENT.length).toBe(expected === 'accepted');
  });

  it('of nothing needs no mirror', async () => {
    const files = await makeFiles({ targets: { targets: new Map([[TARGET, fileOf(new Uint8Array())]]) } });
    const mirror = new Pieces(files);
    const root = files.get('metadata/1.root.json') as Uint8Array;
    const snapshot = await openClientOf(mirror, { root }).sync();
    expect(await collect(await snapshot.openTarget(TARGET))).toEqual({
      bytes: new Uint8Array(),
      code: 'accepted',
    });
    const destination = new Memory();
    await snapshot.download(TARGET, destination);
    expect(destination.content).toEqual(new Uint8Array());
    expect(mirror.resumed).toEqual([]);
  });
});

describe('a download', () => {
  const outcome = async (mirror: Source, destination: Destination, settings: StreamSettings = {}) =>
    codeOf((await open(mirror)).download(TARGET, destination, settings));

  it('leaves a destination as it is that has the target', async () => {
    const destination = new Memory();
    destination.content = CONTENT;
    const mirror = new Pieces(FILES);
    expect(await outcome(mirror, destination)).toBe('accepted');
    expect([destination.written, destination.log, mirror.resumed]).toEqual([[], [], []]);
    destination.content = flipped(500);
    expect(await outcome(mirror, destination)).toBe('accepted');
    expect(destination.content).toEqual(CONTENT);
  });

  it('goes from mirror to mirror until one is right, and its progress never falls', async () => {
    const destination = new Memory();
    const mirror = new Pieces(FILES);
    mirror.others = 3;
    mirror.give = (_, count) => cut(count === 4 ? CONTENT : flipped(count), 300);
    const seen: number[] = [];
    expect(await outcome(mirror, destination, { onProgress: ({ received }) => seen.push(received) })).toBe(
      'accepted',
    );
    expect(destination.content).toEqual(CONTENT);
    expect(destination.log).toEqual(['restart', 'restart', 'restart']);
    expect(seen).toEqual([300, 600, 900, 1000]);
  });

  it('ends when no mirror is right, and keeps nothing', async () => {
    const destination = new Memory();
    const mirror = new Pieces(FILES);
    mirror.others = 1;
    mirror.give = () => [flipped(0)];
    expect(await outcome(mirror, destination)).toBe('METADATA_HASH');
    expect([mirror.resumed, destination.content, destination.log]).toEqual([
      [0, 0],
      null,
      ['restart', 'dropped'],
    ]);
  });

  it('of a wrong part starts again, and blames no mirror', async () => {
    const destination = new Memory();
    destination.left = flipped(0).subarray(0, 700);
    const mirror = new Pieces(FILES);
    expect(await outcome(mirror, destination)).toBe('accepted');
    expect([mirror.resumed, mirror.rejected, destination.content]).toEqual([[700, 0], [], CONTENT]);
  });

  it('keeps what it has when the network or the caller ends it', async () => {
    const broken = new Pieces(FILES);
    broken.give = function* () {
      yield CONTENT.subarray(0, 400);
      yield CONTENT.subarray(400, 600);
      throw fail('TEST_BROKEN', 'line: broken');
    };
    const destination = new Memory();
    expect(await outcome(broken, destination)).toBe('TEST_BROKEN');
    expect([destination.content, destination.log]).toEqual([null, ['kept']]);
    expect(Buffer.concat(destination.written)).toHaveLength(600);
    const stop = new AbortController();
    const stopped = new Memory();
    const onProgress = () => stop.abort(new Error('enough'));
    expect(await outcome(new Pieces(FILES), stopped, { signal: stop.signal, onProgress })).toBe(
      'Error: enough',
    );
    expect([stopped.content, stopped.log]).toEqual([null, ['kept']]);
  });

  it('of a file that changes starts again once', async () => {
    const changing = new Pieces(FILES);
    const always = (last: number) =>
      function* (_: number, count: number) {
        yield CONTENT.subarray(0, 400);
        if (count <= last) throw fail('TEST_CHANGED', 'file: changed');
        yield CONTENT.subarray(400);
      };
    changing.give = always(1);
    const destination = new Memory();
    expect(await outcome(changing, destination)).toBe('accepted');
    expect(destination.content).toEqual(CONTENT);
    changing.give = always(9);
    expect(await outcome(changing, new Memory())).toBe('TEST_CHANGED');
  });

  it('whose destination fails is no fault of the mirror', async () => {
    const destination = new Memory();
    destination.write = async () => {
      throw fail('TEST_BROKEN', 'disk: full');
    };
    const mirror = new Pieces(FILES);
    expect(await outcome(mirror, destination)).toBe('TEST_BROKEN');
    expect([mirror.rejected, mirror.ended, destination.log]).toEqual([[], 1, ['kept']]);
  });
});

describe('a file that a target names by its hash', () => {
  const NAMED = { path: 'dist/2026-11-20/rustc.tar.xz', sha256: encodeHex(sha256(CONTENT)) };
  const download = async (mirror: Source, destination: Destination, settings: StreamSettings = {}) =>
    codeOf((await open(mirror)).downloadNamed(NAMED, destination, settings));

  it('comes from its own path, in pieces or to a destination', async () => {
    const mirror = new Pieces(FILES);
    const snapshot = await open(mirror);
    expect(await collect(snapshot.openNamed(NAMED))).toEqual({ bytes: CONTENT, code: 'accepted' });
    const destination = new Memory();
    await snapshot.downloadNamed(NAMED, destination);
    expect(destination.content).toEqual(CONTENT);
    expect(mirror.requests.slice(-2)).toEqual([NAMED.path, NAMED.path]);
    await snapshot.downloadNamed(NAMED, destination);
    expect(mirror.resumed).toEqual([0, 0]);
  });

  it('that is damaged, cut off or longer never comes to its end', async () => {
    for (const bytes of [flipped(999), CONTENT.subarray(0, 999), new Uint8Array([...CONTENT, 0])]) {
      const mirror = new Pieces(FILES);
      mirror.give = () => cut(bytes, 100);
      const { bytes: seen, code } = await collect((await open(mirror)).openNamed(NAMED));
      expect(code).toBe('METADATA_HASH');
      expect(seen.length).toBeLessThan(bytes.length);
      const destination = new Memory();
      expect(await download(mirror, destination)).toBe('METADATA_HASH');
      expect([destination.content, destination.log]).toEqual([null, ['dropped']]);
    }
  });

  it('is asked for up to the limit of downloads, and its length is told as the server tells it', async () => {
    const asked: DownloadOptions[] = [];
    const mirror = new Pieces(FILES);
    const plain = mirror.download.bind(mirror);
    mirror.download = (path: string, options: DownloadOptions) => {
      asked.push(options);
      options.onProgress?.({ received: 0, total: 4711 });
      return plain(path, options);
    };
    const seen: object[] = [];
    const snapshot = await open(mirror, { limits: { download: 5000 } });
    await snapshot.downloadNamed(NAMED, new Memory(), { onProgress: progress => seen.push(progress) });
    expect(asked[0]).toMatchObject({ maxLength: 5000, resume: 0 });
    expect(asked[0]?.expectedLength).toBeUndefined();
    expect(seen.at(-1)).toEqual({ received: 1000, total: 4711 });
  });

  it('goes on after what is left over, all of it included', async () => {
    for (const left of [CONTENT.subarray(0, 700), CONTENT]) {
      const destination = new Memory();
      destination.left = left;
      const mirror = new Pieces(FILES);
      expect(await download(mirror, destination)).toBe('accepted');
      expect([mirror.resumed, destination.content]).toEqual([[left.length], CONTENT]);
    }
  });

  it('of which too much is left over starts again', async () => {
    const destination = new Memory();
    destination.left = new Uint8Array([...CONTENT, 0]);
    const mirror = new Pieces(FILES);
    expect(await download(mirror, destination)).toBe('accepted');
    expect([mirror.resumed, mirror.rejected, destination.content]).toEqual([[1001, 0], [], CONTENT]);
  });
});
