// One instance of the client at work on the real folder store, while its files are cut off, deleted or exchanged between
// two calls: every answer stays right, and a sync puts the store in order again.

import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { type FolderStore, openFolderStore } from '@cargo-tuf/folder-store';
import { encodeHex } from '@cargo-tuf/keys';
import { targetUrlPath } from '@cargo-tuf/metadata';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentOf, leafOf, makeFiles, makeRoot, Mirror, open } from './world.ts';

const NAMES = ['itoa', 'ryu', 'serde', 'syn'];
const PATHS = new Map([
  ['itoa', 'it/oa/itoa'],
  ['ryu', '3/r/ryu'],
  ['serde', 'se/rd/serde'],
  ['syn', '3/s/syn'],
]);

let folder: string;
let files: Map<string, Uint8Array>;
let stores: FolderStore[];

beforeEach(async () => {
  stores = [];
  folder = await mkdtemp(`${tmpdir()}/store-damage-`);
  files = await makeFiles({ leaves: NAMES.map(name => leafOf(name)) });
  files.set('metadata/2.root.json', await makeRoot(2));
  for (const name of NAMES) {
    const path = targetUrlPath(PATHS.get(name) as string, encodeHex(leafOf(name).sha256));
    files.set(`targets/${path}`, contentOf(name));
  }
});
afterEach(async () => {
  await settled();
  await rm(folder, { recursive: true });
});

type Damage = (path: string) => Promise<void>;
const DAMAGES: readonly (readonly [string, Damage])[] = [
  ['cut off', path => truncate(path, 20)],
  ['empty', path => truncate(path, 0)],
  ['deleted', path => rm(path)],
  ['exchanged', path => writeFile(path, '{"signatures":[],"signed":{}}')],
];

async function settled(): Promise<void> {
  for (const store of stores) await store.settled();
}

/** Every file of the store but its locks, relative to its folder. */
async function storeFiles(): Promise<readonly string[]> {
  await settled();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter(entry => entry.isFile())
    .map(entry => `${entry.parentPath}/${entry.name}`)
    .filter(path => !path.startsWith(`${folder}/lock`))
    .sort();
}

async function openClient() {
  const root = files.get('metadata/1.root.json') as Uint8Array;
  const store = await openFolderStore(folder);
  stores.push(store);
  return open(new Mirror(files), { root, store });
}

async function expectEntry(
  snapshot: Awaited<ReturnType<Awaited<ReturnType<typeof openClient>>['sync']>>,
  name: string,
) {
  expect((await snapshot.entries([name])).get(name)?.bytes, name).toEqual(contentOf(name));
}

describe.each(DAMAGES)('a file of the store is %s between two targets', (_what, damage) => {
  it('each file in turn', async () => {
    const client = await openClient();
    await expectEntry(await client.sync(), 'itoa');
    const count = (await storeFiles()).length;
    expect(count).toBeGreaterThan(8);
    for (let index = 0; index < count; index++) {
      const snapshot = await client.sync();
      const path = (await storeFiles())[index];
      if (path === undefined) continue;
      await damage(path);
      for (const name of NAMES) await expectEntry(snapshot, name);
      expect((await snapshot.entries(['absent'])).get('absent')).toBeUndefined();
      expect((await client.sync()).versions).toMatchObject({ root: 2, timestamp: 1, tree: 1 });
    }
  });

  it('all of them, before every call', async () => {
    const client = await openClient();
    const snapshot = await client.sync();
    for (const name of NAMES) {
      for (const path of await storeFiles()) await damage(path);
      await expectEntry(snapshot, name);
    }
    for (const path of await storeFiles()) await damage(path);
    const again = await client.sync();
    expect(again.versions).toMatchObject({ root: 2, timestamp: 1, tree: 1 });
    for (const name of NAMES) await expectEntry(again, name);
  });

  it('is in order after the next sync, for another instance without a network', async () => {
    const first = await (await openClient()).sync();
    for (const name of NAMES) await expectEntry(first, name);
    for (const path of await storeFiles()) await damage(path);
    const second = await (await openClient()).sync();
    for (const name of NAMES) await expectEntry(second, name);
    await settled();
    const offline = await (await openClient()).openOffline();
    expect(offline.versions).toEqual(second.versions);
    for (const name of NAMES) await expectEntry(offline, name);
  });
});

it('targets of delegations are found while the store of their roles is cut off', async () => {
  const client = await openClient();
  const snapshot = await client.sync();
  expect(await snapshot.findTarget('se/rd/absent')).toBeUndefined();
  for (const path of await storeFiles()) await truncate(path, 20);
  expect(await snapshot.findTarget('se/rd/absent')).toBeUndefined();
  expect(await snapshot.findTarget('3/r/absent')).toBeUndefined();
});
