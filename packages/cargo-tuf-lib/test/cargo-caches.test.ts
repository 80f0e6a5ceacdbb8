// Whatever lies in cargo's folders against the locked checksum. Cargo itself checks nothing of it again.

import { execFileSync } from 'node:child_process';
import { mkdir, rename, rm, symlink, unlink } from 'node:fs/promises';
import { type CachedCrate, type CacheReport, verifyCargoCaches } from '@cargo-tuf/cargo-tuf-lib';
import { encodeCrate } from '@cargo-tuf/crate-archive';
import { beforeEach, describe, expect, test } from 'vitest';
import { archiveOf, flipped, hashOf, temporaryFolder, utf8, write } from './world.ts';

const ITOA = { name: 'itoa', version: '1.0.1' };
const ARCHIVE = archiveOf(ITOA);
const FILES = new Map([
  ['Cargo.toml', '[package]\nname = "itoa"\nversion = "1.0.1"\n'],
  ['src/lib.rs', '//! itoa 1.0.1\n'],
  ['src/deep/er/mod.rs', '// deep\n'],
]);

let cargo = '';
let cache = '';
let source = '';
let fetched = 0;

beforeEach(async () => {
  cargo = await temporaryFolder();
  fetched = 0;
  [cache, source] = await cargoFolder('127.0.0.1-0123456789abcdef');
});

async function cargoFolder(registry: string): Promise<[string, string]> {
  const archive = `${cargo}/registry/cache/${registry}/itoa-1.0.1.crate`;
  const unpacked = `${cargo}/registry/src/${registry}/itoa-1.0.1`;
  await write(archive, ARCHIVE);
  for (const [path, text] of FILES) await write(`${unpacked}/${path}`, text);
  await write(`${unpacked}/.cargo-ok`, '{"v":1}');
  return [archive, unpacked];
}

function crate(more: Partial<CachedCrate> = {}): CachedCrate {
  return {
    ...ITOA,
    checksum: hashOf(ARCHIVE),
    archive: async () => {
      fetched += 1;
      return ARCHIVE;
    },
    ...more,
  };
}

function check(more: Partial<CachedCrate> = {}): Promise<CacheReport> {
  return verifyCargoCaches(cargo, [crate(more)]);
}

test('what is as locked', async () => {
  const steps: string[] = [];
  const report = await verifyCargoCaches(cargo, [crate(), crate({ name: 'none' })], (done, total) =>
    steps.push(`${done}/${total}`),
  );
  expect(report).toEqual({ verified: 2, problems: [] });
  expect(steps).toEqual(['1/2', '2/2']);
  expect(fetched).toBe(0);
});

test('nothing there is nothing wrong', async () => {
  await rm(`${cargo}/registry`, { recursive: true });
  expect(await check()).toEqual({ verified: 0, problems: [] });
});

describe('archives', () => {
  test('a flip of any bit', async () => {
    let count = 0;
    for (const bytes of flipped(ARCHIVE.subarray(0, 40))) {
      await write(cache, new Uint8Array([...bytes, ...ARCHIVE.subarray(40)]));
      const { problems } = await check();
      expect(problems).toMatchObject([{ path: cache, crate: 'itoa', version: '1.0.1' }]);
      expect(problems[0]?.problem).toMatch(/^sha256 [0-9a-f]{64}, expected [0-9a-f]{64}$/);
      count += 1;
    }
    expect(count).toBe(320);
  });
  test('a tampered archive beside its tampered source: both are found, by what was verified', async () => {
    const files = new Map([...FILES].map(([path, text]) => [path, utf8(text)]));
    files.set('src/lib.rs', utf8('compile_error!("TAMPERED");'));
    await write(cache, encodeCrate('itoa', '1.0.1', files));
    await write(`${source}/src/lib.rs`, 'compile_error!("TAMPERED");');
    const { problems } = await check();
    expect(problems.map(each => each.path)).toEqual([cache, `${source}/src/lib.rs`]);
    expect(fetched).toBe(1);
  });
  test('an empty archive is one that is not there, as cargo has it', async () => {
    await write(cache, '');
    expect(await check()).toEqual({ verified: 1, problems: [] });
    expect(fetched).toBe(1);
  });
  test.each([
    ['a folder', async () => mkdir(cache)],
    ['a pipe', async () => execFileSync('mkfifo', [cache])],
    ['too long', async () => write(cache, new Uint8Array(64 * 1024 * 1024 + 1))],
  ])('%s is reported, and the rest is checked', async (_, make) => {
    await rm(cache);
    await make();
    const { problems, verified } = await check();
    expect(problems.map(each => each.path)).toEqual([cache]);
    expect(verified).toBe(1);
  });
  test('a link is checked by what it leads to', async () => {
    await rename(cache, `${cargo}/elsewhere`);
    await symlink(`${cargo}/elsewhere`, cache);
    expect((await check()).verified).toBe(2);
    await write(`${cargo}/elsewhere`, 'x');
    expect((await check()).problems.map(each => each.path)).toEqual([cache]);
  });
});

describe('unpacked sources', () => {
  test.each([...FILES.keys()])('a changed %s', async path => {
    await write(`${source}/${path}`, 'changed');
    const { problems, verified } = await check();
    expect(problems).toMatchObject([
      {
        path: `${source}/${path}`,
        problem: `sha256 ${hashOf(utf8('changed'))}, expected ${hashOf(utf8(FILES.get(path) ?? ''))}`,
      },
    ]);
    expect(verified).toBe(1);
  });
  test.each([...FILES.keys()])('a missing %s', async path => {
    await unlink(`${source}/${path}`);
    expect((await check()).problems).toMatchObject([
      { path: `${source}/${path}`, problem: 'is missing, expected a file of the archive' },
    ]);
  });
  test.each(['build.rs', 'src/extra.rs', '.cargo/config.toml', 'src/.cargo-ok', '.cargo-ok2', 'Cargo.lock'])(
    'an extra %s',
    async path => {
      await write(`${source}/${path}`, 'fn main() {}');
      expect((await check()).problems).toMatchObject([
        { path: `${source}/${path}`, problem: 'is not in the archive' },
      ]);
    },
  );
  test('a file that is a link, even to the same bytes', async () => {
    await rename(`${source}/src/lib.rs`, `${cargo}/lib.rs`);
    await symlink(`${cargo}/lib.rs`, `${source}/src/lib.rs`);
    expect((await check()).problems).toMatchObject([
      { path: `${source}/src/lib.rs`, problem: 'is a link, expected a file' },
    ]);
  });
  test('a folder that is a link, even to the same files', async () => {
    await rename(`${source}/src`, `${cargo}/elsewhere`);
    await symlink(`${cargo}/elsewhere`, `${source}/src`);
    const { problems } = await check();
    expect(problems.map(each => each.problem)).toEqual([
      'is missing, expected a file of the archive',
      'is missing, expected a file of the archive',
      'is not in the archive',
    ]);
  });
  test('a crate that is a link', async () => {
    await rename(source, `${cargo}/elsewhere`);
    await symlink(`${cargo}/elsewhere`, source);
    expect((await check()).problems).toMatchObject([
      { path: source, problem: 'is no folder, expected the unpacked archive' },
    ]);
  });
  test('a file that is a folder or a pipe', async () => {
    await unlink(`${source}/src/lib.rs`);
    await mkdir(`${source}/src/lib.rs`);
    expect((await check()).problems).toMatchObject([{ path: `${source}/src/lib.rs` }]);
    await rm(`${source}/src/lib.rs`, { recursive: true });
    execFileSync('mkfifo', [`${source}/src/lib.rs`]);
    expect((await check()).problems).toMatchObject([{ problem: 'is a special, expected a file' }]);
  });
  test('without an archive to compare with, nothing is taken for good', async () => {
    await rm(cache);
    const { problems, verified } = await check({ archive: async () => undefined });
    expect(problems).toMatchObject([
      { path: source, problem: 'no archive with the locked checksum to compare it with' },
    ]);
    expect(verified).toBe(0);
  });
  test('an archive that cannot be fetched is an error, no report', async () => {
    await rm(cache);
    const archive = (): Promise<undefined> => Promise.reject(new Error('offline'));
    await expect(check({ archive })).rejects.toThrow('offline');
  });
  test('an archive that must not be unpacked is said so', async () => {
    const bad = archiveOf({ name: 'other', version: '1.0.1' });
    await write(cache, bad);
    const { problems } = await check({ checksum: hashOf(bad) });
    expect(problems).toMatchObject([
      { path: source, problem: expect.stringMatching(/^the archive is refused: /) },
    ]);
  });
  test('an archive above 10 MiB, as some registries have them', async () => {
    const random = new Uint8Array(11 * 1024 * 1024);
    for (let at = 0; at < random.length; at += 1) random[at] = (at * at * 2_654_435_761) >>> 13;
    const files = new Map([...FILES].map(([path, text]) => [path, utf8(text)]));
    for (let at = 0; at < random.length; at += 65_536)
      crypto.getRandomValues(random.subarray(at, Math.min(at + 65_536, random.length)));
    files.set('big.bin', random);
    const archive = encodeCrate('itoa', '1.0.1', files);
    expect(archive.length).toBeGreaterThan(10 * 1024 * 1024);
    await write(cache, archive);
    await write(`${source}/big.bin`, random);
    expect(await check({ checksum: hashOf(archive) })).toEqual({ verified: 2, problems: [] });
  });
});

describe('registry folders', () => {
  test('every one is checked', async () => {
    const [otherCache, otherSource] = await cargoFolder('index.crates.io-fedcba9876543210');
    expect((await check()).verified).toBe(4);
    await write(otherCache, 'x');
    await write(`${otherSource}/src/lib.rs`, 'x');
    const { problems, verified } = await check();
    expect(problems.map(each => each.path)).toEqual([otherCache, `${otherSource}/src/lib.rs`]);
    expect(verified).toBe(2);
  });
  test('also one that is a link, which cargo follows', async () => {
    for (const kind of ['cache', 'src']) {
      await rename(`${cargo}/registry/${kind}/127.0.0.1-0123456789abcdef`, `${cargo}/${kind}`);
      await symlink(`${cargo}/${kind}`, `${cargo}/registry/${kind}/127.0.0.1-0123456789abcdef`);
    }
    expect((await check()).verified).toBe(2);
    await write(`${cargo}/src/itoa-1.0.1/src/lib.rs`, 'x');
    await write(`${cargo}/cache/itoa-1.0.1.crate`, 'x');
    expect((await check()).problems.map(each => each.path)).toEqual([cache, `${source}/src/lib.rs`]);
  });
  test('a link to nothing, and files beside them, are none', async () => {
    await symlink(`${cargo}/nothing`, `${cargo}/registry/src/dangling`);
    await write(`${cargo}/registry/src/file`, '');
    await write(`${cargo}/registry/CACHEDIR.TAG`, '');
    expect((await check()).verified).toBe(2);
  });
});

test.each([
  ['../../../etc', '1.0.1'],
  ['itoa', '1.0.1/../..'],
  ['', '1.0.1'],
])('no path is made of "%s" "%s"', async (name, version) => {
  await expect(check({ name, version })).rejects.toMatchObject({ name: 'TufError' });
});
