import { mkdir, readdir, readFile, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import type { Registry, RegistrySnapshot } from '@cargo-tuf/cargo-tuf-lib';
import { indexPath } from '@cargo-tuf/crate-index';
import { hashFolder } from '@cargo-tuf/hash-workers';
import { sha256 } from '@cargo-tuf/keys';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  entriesOf,
  hashOf,
  makeHome,
  makeWorld,
  open,
  temporaryFolder,
  utf8,
  write,
  writeMirror,
} from './world.ts';

const CRATES = ['a', 'ab', 'abc', 'itoa', 'serde_json', 'Inflector'].map(name => ({
  name,
  version: '1.0.0',
}));
const GONE = { name: 'deleted', version: '1.0.0' };
const PATHS = CRATES.map(each => indexPath(each.name)).sort();

let snapshot: RegistrySnapshot;
let folder = '';

beforeEach(async () => {
  const world = await makeWorld([...CRATES, GONE]);
  await world.repository.publish({ deleted: ['deleted'] });
  snapshot = await (await open(world, [await writeMirror(world.repository.files)])).sync();
  folder = await temporaryFolder();
  for (const [name, bytes] of entriesOf(CRATES)) await write(`${folder}/${indexPath(name)}`, bytes);
  await write(`${folder}/config.json`, '{"dl":"https://elsewhere.example/"}');
  await write(`${folder}/.git/HEAD`, 'ref: refs/heads/master\n');
});

const GOOD = { verified: CRATES.length, changed: [], missing: [], unsigned: [] };

test('an index as it was signed', async () => {
  const steps: number[] = [];
  expect(await snapshot.verifySnapshot(folder, { onProgress: done => steps.push(done) })).toEqual(GOOD);
  expect(steps.at(-1)).toBe(CRATES.length);
});

test.each(PATHS)('a changed %s', async path => {
  await write(`${folder}/${path}`, 'changed');
  const report = await snapshot.verifySnapshot(folder);
  expect(report).toMatchObject({ verified: CRATES.length - 1, missing: [], unsigned: [] });
  expect(report.changed).toMatchObject([{ path, seen: hashOf(utf8('changed')) }]);
  expect(report.changed[0]?.expected).toMatch(/^[0-9a-f]{64}$/);
});

test.each(PATHS)('a missing %s', async path => {
  await rm(`${folder}/${path}`);
  expect(await snapshot.verifySnapshot(folder)).toMatchObject({
    verified: CRATES.length - 1,
    changed: [],
    missing: [path],
    unsigned: [],
  });
});

test.each(['it/oa/itoab', 'de/le/deleted', 'it/oa/ITOA', 'itoa', 'it/config.json', 'README.md'])(
  'an unsigned %s',
  async path => {
    await write(`${folder}/${path}`, entriesOf(CRATES).get('itoa') as Uint8Array);
    expect(await snapshot.verifySnapshot(folder)).toEqual({ ...GOOD, unsigned: [path] });
  },
);

test('the right entries under each other’s names', async () => {
  await rename(`${folder}/1/a`, `${folder}/x`);
  await rename(`${folder}/2/ab`, `${folder}/1/a`);
  await rename(`${folder}/x`, `${folder}/2/ab`);
  const { changed } = await snapshot.verifySnapshot(folder);
  expect(changed.map(each => each.path).sort()).toEqual(['1/a', '2/ab']);
});

test('a folder that is a link is not followed; its crates are missing', async () => {
  await rename(`${folder}/it`, `${folder}/.elsewhere`);
  await symlink(`${folder}/.elsewhere`, `${folder}/it`);
  expect(await snapshot.verifySnapshot(folder)).toMatchObject({ missing: ['it/oa/itoa'], unsigned: ['it'] });
});

test('no index is no verified index', async () => {
  for (const place of [`${folder}/none`, await temporaryFolder()])
    await expect(snapshot.verifySnapshot(place)).rejects.toMatchObject({ code: 'LIB_FILE' });
});

test('a folder in place of an entry', async () => {
  await rm(`${folder}/1/a`);
  await mkdir(`${folder}/1/a`);
  expect(await snapshot.verifySnapshot(folder)).toMatchObject({ missing: ['1/a'] });
});

test('every difference is told at once, in the order of paths', async () => {
  await write(`${folder}/it/oa/itoa`, 'changed');
  await write(`${folder}/1/a`, 'changed');
  await rm(`${folder}/2/ab`);
  await rm(`${folder}/3/a/abc`);
  await write(`${folder}/zz/zz/zzzz`, 'more');
  await write(`${folder}/README`, 'more');
  const report = await snapshot.verifySnapshot(folder);
  expect(report.verified).toBe(CRATES.length - 4);
  expect(report.changed.map(each => each.path)).toEqual(['1/a', 'it/oa/itoa']);
  expect(report.missing).toEqual(['2/ab', '3/a/abc']);
  expect(report.unsigned).toEqual(['README', 'zz/zz/zzzz']);
});

test.each([0, 1, 2])('%i workers say the same', async workers => {
  await write(`${folder}/1/a`, 'changed');
  const report = await snapshot.verifySnapshot(folder, { workers });
  expect(report).toEqual(await snapshot.verifySnapshot(folder));
});

test('what is unsigned is not opened, what is signed and cannot be read is an error', async () => {
  await write(`${folder}/it/oa/long`, '');
  await truncate(`${folder}/it/oa/long`, 16 * 1024 * 1024 + 1);
  expect(await snapshot.verifySnapshot(folder)).toEqual({ ...GOOD, unsigned: ['it/oa/long'] });
  await truncate(`${folder}/it/oa/itoa`, 16 * 1024 * 1024 + 1);
  await expect(snapshot.verifySnapshot(folder)).rejects.toMatchObject({
    code: 'LIB_FILE',
    message: `${folder}/it/oa/itoa: 16777217 bytes, expected at most 16777216`,
  });
});

describe('tiles that were bent on this machine', () => {
  /** A store that has the tiles of `CRATES`, with the hash of an entry changed in them. */
  async function bend(): Promise<Registry> {
    const world = await makeWorld(CRATES);
    const home = await makeHome();
    const mirrors = [await writeMirror(world.repository.files)];
    const first = await open(world, mirrors, { home });
    expect(await (await first.sync()).verifySnapshot(folder)).toEqual(GOOD);
    await first.close();
    const kept = (await readdir(home.crates, { recursive: true })).find(each =>
      each.endsWith('cache/recent'),
    );
    const file = `${home.crates}/${kept}`;
    const bytes = await readFile(file);
    const at = bytes.indexOf(sha256(entriesOf(CRATES).get('itoa') as Uint8Array));
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    await writeFile(file, bytes);
    return open(world, mirrors, { home });
  }

  test('are fetched again', async () => {
    const registry = await bend();
    expect(await (await registry.sync()).verifySnapshot(folder)).toEqual(GOOD);
    expect(await (await registry.openOffline()).verifySnapshot(folder)).toEqual(GOOD);
  });

  test('are named without a network, whatever the folder holds', async () => {
    const offline = await (await bend()).openOffline();
    await expect(offline.verifySnapshot(folder)).rejects.toMatchObject({
      code: 'CLIENT_OFFLINE',
      message: expect.stringMatching(/^map\/\S+: not on this machine/),
    });
  });
});

test.each([0, 1, 33, 5_000])('an index of %i crates', async size => {
  const crates = Array.from({ length: size }, (_, index) => ({ name: `crate-${index}`, version: '1.0.0' }));
  const world = await makeWorld(crates);
  const files = await temporaryFolder();
  await write(`${files}/config.json`, '{}');
  for (const [name, bytes] of entriesOf(crates)) await write(`${files}/${indexPath(name)}`, bytes);
  const registry = await open(world, [await writeMirror(world.repository.files)]);
  for (const from of [await registry.sync(), await registry.openOffline()])
    expect(await from.verifySnapshot(files)).toEqual({ ...GOOD, verified: size });
});

describe('a run that was interrupted', () => {
  const PARTS = ['', '1', '2', '3', 'in', 'it', 'se'];
  const old = new Date('2020-01-01');
  let file = '';

  /** Stops once every part was accepted; the file keeps what was verified until then. */
  async function interrupt(): Promise<void> {
    vi.spyOn(Date, 'now').mockImplementation(() => (clock += 5_000));
    const stop = new Error('stop');
    let steps = 0;
    const onProgress = () => {
      steps += 1;
      if (steps > PARTS.length) throw stop;
    };
    await expect(
      snapshot.verifySnapshot(folder, { progressFile: file, onProgress, workers: 0 }),
    ).rejects.toThrow();
    vi.restoreAllMocks();
  }
  let clock = Date.now();

  beforeEach(async () => {
    file = `${await temporaryFolder()}/progress.json`;
    clock = Date.now() + 60_000;
  });

  test('is gone on with: what was verified is not read again', async () => {
    await interrupt();
    const kept = JSON.parse(await readFile(file, 'utf8'));
    expect(Object.keys(kept.parts).sort()).toEqual(PARTS);
    // Who writes this file is trusted: a seal of changed files in it shows that these are not read.
    await write(`${folder}/it/oa/itoa`, 'changed');
    vi.spyOn(Date, 'now').mockReturnValue(clock);
    await hashFolder(folder, { limit: 1_000_000, workers: 0, sealOf: () => undefined }, ({ below, seal }) => {
      if (below === 'it') kept.parts.it = seal;
    });
    vi.restoreAllMocks();
    await writeFile(file, JSON.stringify(kept));
    expect(await snapshot.verifySnapshot(folder, { progressFile: file })).toEqual(GOOD);
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await snapshot.verifySnapshot(folder, { progressFile: file })).toMatchObject({
      changed: [{ path: 'it/oa/itoa' }],
    });
  });

  test.each<[string, (path: string) => Promise<void>]>([
    ['other bytes', path => writeFile(path, 'changed')],
    [
      'other bytes of the same length and with the old time of change',
      async path => {
        const { length } = await readFile(path);
        await writeFile(path, 'x'.repeat(length));
        await utimes(path, old, old);
      },
    ],
    [
      'another file in its place, with the old time',
      async path => {
        const { length } = await readFile(path);
        await writeFile(`${path}.new`, 'x'.repeat(length));
        await utimes(`${path}.new`, old, old);
        await rename(`${path}.new`, path);
      },
    ],
  ])('sees %s', async (_, change) => {
    await utimes(`${folder}/it/oa/itoa`, old, old);
    await interrupt();
    await change(`${folder}/it/oa/itoa`);
    const report = await snapshot.verifySnapshot(folder, { progressFile: file });
    expect(report.changed.map(each => each.path)).toEqual(['it/oa/itoa']);
  });

  test('sees a file that went, and one that came', async () => {
    await interrupt();
    await rm(`${folder}/it/oa/itoa`);
    await write(`${folder}/se/rd/serde`, 'more');
    const report = await snapshot.verifySnapshot(folder, { progressFile: file });
    expect(report).toMatchObject({ changed: [], missing: ['it/oa/itoa'], unsigned: ['se/rd/serde'] });
  });

  test('keeps nothing of a part in which something differs', async () => {
    await write(`${folder}/it/oa/itoa`, 'changed');
    await interrupt();
    expect(Object.keys(JSON.parse(await readFile(file, 'utf8')).parts)).not.toContain('it');
  });

  test.each([
    ['snapshot', 'f'.repeat(64)],
    ['folder', '/elsewhere'],
  ])('is begun anew for another %s', async (member, value) => {
    await interrupt();
    const kept = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...kept, [member]: value, parts: { ...kept.parts, it: '0' } }));
    await write(`${folder}/it/oa/itoa`, 'changed');
    const report = await snapshot.verifySnapshot(folder, { progressFile: file });
    expect(report.changed.map(each => each.path)).toEqual(['it/oa/itoa']);
  });

  test.each(['[]', '{"format":2}', 'text', '{"format":1,"snapshot":"","folder":"","parts":{"it":1}}'])(
    'does not take %s for its progress, and leaves it',
    async text => {
      await writeFile(file, text);
      await expect(snapshot.verifySnapshot(folder, { progressFile: file })).rejects.toMatchObject({
        code: 'LIB_FILE',
      });
      expect(await readFile(file, 'utf8')).toBe(text);
    },
  );
});
