// A registry from trust to bytes: over loopback mirrors, from a folder, offline, and where mirrors lie.

import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  fetchLockedCrates,
  type LockedPackage,
  openRegistry,
  prefetchClosure,
  type RegistrySnapshot,
  verifyLockedChecksums,
} from '@cargo-tuf/cargo-tuf-lib';
import { HOUR } from '@cargo-tuf/simulator';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  archiveOf,
  archivePath,
  entriesOf,
  hashOf,
  makeHome,
  makeWorld,
  type Mirror,
  open,
  serve,
  temporaryFolder,
  trust,
  utf8,
  type World,
  writeMirror,
} from './world.ts';

const ITOA = { name: 'itoa', version: '1.0.1' };
const BUILD = { name: 'Ryu', version: '1.0.2+build.1' };
const CRATES = [
  { name: 'itoa', version: '0.4.8', yanked: true },
  ITOA,
  BUILD,
  { name: 'app', version: '0.1.0', deps: ['mid', 'itoa'] },
  { name: 'mid', version: '0.1.0', deps: ['leaf', 'app'] },
  { name: 'leaf', version: '0.1.0', deps: ['gone'] },
];

let world: World;

beforeEach(async () => {
  world = await makeWorld(CRATES);
});

function mirrorOf(files: ReadonlyMap<string, Uint8Array>): Promise<Mirror> {
  return serve(path => files.get(path));
}

function without(...paths: readonly string[]): Map<string, Uint8Array> {
  return new Map([...world.files].filter(([path]) => !paths.includes(path)));
}

function withOther(path: string, bytes: Uint8Array): Map<string, Uint8Array> {
  return new Map(world.files).set(path, bytes);
}

const PLACES: readonly [string, () => Promise<string>][] = [
  ['over loopback', async () => (await mirrorOf(world.files)).url],
  ['from a folder', async () => writeMirror(world.files)],
];

describe.each(PLACES)('%s', (_, place) => {
  test('sync, entries, archives', async () => {
    const registry = await open(world, [await place()]);
    expect(registry.repository).toBe('01'.repeat(32));
    const snapshot = await registry.sync();
    expect((await snapshot.config()).dl).toBe('https://crates.example/crates');
    const entry = await snapshot.entry('ITOA');
    expect(entry?.bytes).toEqual(entriesOf(CRATES).get('itoa'));
    expect(entry?.versions.map(each => each.vers)).toEqual(['0.4.8', '1.0.1']);
    expect(await snapshot.entry('none')).toBeUndefined();
    expect(await snapshot.crate('itoa', '1.0.1')).toEqual({
      ...ITOA,
      sha256: hashOf(archiveOf(ITOA)),
      bytes: archiveOf(ITOA),
    });
  });
  test('a version with build metadata', async () => {
    const snapshot = await (await open(world, [await place()])).sync();
    expect((await snapshot.crate('ryu', BUILD.version)).name).toBe('Ryu');
    await expect(snapshot.crate('ryu', '1.0.2')).rejects.toMatchObject({ code: 'LIB_NO_CRATE' });
  });
  test('a file is verified, a download is whole or absent', async () => {
    const snapshot = await (await open(world, [await place()])).sync();
    expect((await snapshot.verifyFile('itoa', '1.0.1', archiveOf(ITOA))).vers).toBe('1.0.1');
    await expect(snapshot.verifyFile('itoa', '0.4.8', archiveOf(ITOA))).rejects.toMatchObject({
      code: 'LIB_CRATE_HASH',
      kind: 'security',
      details: { seen: hashOf(archiveOf(ITOA)), expected: hashOf(archiveOf({ ...ITOA, version: '0.4.8' })) },
    });
    const path = `${await temporaryFolder()}/itoa.crate`;
    await snapshot.download('itoa', '1.0.1', path);
    expect(new Uint8Array(await readFile(path))).toEqual(archiveOf(ITOA));
    await expect(snapshot.download('itoa', '9.9.9', `${path}2`)).rejects.toMatchObject({
      code: 'LIB_NO_CRATE',
      message: 'itoa: has no version 9.9.9 in the signed index, newest is 1.0.1',
    });
    expect(await readdir(fileURLToPath(new URL('.', `file://${path}`)))).toEqual(['itoa.crate']);
  });
  test('a wrong archive is refused', async () => {
    for (const bytes of [utf8('x'), archiveOf({ ...ITOA, version: '0.4.8' }), new Uint8Array(0)]) {
      const files = withOther(archivePath(ITOA), bytes);
      const url = (await place()).startsWith('file:')
        ? await writeMirror(files)
        : (await mirrorOf(files)).url;
      const snapshot = await (await open(world, [url])).sync();
      await expect(snapshot.crate('itoa', '1.0.1')).rejects.toMatchObject({ code: 'LIB_CRATE_HASH' });
    }
  });
});

describe('names and versions', () => {
  let snapshot: RegistrySnapshot;
  beforeEach(async () => {
    snapshot = await (await open(world, [await writeMirror(world.files)])).sync();
  });
  test.each(['', '../x', 'a/b', 'größe', 'x'.repeat(65)])('"%s" is no crate', async name => {
    await expect(snapshot.entry(name)).rejects.toMatchObject({ code: 'INDEX_NAME' });
  });
  test('a version that is none', async () => {
    await expect(snapshot.crate('itoa', '../1.0.1')).rejects.toMatchObject({ code: 'INDEX_VERSION' });
  });
  test('a crate that is none', async () => {
    await expect(snapshot.crate('none', '1.0.0')).rejects.toMatchObject({
      code: 'LIB_NO_CRATE',
      message: 'none: the signed index proves that there is no such crate',
    });
  });
});

describe('mirrors', () => {
  test('a wrong archive at the first, the right one at the second', async () => {
    const [wrong, right] = [
      await mirrorOf(withOther(archivePath(ITOA), utf8('wrong'))),
      await mirrorOf(world.files),
    ];
    const snapshot = await (await open(world, [wrong.url, right.url])).sync();
    expect((await snapshot.crate('itoa', '1.0.1')).bytes).toEqual(archiveOf(ITOA));
    expect(wrong.asked).toContain(archivePath(ITOA));
    expect(right.asked).toContain(archivePath(ITOA));
  });
  test('a missing archive at the first', async () => {
    const mirrors = [await mirrorOf(without(archivePath(ITOA))), await mirrorOf(world.files)];
    const snapshot = await (
      await open(
        world,
        mirrors.map(each => each.url),
      )
    ).sync();
    expect((await snapshot.crate('itoa', '1.0.1')).bytes).toEqual(archiveOf(ITOA));
  });
  test('wrong at each: security, not an outage', async () => {
    const mirrors = [
      await mirrorOf(withOther(archivePath(ITOA), utf8('wrong'))),
      await mirrorOf(withOther(archivePath(ITOA), utf8('as wrong'))),
    ];
    const snapshot = await (
      await open(
        world,
        mirrors.map(each => each.url),
      )
    ).sync();
    await expect(snapshot.crate('itoa', '1.0.1')).rejects.toMatchObject({
      code: 'LIB_CRATE_HASH',
      kind: 'security',
    });
  });
});

describe('the registry’s own downloads', () => {
  async function worldWithDownloads(
    answer: (path: string) => Uint8Array | number | undefined,
  ): Promise<Mirror> {
    const downloads = await serve(answer);
    world = await makeWorld(CRATES, `{"dl":"${downloads.url}{crate}/{version}/{sha256-checksum}"}`);
    return downloads;
  }
  const path = `itoa/1.0.1/${hashOf(archiveOf(ITOA))}`;

  test('where no mirror has the archive', async () => {
    const downloads = await worldWithDownloads(asked => (asked === path ? archiveOf(ITOA) : undefined));
    const mirror = await mirrorOf(without(archivePath(ITOA)));
    const snapshot = await (await open(world, [mirror.url])).sync();
    expect((await snapshot.crate('itoa', '1.0.1')).bytes).toEqual(archiveOf(ITOA));
    expect(downloads.asked).toEqual([path]);
    expect((await snapshot.crate('itoa', '1.0.1')).bytes).toEqual(archiveOf(ITOA));
    expect(downloads.asked).toEqual([path]);
  });
  test('where the mirror answers 403, as stores do for what is not there', async () => {
    await worldWithDownloads(asked => (asked === path ? archiveOf(ITOA) : undefined));
    const files = without(archivePath(ITOA));
    const mirror = await serve(asked => files.get(asked) ?? (asked.startsWith('crates/') ? 403 : 404));
    const snapshot = await (await open(world, [mirror.url])).sync();
    expect((await snapshot.crate('itoa', '1.0.1')).bytes).toEqual(archiveOf(ITOA));
  });
  test('what they serve is verified', async () => {
    await worldWithDownloads(() => utf8('wrong'));
    const mirror = await mirrorOf(without(archivePath(ITOA)));
    const snapshot = await (await open(world, [mirror.url])).sync();
    await expect(snapshot.crate('itoa', '1.0.1')).rejects.toMatchObject({
      code: 'LIB_CRATE_HASH',
      message: expect.stringContaining(`from http://127.0.0.1:`),
    });
  });
  test('missing everywhere', async () => {
    await worldWithDownloads(() => undefined);
    const mirror = await mirrorOf(without(archivePath(ITOA)));
    const snapshot = await (await open(world, [mirror.url])).sync();
    await expect(snapshot.crate('itoa', '1.0.1')).rejects.toMatchObject({
      code: 'LIB_CRATE_MISSING',
      kind: 'unavailable',
      message: expect.stringContaining(hashOf(archiveOf(ITOA))),
    });
  });
  test('where the mirror could not tell and they have nothing: what the mirror said', async () => {
    await worldWithDownloads(() => undefined);
    const files = without(archivePath(ITOA));
    const mirror = await serve(asked => files.get(asked) ?? (asked.startsWith('crates/') ? 403 : 404));
    const snapshot = await (await open(world, [mirror.url])).sync();
    await expect(snapshot.crate('itoa', '1.0.1')).rejects.toMatchObject({ code: 'HTTP_REFUSED' });
  });
  test('a mirror that lies is no reason to ask them', async () => {
    const downloads = await worldWithDownloads(() => archiveOf(ITOA));
    const mirror = await mirrorOf(withOther(archivePath(ITOA), utf8('wrong')));
    const snapshot = await (await open(world, [mirror.url])).sync();
    await expect(snapshot.crate('itoa', '1.0.1')).rejects.toMatchObject({ code: 'LIB_CRATE_HASH' });
    expect(downloads.asked).toEqual([]);
  });
  test('a folder asks no network', async () => {
    const downloads = await worldWithDownloads(() => archiveOf(ITOA));
    const snapshot = await (await open(world, [await writeMirror(without(archivePath(ITOA)))])).sync();
    await expect(snapshot.crate('itoa', '1.0.1')).rejects.toMatchObject({ code: 'LIB_CRATE_MISSING' });
    expect(downloads.asked).toEqual([]);
  });
});

describe('the state of this machine', () => {
  test('offline gives what was verified, and nothing else', async () => {
    const home = await makeHome();
    const mirror = await mirrorOf(world.files);
    const registry = await open(world, [mirror.url], { home });
    await expect(registry.openOffline()).rejects.toMatchObject({ kind: 'unavailable' });
    await (await registry.sync()).crate('itoa', '1.0.1');
    mirror.asked.length = 0;
    world.clock.advance(400 * 24 * HOUR);
    const offline = await registry.openOffline();
    expect((await offline.crate('itoa', '1.0.1')).bytes).toEqual(archiveOf(ITOA));
    expect(offline.index.expires).toBeLessThan(world.clock.now());
    await expect(offline.crate('itoa', '0.4.8')).rejects.toMatchObject({ code: 'LIB_OFFLINE' });
    await expect(offline.entry('app')).rejects.toMatchObject({ kind: 'unavailable' });
    expect(mirror.asked).toEqual([]);
    await expect(registry.sync()).rejects.toMatchObject({ kind: 'security' });
  });
  test('a kept archive that was tampered is fetched again; offline it is none', async () => {
    const home = await makeHome();
    const mirror = await mirrorOf(world.files);
    const first = await open(world, [mirror.url], { home });
    await (await first.sync()).crate('itoa', '1.0.1');
    await first.close();
    const registry = await open(world, [mirror.url], { home });
    const path = (await readdir(home.crates, { recursive: true })).find(each =>
      each.endsWith('cache/recent'),
    );
    const kept = await readFile(`${home.crates}/${path}`);
    const at = kept.indexOf(archiveOf(ITOA));
    if (at === -1) throw new Error('the archive is not kept');
    kept.writeUInt8(kept.readUInt8(at) ^ 1, at);
    await writeFile(`${home.crates}/${path}`, kept);
    const offline = await registry.openOffline();
    await expect(offline.crate('itoa', '1.0.1')).rejects.toMatchObject({ code: 'LIB_OFFLINE' });
    expect((await (await registry.sync()).crate('itoa', '1.0.1')).bytes).toEqual(archiveOf(ITOA));
  });
  test('clearing the cache keeps the version floors', async () => {
    const home = await makeHome();
    const behind = world.repository.copy();
    await world.repository.publish({ entries: entriesOf([{ name: 'itoa', version: '1.0.1' }]) });
    const registry = await open(world, [(await mirrorOf(world.repository.files)).url], { home });
    await (await registry.sync()).entry('itoa');
    await registry.clearCache();
    const { anchor } = registry;
    const stale = { ...anchor, mirrors: [(await mirrorOf(behind)).url] };
    const again = await openRegistry({ anchor: stale, home, clock: world.clock.now, proxy: false });
    await expect((async () => (await again.sync()).entry('itoa'))()).rejects.toMatchObject({
      kind: 'security',
    });
    await again.close();
  });
  test('a floor file refuses an older tree on a fresh machine', async () => {
    const url = await writeMirror(world.files);
    const first = await (await open(world, [url])).sync();
    const { root, claims, tree } = first.index.floors;
    const floors = (higher: number): Map<string, { root: number; claims: number; tree: number }> =>
      new Map([['01'.repeat(32), { root: root ?? 0, claims: claims ?? 0, tree: (tree ?? 0) + higher }]]);
    await (await open(world, [url], { floors: floors(0) })).sync();
    const raised = await open(world, [url], { floors: floors(1) });
    await expect(raised.sync()).rejects.toMatchObject({ kind: 'security' });
    const other = new Map([['02'.repeat(32), { tree: 2 ** 52 }]]);
    await (await open(world, [url], { floors: other })).sync();
  });
  test('the same root for another registry has a state of its own, another root is refused', async () => {
    const home = await makeHome();
    const url = await writeMirror(world.files);
    await (await open(world, [url], { home })).sync();
    const stranger = await makeWorld([ITOA]);
    await expect(trust(stranger, [url], home)).rejects.toMatchObject({ code: 'LIB_ANCHOR_EXISTS' });
  });
  test('a folder that changes under a snapshot gives what was signed, or an error', async () => {
    const url = await writeMirror(world.files);
    const snapshot = await (await open(world, [url])).sync();
    const folder = fileURLToPath(url);
    await rm(`${folder}/targets`, { recursive: true });
    await cp(`${folder}/crates`, `${folder}/targets`, { recursive: true });
    await expect(snapshot.entry('itoa')).rejects.toMatchObject({ name: 'TufError' });
  });
  test('a root.json that is none is refused before anything is made', async () => {
    const home = await makeHome();
    const anchor = {
      registry: (await trust(world, ['file:///none/'])).anchor.registry,
      kind: 'tuf' as const,
      root: utf8('{}'),
      fingerprint: hashOf(utf8('{}')),
      mirrors: ['file:///none/'],
    };
    await expect(openRegistry({ anchor, home, clock: world.clock.now })).rejects.toMatchObject({
      name: 'TufError',
    });
    await expect(readdir(home.cargoHome)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('locked crates', () => {
  const locked = (name: string, version: string, checksum?: string): LockedPackage => ({
    name,
    version,
    source: 'sparse+https://crates.example/index/',
    checksum,
  });
  let snapshot: RegistrySnapshot;
  beforeEach(async () => {
    snapshot = await (await open(world, [await writeMirror(world.files)])).sync();
  });
  const itoa = locked('itoa', '1.0.1', hashOf(archiveOf(ITOA)));

  test('checksums that agree, and one that cargo does not have', async () => {
    await verifyLockedChecksums(snapshot, [itoa, locked('Ryu', BUILD.version), locked('itoa', '0.4.8')]);
    await verifyLockedChecksums(snapshot, []);
  });
  test('a checksum that differs names both', async () => {
    await expect(
      verifyLockedChecksums(snapshot, [itoa, locked('app', '0.1.0', 'a'.repeat(64))]),
    ).rejects.toMatchObject({
      code: 'LIB_LOCK_CHECKSUM',
      kind: 'security',
      details: { crate: 'app', locked: 'a'.repeat(64) },
    });
  });
  test.each([
    ['none', '1.0.0'],
    ['itoa', '1.0.2'],
  ])('%s %s is in no index', async (name, version) => {
    await expect(verifyLockedChecksums(snapshot, [itoa, locked(name, version)])).rejects.toMatchObject({
      code: 'LIB_NO_CRATE',
    });
  });
  test('are fetched, all or an error', async () => {
    const steps: number[] = [];
    const packages = CRATES.map(({ name, version }) => locked(name, version));
    const crates = await fetchLockedCrates(snapshot, packages, ({ done }) => steps.push(done));
    expect(crates.map(each => `${each.name} ${each.version}`).sort()).toEqual(
      CRATES.map(each => `${each.name} ${each.version}`).sort(),
    );
    expect(steps).toEqual([1, 2, 3, 4, 5, 6]);
    await expect(
      fetchLockedCrates(snapshot, [...packages, locked('itoa', '1.0.1', 'b'.repeat(64))]),
    ).rejects.toMatchObject({ code: 'LIB_LOCK_CHECKSUM' });
  });
});

describe('prefetch', () => {
  const targets = (mirror: Mirror): string[] =>
    mirror.asked
      .filter(path => path.startsWith('targets/'))
      .map(path => path.slice(path.lastIndexOf('.') + 1));

  test('brings the closure once, cycles and absent crates included', async () => {
    const mirror = await mirrorOf(world.files);
    const snapshot = await (await open(world, [mirror.url])).sync();
    await prefetchClosure(snapshot, ['App']);
    expect(targets(mirror).sort()).toEqual(['app', 'itoa', 'leaf', 'mid']);
    await prefetchClosure(snapshot, ['app', 'app', 'mid']);
    const before = mirror.asked.length;
    for (const name of ['app', 'mid', 'leaf', 'itoa', 'gone']) await snapshot.entry(name);
    expect(mirror.asked).toHaveLength(before);
  });
  test('asks once for what is asked for in one turn, and a refusal costs no other', async () => {
    const mid = [...world.files.keys()].find(path => path.endsWith('.mid')) as string;
    const mirror = await mirrorOf(withOther(mid, utf8('tampered')));
    const snapshot = await (await open(world, [mirror.url])).sync();
    const [app, refused, leaf] = await Promise.allSettled(
      ['app', 'mid', 'leaf'].map(name => snapshot.entry(name)),
    );
    expect([app?.status, refused?.status, leaf?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(refused).toMatchObject({ reason: { kind: 'security' } });
    const tiles = mirror.asked.filter(path => path.startsWith('map/'));
    expect(new Set(tiles).size).toBe(tiles.length);
  });
  test('one entry that is refused costs no other', async () => {
    const mid = [...world.files.keys()].find(path => path.endsWith('.mid')) as string;
    const mirror = await mirrorOf(withOther(mid, utf8('tampered')));
    const snapshot = await (await open(world, [mirror.url])).sync();
    await prefetchClosure(snapshot, ['app']);
    const before = mirror.asked.length;
    expect(await snapshot.entry('itoa')).toBeDefined();
    expect(mirror.asked).toHaveLength(before);
    await expect(snapshot.entry('mid')).rejects.toMatchObject({ kind: 'security' });
  });
  test('visits a bounded number of names, however many a signed index has', async () => {
    let asked = 0;
    const endless = {
      entries: async (names: readonly string[]) => {
        asked += names.length;
        const deps = (name: string): object[] =>
          Array.from({ length: 100 }, (_, at) => ({ name: `${name}x${at}`, kind: 'normal' }));
        return new Map(names.map(name => [name, { versions: [{ yanked: false, deps: deps(name) }] }]));
      },
    };
    await prefetchClosure(endless as unknown as RegistrySnapshot, ['a']);
    expect(asked).toBe(5000);
  });
  test('names that are none, and no names, are no error', async () => {
    const mirror = await mirrorOf(world.files);
    const snapshot = await (await open(world, [mirror.url])).sync();
    await prefetchClosure(snapshot, []);
    await prefetchClosure(snapshot, ['..', 'itoa']);
    expect(targets(mirror)).toEqual(['itoa']);
  });
});
