import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import type { RegistrySnapshot } from '@cargo-tuf/cargo-tuf-lib';
import { indexPath } from '@cargo-tuf/crate-index';
import { beforeEach, expect, test } from 'vitest';
import { entriesOf, hashOf, makeWorld, open, temporaryFolder, utf8, write, writeMirror } from './world.ts';

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
