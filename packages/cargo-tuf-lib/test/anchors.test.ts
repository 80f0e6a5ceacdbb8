import { mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import {
  addAnchor,
  CRATES_IO,
  fingerprintOf,
  type Home,
  isFolderMirror,
  listAnchors,
  parseMirror,
  parseRegistryId,
  readAnchor,
  removeAnchor,
} from '@cargo-tuf/cargo-tuf-lib';
import { beforeEach, describe, expect, test } from 'vitest';
import { flipped, hashOf, makeHome, REGISTRY, utf8, write } from './world.ts';

const ROOT = utf8('{"signatures":[],"signed":{}}');
const MIRRORS = ['https://one.example/tuf', 'https://two.example/'];
const DAMAGED = { code: 'LIB_ANCHOR_DAMAGED', kind: 'malformed' };

let home: Home;
let folder = '';

beforeEach(async () => {
  home = await makeHome();
  folder = `${home.anchors}/${hashOf(utf8(REGISTRY))}`;
});

function add(mirrors: readonly string[] = MIRRORS, registry = REGISTRY): ReturnType<typeof addAnchor> {
  return addAnchor(home, { registry, root: ROOT, mirrors });
}

test('what is added is read again, listed, and removed', async () => {
  const anchor = await add();
  expect(anchor).toEqual({
    registry: REGISTRY,
    kind: 'tuf',
    root: ROOT,
    fingerprint: fingerprintOf(ROOT),
    mirrors: ['https://one.example/tuf/', 'https://two.example/'],
  });
  expect(await readAnchor(home, REGISTRY)).toEqual(anchor);
  const crates = await add(['file:///srv/mirror'], CRATES_IO);
  expect(await listAnchors(home)).toEqual([crates, anchor]);
  await removeAnchor(home, REGISTRY);
  expect(await readAnchor(home, REGISTRY)).toBeUndefined();
  expect(await listAnchors(home)).toEqual([crates]);
});

test('of a signed git index has its own kind, file, addresses and limits', async () => {
  const limits = { 'git.packBytes': 2 ** 33, 'index.rotations': 9 };
  const index = { registry: REGISTRY, kind: 'git' as const, root: ROOT, limits };
  const anchor = await addAnchor(home, {
    ...index,
    mirrors: ['https://one.example/index.git', 'file:///srv/i'],
  });
  expect(anchor.mirrors).toEqual(['https://one.example/index.git', 'file:///srv/i']);
  expect(await readAnchor(home, REGISTRY)).toEqual(anchor);
  expect((await readdir(folder)).sort()).toEqual(['anchor.json', 'root.toml']);
  const text = await readFile(`${folder}/anchor.json`, 'utf8');
  expect(text).toContain('"kind":"git"');
  for (const kind of ['"kind":"tuf"', '"kind":"hg"', '"king":"git"']) {
    await write(`${folder}/anchor.json`, text.replace('"kind":"git"', kind));
    await expect(readAnchor(home, REGISTRY)).rejects.toMatchObject({ code: 'LIB_ANCHOR_DAMAGED' });
  }
});

test.each([
  ['an address of another protocol', 'git', { mirrors: ['ssh://one.example/i'] }, 'LIB_ARGUMENT'],
  ['an address with a user', 'git', { mirrors: ['https://u:p@one.example/i'] }, 'LIB_ARGUMENT'],
  ['no address', 'git', { mirrors: [] }, 'LIB_ARGUMENT'],
  ['a format', 'git', { format: 'dsse' }, 'LIB_ARGUMENT'],
  ['an allowance', 'git', { allow: ['fractional-seconds'] }, 'LIB_ARGUMENT'],
  ['a limit of the other kind', 'git', { limits: { root: 1 } }, 'LIB_LIMIT'],
  ['a limit of the other kind', 'tuf', { limits: { 'git.packBytes': 1 } }, 'LIB_LIMIT'],
  ['a limit that is fixed', 'git', { limits: { 'index.depth': 1 } }, 'LIB_LIMIT'],
] as const)('%s is refused for an anchor of kind %s', async (_, kind, more, code) => {
  const anchor = { registry: REGISTRY, kind, root: ROOT, mirrors: ['https://one.example/i'], ...more };
  await expect(addAnchor(home, anchor)).rejects.toMatchObject({ code });
  expect(await listAnchors(home)).toEqual([]);
});

test('belongs to this user alone', async () => {
  await add();
  const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o077;
  for (const path of [home.anchors, folder, `${folder}/anchor.json`, `${folder}/root.json`])
    expect(await mode(path)).toBe(0);
  expect((await readdir(folder)).sort()).toEqual(['anchor.json', 'root.json']);
});

test('no anchor is no anchor; the same root can be given other mirrors, another root cannot', async () => {
  expect(await readAnchor(home, REGISTRY)).toBeUndefined();
  expect(await listAnchors(home)).toEqual([]);
  await expect(removeAnchor(home, REGISTRY)).rejects.toMatchObject({ code: 'LIB_NO_ANCHOR' });
  await add();
  const anchor = await add(['https://three.example/']);
  expect(await readAnchor(home, REGISTRY)).toEqual(anchor);
  const other = { registry: REGISTRY, root: utf8('{}'), mirrors: MIRRORS };
  await expect(addAnchor(home, other)).rejects.toMatchObject({
    code: 'LIB_ANCHOR_EXISTS',
    details: { trusted: fingerprintOf(ROOT), given: fingerprintOf(utf8('{}')) },
  });
  expect(await readAnchor(home, REGISTRY)).toEqual(anchor);
});

test('an anchor of a look-alike is another anchor', async () => {
  await add();
  for (const text of ['sparse+https://crates.example/Index/', 'sparse+https://crates.example/index//'])
    expect(await readAnchor(home, parseRegistryId(text))).toBeUndefined();
});

describe('damage', () => {
  test('of any bit of root.json is found', async () => {
    await add();
    for (const bytes of flipped(ROOT)) {
      await write(`${folder}/root.json`, bytes);
      await expect(readAnchor(home, REGISTRY)).rejects.toMatchObject(DAMAGED);
    }
  });
  test('of any bit of anchor.json is found, or changes nothing but where bytes come from', async () => {
    await add();
    const bytes = new Uint8Array(await readFile(`${folder}/anchor.json`));
    let refused = 0;
    for (const damaged of flipped(bytes)) {
      await write(`${folder}/anchor.json`, damaged);
      try {
        const anchor = await readAnchor(home, REGISTRY);
        expect(anchor).toMatchObject({ registry: REGISTRY, fingerprint: fingerprintOf(ROOT), root: ROOT });
        for (const mirror of anchor?.mirrors ?? []) expect(parseMirror(mirror)).toBe(mirror);
      } catch (error) {
        expect(error).toMatchObject(DAMAGED);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(1400);
  });
  test('of length: every truncation of either file', async () => {
    await add();
    for (const file of ['root.json', 'anchor.json']) {
      const bytes = await readFile(`${folder}/${file}`);
      for (let length = 0; length < bytes.length; length++) {
        await write(`${folder}/${file}`, bytes.subarray(0, length));
        await expect(readAnchor(home, REGISTRY)).rejects.toMatchObject(DAMAGED);
      }
      await write(`${folder}/${file}`, bytes);
    }
    expect(await readAnchor(home, REGISTRY)).toBeDefined();
  });
  test('a root.json that is gone', async () => {
    await add();
    await rm(`${folder}/root.json`);
    await expect(readAnchor(home, REGISTRY)).rejects.toMatchObject(DAMAGED);
    await removeAnchor(home, REGISTRY);
  });
  const anchorJson = (members: object): string =>
    JSON.stringify({
      fingerprint: fingerprintOf(ROOT),
      format: 1,
      mirrors: MIRRORS,
      registry: REGISTRY,
      ...members,
    });
  test.each([
    ['another format', { format: 2 }],
    ['another registry', { registry: CRATES_IO }],
    ['a wrong fingerprint', { fingerprint: '0'.repeat(64) }],
    ['a fingerprint in capitals', { fingerprint: fingerprintOf(ROOT).toUpperCase() }],
    ['no fingerprint', { fingerprint: undefined }],
    ['no mirrors', { mirrors: [] }],
    ['mirrors that are no list', { mirrors: 'https://one.example/' }],
    ['a mirror that is no text', { mirrors: [1] }],
    ['a mirror over plain http', { mirrors: ['http://one.example/'] }],
    ['a folder beside a mirror', { mirrors: ['https://one.example/', 'file:///srv/'] }],
  ])('%s', async (_, members) => {
    await add();
    await write(`${folder}/anchor.json`, anchorJson(members));
    await expect(readAnchor(home, REGISTRY)).rejects.toMatchObject(DAMAGED);
  });
  test('two values for one key', async () => {
    await add();
    const text = anchorJson({}).replace('{', `{"fingerprint":"${'0'.repeat(64)}",`);
    await write(`${folder}/anchor.json`, text);
    await expect(readAnchor(home, REGISTRY)).rejects.toMatchObject(DAMAGED);
  });
  test.each([
    ['names no registry', { registry: undefined }],
    ['names a registry that is none', { registry: 'ftp://a' }],
    ['names another registry', { registry: CRATES_IO }],
  ])('a listed anchor that %s', async (_, members) => {
    await add();
    await write(`${folder}/anchor.json`, anchorJson(members));
    await expect(listAnchors(home)).rejects.toMatchObject(DAMAGED);
  });
  test('an anchor in the folder of another registry is not listed under its name', async () => {
    await add();
    await mkdir(`${home.anchors}/${'0'.repeat(64)}`);
    await rename(folder, `${home.anchors}/${'0'.repeat(64)}`);
    await expect(listAnchors(home)).rejects.toMatchObject(DAMAGED);
  });
  test('more bytes than an anchor has', async () => {
    await add();
    await write(`${folder}/root.json`, new Uint8Array(512_001));
    await expect(readAnchor(home, REGISTRY)).rejects.toMatchObject({ code: 'LIB_FILE' });
  });
  test('what lies beside anchors is no anchor', async () => {
    await add();
    await write(`${home.anchors}/README`, 'hello');
    await mkdir(`${home.anchors}/${'1'.repeat(64)}`);
    await symlink('nothing', `${home.anchors}/${'2'.repeat(64)}`);
    expect(await listAnchors(home)).toHaveLength(1);
  });
});

describe('mirrors', () => {
  test.each([
    ['https://mirror.example', 'https://mirror.example/'],
    ['https://mirror.example/', 'https://mirror.example/'],
    ['https://mirror.example:8443/a/b', 'https://mirror.example:8443/a/b/'],
    ['https://mirror.example/a%20b/', 'https://mirror.example/a%20b/'],
    ['http://127.0.0.1:4000/', 'http://127.0.0.1:4000/'],
    ['http://localhost/', 'http://localhost/'],
    ['http://[::1]:4000', 'http://[::1]:4000/'],
    ['file:///srv/mirror', 'file:///srv/mirror/'],
  ])('%s', (text, mirror) => {
    expect(parseMirror(text)).toBe(mirror);
    expect(isFolderMirror(mirror)).toBe(text.startsWith('file'));
  });
  test.each([
    '',
    'mirror.example',
    '/srv/mirror',
    'http://mirror.example/',
    'http://127.0.0.1.mirror.example/',
    'http://127.0.0.1@mirror.example/',
    'http://localhost.mirror.example/',
    'https://user@mirror.example/',
    'https://user:word@mirror.example/',
    'https://mirror.example/?a',
    'https://mirror.example/#a',
    'https://mirror.example/a/../b',
    'https://mirror.example/a/..',
    'https://mirror.example/a/%2e%2e/b',
    'https://mirror.example/%2E/',
    'https://mirror.example/./',
    'https://mirror.example\\evil.example/',
    'https://mirror.example:99999/',
    'http://127.0.0.1:99999/',
    'https://mirror.example/a b',
    'https://mirror.example/\u00e9',
    'https://\u00e9.example/',
    'https://mirror.example\u0000/',
    'https://mirror.example/"',
    'https:///mirror.example/',
    'https://',
    'HTTPS://mirror.example/',
    'file://host/srv/',
    'file:/srv',
    'file:///srv/../etc/',
    'ftp://mirror.example/',
    ' https://mirror.example/',
    'https://mirror.example/\n',
  ])('"%s" is none', async text => {
    expect(() => parseMirror(text)).toThrow(expect.objectContaining({ code: 'LIB_ARGUMENT' }));
    await expect(add([text])).rejects.toMatchObject({ code: 'LIB_ARGUMENT' });
    expect(await readAnchor(home, REGISTRY)).toBeUndefined();
  });
  test.each([[[]], [['https://a.example/', 'file:///srv/']], [['file:///a/', 'file:///b/']]])(
    '%j together are refused',
    async mirrors => {
      await expect(add(mirrors)).rejects.toMatchObject({ code: 'LIB_ARGUMENT' });
    },
  );
});
