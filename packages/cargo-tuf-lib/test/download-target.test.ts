import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { downloadTarget, type TargetDownload } from '@cargo-tuf/cargo-tuf-lib';
import { openClient, openMemoryStore } from '@cargo-tuf/client';
import { openHttpSource } from '@cargo-tuf/http-transport';
import { createSha256, encodeHex } from '@cargo-tuf/keys';
import { type PlainRepository, signPlainRepository } from '@cargo-tuf/simulator';
import { build } from 'tsup';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const TARGET = 'dist/rust.tar.xz';
const LENGTH = 1_500_000;
const CONTENT = Uint8Array.from({ length: LENGTH }, (_, at) => (at * 31 + (at >> 8)) & 0xff);

let program: string;
let repository: PlainRepository;
let folder: string;
let file: string;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  repository = await sign([CONTENT]);
  program = await mkdtemp(`${tmpdir()}/download-program-`);
  await build({
    config: false,
    entry: { worker: fileURLToPath(new URL('./download-worker.ts', import.meta.url)) },
    outDir: program,
    format: ['cjs'],
    target: 'node20',
    noExternal: [/.*/],
    silent: true,
    esbuildOptions: options => {
      options.conditions = ['@cargo-tuf/source'];
      options.outExtension = { '.js': '.cjs' };
    },
  });
});
afterAll(async () => rm(program, { recursive: true }));
beforeEach(async () => {
  folder = await mkdtemp(`${tmpdir()}/download-`);
  file = `${folder}/rust.tar.xz`;
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await rm(folder, { recursive: true });
});

/** The repository of one target that consists of these blocks. */
async function sign(blocks: Iterable<Uint8Array>): Promise<PlainRepository> {
  const hash = createSha256();
  let length = 0;
  for (const block of blocks) {
    hash.update(block);
    length += block.length;
  }
  const hashes = new Map([['sha256', encodeHex(hash.digest())]]);
  return signPlainRepository(new Map([[TARGET, { length, hashes }]]), { time: Date.now() });
}

interface Server {
  readonly url: string;
  /** The Range header of each request for the target; "" where there is none. */
  readonly ranges: string[];
}
type Behaviour = (request: IncomingMessage, response: ServerResponse, count: number) => unknown;

/** An honest mirror of everything but the target, for which it behaves as told. */
async function serve(behave: Behaviour): Promise<Server> {
  const ranges: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? '').slice(1);
    response.on('error', () => undefined);
    if (path === repository.paths.get(TARGET)) {
      ranges.push(request.headers.range ?? '');
      behave(request, response, ranges.length);
      return;
    }
    const bytes = repository.files.get(path);
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, ranges };
}

/** Connections that break when their client has got so many bytes of the file, or after a while. */
const breaking = new Map<ServerResponse, number>();

function breakAt(response: ServerResponse, received: number): void {
  breaking.set(response, received);
  const timer = setTimeout(() => breakOff(response), 500);
  response.on('close', () => {
    clearTimeout(timer);
    breaking.delete(response);
  });
}

function breakOff(response: ServerResponse): void {
  breaking.delete(response);
  response.destroy();
}

/** Sends content, and stops after `most` bytes: by breaking the connection, or by saying nothing more. */
function send(
  content: Uint8Array,
  options: { readonly most?: number; readonly end?: 'break' | 'stall'; readonly etag?: string } = {},
): Behaviour {
  return (request, response) => {
    const start = Number(/^bytes=([0-9]+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const { most = content.length, end, etag } = options;
    if (etag !== undefined) response.setHeader('etag', etag);
    const partial =
      start > 0 && [undefined, etag].includes(request.headers['if-range'] as string | undefined);
    const from = partial ? start : 0;
    if (partial) response.setHeader('content-range', `bytes ${from}-${content.length - 1}/${content.length}`);
    response.writeHead(partial ? 206 : 200, { 'content-length': content.length - from });
    if (end === undefined) response.end(content.subarray(from));
    else
      response.write(content.subarray(from, from + most), () => {
        if (end === 'break') breakAt(response, from + most);
      });
  };
}

async function download(mirrors: readonly Server[], options: TargetDownload = {}): Promise<unknown> {
  const limits = { retries: 1, pauseMs: 1, firstByteMs: 2000, idleMs: 2000 };
  const source = openHttpSource({ mirrors: mirrors.map(({ url }) => url), proxy: false, limits });
  ends.push(() => source.close());
  const client = openClient({
    root: repository.root,
    source,
    store: openMemoryStore(),
    clock: Date.now,
  });
  const onProgress: TargetDownload['onProgress'] = progress => {
    for (const [response, at] of breaking) if (progress.received >= at) breakOff(response);
    options.onProgress?.(progress);
  };
  return downloadTarget(await client.sync(), TARGET, file, { ...options, onProgress });
}

/** The download with its error's code in place of an error. */
async function outcome(mirrors: readonly Server[], options: TargetDownload = {}): Promise<string> {
  try {
    return (await download(mirrors, options)) === undefined ? 'not listed' : 'done';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

function startWorker(mirror: Server, shell?: string): ChildProcess {
  // With little room for what is garbage, memory shows what is kept.
  const flags = ['--max-semi-space-size=2'];
  const args = [...flags, `${program}/worker.cjs`, mirror.url, `${program}/root.json`, TARGET, file];
  const child =
    shell === undefined
      ? spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      : spawn('sh', ['-c', shell, process.execPath, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  ends.push(() => child.kill('SIGKILL'));
  return child;
}

async function runWorker(mirror: Server, shell?: string): Promise<string> {
  await writeFile(`${program}/root.json`, repository.root);
  return text(startWorker(mirror, shell).stdout as NodeJS.ReadableStream);
}

const partsHere = async () => (await readdir(folder)).filter(name => name.endsWith('.part'));
async function expectDone(): Promise<void> {
  expect(Buffer.compare(await readFile(file), CONTENT)).toBe(0);
  expect(await readdir(folder)).toEqual(['rust.tar.xz']);
}
function flipped(at: number): Uint8Array {
  const copy = CONTENT.slice();
  copy[at] ^= 1;
  return copy;
}
const ignoreRange =
  (content: Uint8Array): Behaviour =>
  (_, response) =>
    response.end(content);

describe('a target', () => {
  it('comes to its file, whole, with progress that only rises', async () => {
    const mirror = await serve(send(CONTENT));
    const seen: number[] = [];
    const found = await download([mirror], {
      mode: 0o640,
      onProgress: ({ received, total }) => {
        expect(total).toBe(LENGTH);
        seen.push(received);
      },
    });
    expect(found).toMatchObject({ role: 'targets', file: { length: LENGTH } });
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(LENGTH);
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    await expectDone();
  });

  it('that is there already is not fetched', async () => {
    const mirror = await serve(send(CONTENT));
    await writeFile(file, CONTENT);
    const { ino } = await stat(file);
    const seen: number[] = [];
    expect(await outcome([mirror], { onProgress: ({ received }) => seen.push(received) })).toBe('done');
    expect(mirror.ranges).toEqual([]);
    expect(seen).toEqual([LENGTH]);
    expect((await stat(file)).ino).toBe(ino);
  });

  it.each(['other bytes', 'a link'])('takes the place of %s', async before => {
    const mirror = await serve(send(CONTENT));
    const other = `${folder}.other`;
    ends.push(() => rm(other, { force: true }));
    await writeFile(other, CONTENT);
    if (before === 'a link') await symlink(other, file);
    else await writeFile(file, flipped(7));
    expect(await outcome([mirror])).toBe('done');
    expect((await stat(other)).nlink).toBe(1);
    await expectDone();
  });

  it('that no role lists is undefined', async () => {
    const mirror = await serve(send(CONTENT));
    const source = openHttpSource({ mirrors: [mirror.url], proxy: false });
    ends.push(() => source.close());
    const { root } = repository;
    const snapshot = await openClient({ root, source, store: openMemoryStore(), clock: Date.now }).sync();
    expect(await downloadTarget(snapshot, 'dist/absent', file)).toBeUndefined();
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a download that was cut off goes on', () => {
  it('after a broken connection, within one call', async () => {
    const mirror = await serve((request, response, count) =>
      send(CONTENT, count === 1 ? { most: 700_000, end: 'break' } : {})(request, response, count),
    );
    expect(await outcome([mirror])).toBe('done');
    expect(mirror.ranges).toEqual(['', 'bytes=700000-']);
    await expectDone();
  });

  it('after an outage, in a later call', async () => {
    let up = false;
    const mirror = await serve((request, response, count) => {
      if (up) send(CONTENT)(request, response, count);
      else if (count === 1) send(CONTENT, { most: 700_000, end: 'break' })(request, response, count);
      else response.destroy();
    });
    expect(await outcome([mirror])).toMatch(/^HTTP_/);
    expect(await readdir(folder)).toEqual(['rust.tar.xz.part']);
    const { size, mode } = await stat(`${file}.part`);
    expect(mode & 0o777).toBe(0o600);
    expect(size).toBeGreaterThan(500_000);
    up = true;
    mirror.ranges.length = 0;
    expect(await outcome([mirror])).toBe('done');
    expect(mirror.ranges).toEqual([`bytes=${size}-`]);
    await expectDone();
  });

  it('after its process was killed', async () => {
    let stalls = true;
    const mirror = await serve((request, response, count) =>
      send(CONTENT, stalls ? { most: 900_000, end: 'stall' } : {})(request, response, count),
    );
    await writeFile(`${program}/root.json`, repository.root);
    const child = startWorker(mirror);
    let size = 0;
    while (size < 800_000) {
      await sleep(10);
      const [part] = await partsHere();
      if (part !== undefined) size = (await stat(`${folder}/${part}`)).size;
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await partsHere()).toEqual([
      expect.stringMatching(new RegExp(`^rust\\.tar\\.xz\\.${child.pid}\\.[0-9a-f]{16}\\.part$`)),
    ]);
    size = (await stat(`${folder}/${(await partsHere())[0]}`)).size;
    stalls = false;
    mirror.ranges.length = 0;
    expect(await outcome([mirror])).toBe('done');
    expect(mirror.ranges).toEqual([`bytes=${size}-`]);
    await expectDone();
  });

  it('after it was stopped by its signal', async () => {
    const stop = new AbortController();
    const mirror = await serve((request, response, count) =>
      send(CONTENT, count === 1 ? { most: 900_000, end: 'stall' } : {})(request, response, count),
    );
    const onProgress = ({ received }: { received: number }) => {
      if (received > 600_000) stop.abort();
    };
    expect(await outcome([mirror], { signal: stop.signal, onProgress })).not.toBe('done');
    expect(await readdir(folder)).toEqual(['rust.tar.xz.part']);
    const { size } = await stat(`${file}.part`);
    expect(size).toBeGreaterThan(100_000);
    const seen: number[] = [];
    expect(await outcome([mirror], { onProgress: ({ received }) => seen.push(received) })).toBe('done');
    expect(mirror.ranges).toEqual(['', `bytes=${size}-`]);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    await expectDone();
  });

  it('with a mirror that ignores Range', async () => {
    const mirror = await serve(ignoreRange(CONTENT));
    await writeFile(`${file}.part`, CONTENT.subarray(0, 400_001));
    expect(await outcome([mirror])).toBe('done');
    expect(mirror.ranges).toEqual(['bytes=400001-']);
    await expectDone();
  });

  it('without a request where everything is there', async () => {
    const mirror = await serve(send(CONTENT));
    await writeFile(`${file}.part`, CONTENT);
    expect(await outcome([mirror])).toBe('done');
    expect(mirror.ranges).toEqual([]);
    await expectDone();
  });

  it('from the largest part that can be one', async () => {
    const mirror = await serve(send(CONTENT));
    await writeFile(`${file}.part`, CONTENT.subarray(0, 1000));
    await writeFile(`${file}.999999999.${'0'.repeat(16)}.part`, CONTENT.subarray(0, 300_000));
    await writeFile(`${file}.999999999.${'1'.repeat(16)}.part`, new Uint8Array(LENGTH + 1));
    expect(await outcome([mirror])).toBe('done');
    expect(mirror.ranges).toEqual(['bytes=300000-']);
    await expectDone();
  });

  it('from the start where the part was of something else, and no mirror is to blame', async () => {
    const mirror = await serve(send(CONTENT));
    await writeFile(`${file}.part`, flipped(5).subarray(0, 700_000));
    expect(await outcome([mirror])).toBe('done');
    expect(mirror.ranges).toEqual(['bytes=700000-', '']);
    await expectDone();
  });

  it('never from a link', async () => {
    const mirror = await serve(send(CONTENT));
    const other = `${folder}.other`;
    ends.push(() => rm(other, { force: true }));
    await writeFile(other, CONTENT.subarray(0, 1000));
    await symlink(other, `${file}.part`);
    expect(await outcome([mirror])).toBe('done');
    expect(mirror.ranges).toEqual(['']);
    expect((await readFile(other)).length).toBe(1000);
    await expectDone();
  });
});

describe('a mirror that serves', () => {
  it.each([0, 1, LENGTH >> 1, LENGTH - 2, LENGTH - 1])(
    'another byte at %i is refused, and the next one asked',
    async at => {
      const liar = await serve(send(flipped(at)));
      expect(await outcome([liar])).toBe('METADATA_HASH');
      expect(await readdir(folder)).toEqual([]);
      const honest = await serve(send(CONTENT));
      liar.ranges.length = 0;
      expect(await outcome([liar, honest])).toBe('done');
      expect([liar.ranges, honest.ranges]).toEqual([[''], ['']]);
      await expectDone();
    },
  );

  it('a wrong beginning and breaks off does not get the next one blamed', async () => {
    const liar = await serve(send(flipped(9), { most: 700_000, end: 'break' }));
    const honest = await serve(send(CONTENT));
    expect(await outcome([liar, honest])).toBe('done');
    expect(honest.ranges).toEqual(['bytes=700000-', '']);
    await expectDone();
  });

  it('a wrong rest to a right part leaves nothing of either', async () => {
    const mirror = await serve(send(flipped(LENGTH - 1)));
    await writeFile(`${file}.part`, CONTENT.subarray(0, 700_000));
    expect(await outcome([mirror])).toBe('METADATA_HASH');
    expect(mirror.ranges).toEqual(['bytes=700000-', '']);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['too much, and says so', send(new Uint8Array(LENGTH + 1)), 'HTTP_TOO_LONG'],
    ['too little, and says so', send(CONTENT.subarray(0, LENGTH - 1)), 'HTTP_WRONG_LENGTH'],
    ['too little', chunked(CONTENT.subarray(0, LENGTH - 1)), 'HTTP_WRONG_LENGTH'],
    ['the file and a byte', chunked(CONTENT, new Uint8Array(1)), 'HTTP_TOO_LONG'],
    ['without end', endless, 'HTTP_TOO_LONG'],
    [
      'no such file',
      (_: unknown, response: ServerResponse) => response.writeHead(404).end(),
      'HTTP_NOT_FOUND',
    ],
  ])('%s is refused', async (_, behaviour, code) => {
    expect(await outcome([await serve(behaviour)])).toBe(code);
    expect(await readdir(folder)).toEqual([]);
  });

  it('another file between two parts makes the download start again', async () => {
    const mirror = await serve((request, response, count) =>
      send(
        count === 1 ? flipped(3) : CONTENT,
        count === 1 ? { most: 700_000, end: 'break', etag: '"a"' } : { etag: '"b"' },
      )(request, response, count),
    );
    expect(await outcome([mirror])).toBe('done');
    expect(mirror.ranges).toEqual(['', 'bytes=700000-', '']);
    await expectDone();
  });

  it('another file each time is given up', async () => {
    const mirror = await serve((request, response, count) =>
      send(CONTENT, { most: 700_000, end: 'break', etag: `"${count}"` })(request, response, count),
    );
    expect(await outcome([mirror])).toBe('HTTP_CHANGED');
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('the machine', () => {
  it('whose disk is full keeps what fits, and the name stays free', async () => {
    const mirror = await serve(send(CONTENT));
    // The shell's limit of a file's size stands for the disk: 512 or 1,024 bytes a block.
    expect(await runWorker(mirror, 'ulimit -f 800; exec "$0" "$@"')).toBe('LIB_FILE');
    const [part, ...others] = await readdir(folder);
    expect([part, others]).toEqual(['rust.tar.xz.part', []]);
    mirror.ranges.length = 0;
    expect(await outcome([mirror])).toBe('done');
    expect(mirror.ranges[0]).toMatch(/^bytes=[1-9][0-9]{5}-$/);
    await expectDone();
  });

  it('that has a file where a folder must be says so', async () => {
    await writeFile(file, 'no folder');
    file = `${file}/rust.tar.xz`;
    expect(await outcome([await serve(send(CONTENT))])).toBe('LIB_FILE');
  });

  it('runs three processes that want the same file', async () => {
    const slow: Behaviour = (request, response, count) => {
      const start = Number(/^bytes=([0-9]+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      setTimeout(() => send(CONTENT)(request, response, count), start === 0 ? 200 : 0);
    };
    const mirror = await serve(slow);
    const results = await Promise.all([runWorker(mirror), runWorker(mirror), runWorker(mirror)]);
    for (const result of results) expect(result).toMatch(/^[0-9.]+$/);
    await expectDone();
  });

  it('keeps no more than pieces of a file in memory', async () => {
    const block = CONTENT.subarray(0, 1024 * 1024);
    const blocks = 200;
    repository = await sign(Array.from({ length: blocks }, () => block));
    const mirror = await serve(async (_, response) => {
      response.writeHead(200, { 'content-length': blocks * block.length });
      for (let sent = 0; sent < blocks; sent++) if (!response.write(block)) await once(response, 'drain');
      response.end();
    });
    try {
      const growth = Number(await runWorker(mirror));
      expect((await stat(file)).size).toBe(blocks * block.length);
      expect(growth).toBeLessThan(64);
    } finally {
      await truncate(file, 0);
      repository = await sign([CONTENT]);
    }
  });
});

/** Without a length in the headers. */
function chunked(...parts: readonly Uint8Array[]): Behaviour {
  return async (_, response) => {
    for (const part of parts) {
      response.write(part);
      await sleep(20);
    }
    response.end();
  };
}

function endless(_: IncomingMessage, response: ServerResponse): void {
  const push = (): void => {
    while (!response.destroyed && response.write(CONTENT.subarray(0, 65_536)));
    if (!response.destroyed) response.once('drain', push);
  };
  push();
}
