// What an anchor says about how its repository is read: kept, checked, and applied to the client.

import {
  addAnchor,
  ANCHOR_LIMITS,
  type AnchorRules,
  fingerprintOf,
  type Home,
  openRegistry,
  parseFormat,
  parseAllowance,
  parseLimits,
  readAnchor,
} from '@cargo-tuf/cargo-tuf-lib';
import { CLIENT_LIMITS } from '@cargo-tuf/client';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashOf, makeHome, makeWorld, REGISTRY, utf8, type World, write, writeMirror } from './world.ts';

const LIMIT = { code: 'LIB_LIMIT', kind: 'misuse' };
let world: World;
let home: Home;
let mirror = '';

beforeEach(async () => {
  world = await makeWorld([{ name: 'itoa', version: '1.0.1' }]);
  home = await makeHome();
  mirror = await writeMirror(world.files);
});

const trust = (rules: AnchorRules = {}) =>
  addAnchor(home, { registry: REGISTRY, root: world.repository.root, mirrors: [mirror], ...rules });

async function outcome(rules: AnchorRules): Promise<string> {
  const anchor = await trust(rules);
  try {
    const registry = await openRegistry({ anchor, home, clock: world.clock.now });
    try {
      const snapshot = await registry.sync();
      await snapshot.entry('itoa');
      return 'accepted';
    } finally {
      await registry.close();
    }
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

describe('limits', () => {
  it('have the names of the client’s, and with a prefix those of metadata', () => {
    for (const [name, value] of Object.entries(CLIENT_LIMITS)) expect(ANCHOR_LIMITS.get(name)).toBe(value);
    expect([...ANCHOR_LIMITS.keys()]).toEqual(
      expect.arrayContaining([
        'metadata.targets',
        'metadata.keysPerDelegations',
        'json.nodes',
        'json.members',
      ]),
    );
    expect(ANCHOR_LIMITS.has('json.depth')).toBe(false);
  });

  it('are read as NAME=VALUE', () => {
    expect(parseLimits(['targets=60000000', 'json.nodes=1'])).toEqual({
      targets: 60_000_000,
      'json.nodes': 1,
    });
    expect(parseLimits([])).toEqual({});
  });

  it.each([
    'targets',
    'targets=',
    '=5',
    'targets=-1',
    'targets=1.5',
    'targets=1e9',
    'targets=0x10',
    'targets=5 ',
    ' targets=5',
    'targets=5=6',
    'targets=٣',
    'targets=9007199254740993',
    'targets=0',
    'targets=5000000001',
    'Targets=5',
    'json.depth=33',
    'metadata.nothing=5',
    '__proto__=5',
    'constructor=5',
    'run=21600001',
    'parallel=1025',
  ])('%s is refused', text => {
    expect(() => parseLimits([text])).toThrow(expect.objectContaining(LIMIT));
  });

  it('at a thousand times the default are the last', () => {
    expect(parseLimits(['targets=5000000000', 'parallel=1024', 'run=21600000'])).toMatchObject({
      parallel: 1024,
    });
    expect(() => parseLimits(['targets=1', 'targets=2'])).toThrow(expect.objectContaining(LIMIT));
  });

  it('stand in the anchor, which can be given others', async () => {
    const limits = { targets: 6_000_000, 'metadata.roles': 5000 };
    const anchor = await trust({ limits, allow: ['rsa-pkcs1v15-sha256'] });
    expect(anchor).toMatchObject({ limits, allow: ['rsa-pkcs1v15-sha256'] });
    expect(await readAnchor(home, REGISTRY)).toEqual(anchor);
    const plain = await trust();
    expect(plain).not.toHaveProperty('limits');
    expect(await readAnchor(home, REGISTRY)).toEqual(plain);
    await expect(trust({ limits: { bytes: 5 } })).rejects.toMatchObject(LIMIT);
    expect(await readAnchor(home, REGISTRY)).toEqual(plain);
  });

  it('are those of the client and of its files', async () => {
    expect(await outcome({ limits: { targets: 100_000, 'metadata.metaFiles': 3 } })).toBe('accepted');
    expect(await outcome({ limits: { timestamp: 10 } })).toBe('HTTP_TOO_LONG');
    expect(await outcome({ limits: { 'metadata.metaFiles': 2 } })).toBe('METADATA_LIMIT');
    expect(await outcome({ limits: { 'json.nodes': 5 } })).toBe('JSON_LIMIT');
    expect(await outcome({ format: 'dsse' })).toBe('METADATA_FORMAT');
    expect(await outcome({ allow: ['rsa-pkcs1v15-sha256'] })).toBe('accepted');
  });

  it('bound the root of the anchor too', async () => {
    await trust({ limits: { root: 100 } });
    await expect(readAnchor(home, REGISTRY)).rejects.toMatchObject({ code: 'LIB_FILE' });
  });
});

describe('format and schemes', () => {
  it('are those that there are', () => {
    expect([parseFormat('json'), parseFormat('dsse')]).toEqual(['json', 'dsse']);
    expect(parseAllowance('rsa-pkcs1v15-sha256')).toBe('rsa-pkcs1v15-sha256');
    for (const text of ['', 'DSSE', 'toml'])
      expect(() => parseFormat(text)).toThrow(expect.objectContaining({ code: 'LIB_ARGUMENT' }));
    for (const text of ['', 'ed25519', 'rsa-pkcs1v15-sha1'])
      expect(() => parseAllowance(text)).toThrow(expect.objectContaining({ code: 'LIB_ARGUMENT' }));
  });
});

it.each([
  ['an unknown limit', { limits: { bytes: 5 } }],
  ['a limit that is text', { limits: { targets: '5' } }],
  ['a limit of nothing', { limits: { targets: 0 } }],
  ['limits that are a list', { limits: [] }],
  ['an unknown format', { metadata_format: 'toml' }],
  ['a format that is no text', { metadata_format: 1 }],
  ['an unknown scheme', { allow: ['md5'] }],
  ['schemes that are text', { allow: 'rsa-pkcs1v15-sha256' }],
])('an anchor.json with %s is damaged', async (_, members) => {
  const { root } = world.repository;
  await trust();
  const anchor = { fingerprint: fingerprintOf(root), format: 1, mirrors: [mirror], registry: REGISTRY };
  const path = `${home.anchors}/${hashOf(utf8(REGISTRY))}/anchor.json`;
  await write(path, JSON.stringify({ ...anchor, ...members }));
  await expect(readAnchor(home, REGISTRY)).rejects.toMatchObject({ code: 'LIB_ANCHOR_DAMAGED' });
  await write(path, JSON.stringify(anchor));
  expect(await readAnchor(home, REGISTRY)).toMatchObject({ registry: REGISTRY });
});
