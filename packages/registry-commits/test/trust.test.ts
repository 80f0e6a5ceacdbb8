// First use, half-signed registries, revoked keys, thresholds, and what is kept between updates.
import { openMemoryStore } from '@cargo-tuf/client';
import { readFileSync } from 'node:fs';
import {
  isSignedRegistry,
  proposeAnchor,
  REGISTRY_LIMITS,
  rotationTag,
  syncRegistry,
} from '@cargo-tuf/registry-commits';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasGpg, needGpg } from '../../openpgp/test/gpg.ts';
import { DAY, type Keys, line, openKeys, World } from './world.ts';

let keys: Keys;
beforeAll(() => {
  if (!hasGpg) return;
  keys = openKeys(
    ['root1', 'root2', 'root3', 'bot1', 'bot2', 'revoked', 'stranger', 'owner1', 'owner2', 'targets'],
    ['brief'],
  );
}, 60_000);
afterAll(() => keys?.close());
beforeEach(needGpg);

const refused = (code: string) => ({ name: 'TufError', code });
const now = () => Date.now();
const roots = (world: World, version: number, root: string[], timestamp: string[], threshold = 1) =>
  world.root({ version, roles: { root: { keys: root }, timestamp: { keys: timestamp, threshold } } });

describe('a registry', () => {
  it('is a signed one by a signature, by root.toml, or because it was', async () => {
    const world = new World(keys, 'sha1');
    const source = await world.source();
    const known = { isKnown: false };
    const tip = world.commit(undefined);
    expect(await isSignedRegistry(source, tip, known)).toBe(false);
    expect(await isSignedRegistry(source, tip, { isKnown: true })).toBe(true);
    expect(await isSignedRegistry(source, world.commit('stranger'), known)).toBe(true);
    expect(await isSignedRegistry(source, world.commit(undefined, { 'root.toml': '' }), known)).toBe(true);
    const broken = Buffer.from(world.bytes('commit', tip)).toString().replace('\n\n', '\nx y\n\n');
    expect(await isSignedRegistry(source, world.replaceTip(Buffer.from(broken)), known)).toBe(true);
  });

  it('is refused when it is half of a signed one', async () => {
    const world = new World(keys, 'sha256');
    const source = await world.source();
    await expect(proposeAnchor(source, world.commit('bot1'), { now: now() })).rejects.toMatchObject(
      refused('REGISTRY_SIGNATURE_WITHOUT_ROOT'),
    );
    const root = roots(world, 1, ['root1'], ['bot1']);
    await expect(
      proposeAnchor(source, world.commit(undefined, { 'root.toml': root }), { now: now() }),
    ).rejects.toMatchObject(refused('REGISTRY_ROOT_WITHOUT_SIGNATURE'));
    await expect(proposeAnchor(source, world.commit('stranger'), { now: now() })).rejects.toMatchObject(
      refused('OPENPGP_UNKNOWN_KEY'),
    );
    await expect(
      proposeAnchor(source, world.commit('bot1'), { now: Date.UTC(2099, 1, 1) }),
    ).rejects.toMatchObject(refused('REGISTRY_EXPIRED'));
  });

  it("is refused with the RFC's root.toml, whose key id is that of no key", async () => {
    const url = new URL('../../../test-vectors/metadata/toml-root.json', import.meta.url);
    const vectors = JSON.parse(readFileSync(url, 'utf8')) as { description: string; lines: string[] }[];
    const { lines } = vectors.find(each => each.description.startsWith("the RFC's example")) as {
      lines: string[];
    };
    const world = new World(keys, 'sha1');
    const tip = world.commit('bot1', { 'root.toml': lines.map(each => `${each}\n`).join('') });
    await expect(proposeAnchor(await world.source(), tip, { now: now() })).rejects.toMatchObject({
      code: 'OPENPGP_FINGERPRINT',
      message:
        'key id: openpgp:1CCC030D310C5366B5EE51A1BF3303F7F69B6027, ' +
        "but the key's fingerprint is 311A2D50366C8A373F6F2C9765118076C3FFF870",
    });
  });
});

describe('a key', () => {
  it('that was revoked signs no tip and no rotation', async () => {
    const world = new World(keys, 'sha1');
    const source = await world.source();
    const root = (version: number) => roots(world, version, ['root1', 'revoked'], ['root1', 'revoked']);
    world.commit('root1', { 'root.toml': root(1) });
    const { bytes: anchor } = await proposeAnchor(source, world.tip, { now: now() });
    const store = openMemoryStore();
    const follow = () => syncRegistry(world.tip, { source, store, anchor, now: now() });
    world.commit('revoked');
    await follow();

    keys.revoke('revoked');
    const good = world.tip;
    // The root before, which says who the further signers are, does not know of the revocation.
    const both = world.commitBySeveral(['root1', 'revoked'], { 'root.toml': root(2) });
    await expect(proposeAnchor(source, both, { now: now() })).rejects.toMatchObject(
      refused('OPENPGP_KEY_REVOKED'),
    );
    world.reset(good, 2);
    world.commit('root1', { 'root.toml': root(2) });
    world.tag('revoked', rotationTag(2));
    await expect(follow()).rejects.toMatchObject(refused('OPENPGP_KEY_REVOKED'));
    world.tag('root1', rotationTag(2));
    await follow();
    world.commit('revoked');
    await expect(follow()).rejects.toMatchObject(refused('OPENPGP_KEY_REVOKED'));
    world.commit('root1');
    await follow();
  });

  it('that has expired since counts for a rotation and an owned entry, not for a tip', async () => {
    const world = new World(keys, 'sha256');
    const source = await world.source();
    const targets = world.targets({
      version: 1,
      roles: [{ name: 'serde', keys: ['brief'], paths: ['/se/rd/serde'] }],
    });
    const root = (version: number) =>
      world.root({
        version,
        roles: {
          root: { keys: ['brief', 'root1'] },
          timestamp: { keys: ['brief', 'bot1'] },
          targets: { keys: ['targets'] },
        },
      });
    const entry = line('serde', '1.0.0', '1');
    const tip = world.commit('brief', {
      'root.toml': root(1),
      'targets.toml': targets,
      'targets.toml.asc': keys.sign('targets', targets),
      'se/rd/serde': entry,
      'se/rd/serde.asc': keys.sign('brief', Buffer.from(entry)),
    });
    const { bytes: anchor } = await proposeAnchor(source, tip, { now: now() });
    world.commit('brief', { 'root.toml': root(2) });
    world.tag('brief', rotationTag(2));
    const later = now() + 3 * DAY;
    const store = openMemoryStore();
    await expect(syncRegistry(world.tip, { source, store, anchor, now: later })).rejects.toMatchObject(
      refused('OPENPGP_KEY_EXPIRED'),
    );
    const honest = world.commit('bot1');
    expect((await syncRegistry(honest, { source, store, anchor, now: later })).root.version).toBe(2);
  });
});

describe('a threshold of two', () => {
  it('takes two keys, each once', async () => {
    const world = new World(keys, 'sha1');
    const source = await world.source();
    const root = roots(world, 1, ['root1'], ['bot1', 'bot2', 'root2'], 2);
    world.commitBySeveral(['bot1', 'bot2'], { 'root.toml': root });
    const { bytes: anchor } = await proposeAnchor(source, world.tip, { now: now() });
    const store = openMemoryStore();
    const follow = () => syncRegistry(world.tip, { source, store, anchor, now: now() });
    await follow();
    for (const [signers, code] of [
      [['bot1'], 'REGISTRY_THRESHOLD'],
      [['bot1', 'bot1'], 'OPENPGP_REPEATED_SIGNER'],
      [['bot1', 'root1'], 'REGISTRY_THRESHOLD'],
      [['bot1', 'stranger'], 'OPENPGP_UNKNOWN_KEY'],
      [['bot1', 'bot2', 'stranger'], 'OPENPGP_UNKNOWN_KEY'],
    ] as const) {
      world.commitBySeveral(signers);
      await expect(follow(), signers.join()).rejects.toMatchObject(refused(code));
    }
    world.commitBySeveral(['bot2', 'root2', 'bot1']);
    await follow();
  });
});

describe('targets.toml', () => {
  it('needs the threshold of its role and the repository of its root', async () => {
    const world = new World(keys, 'sha1');
    const source = await world.source();
    const targets = world.targets({ version: 1, roles: [] });
    const signed = { 'targets.toml': targets, 'targets.toml.asc': keys.sign('targets', targets) };
    const propose = (threshold: number, repository?: string) => {
      const tip = world.commit('bot1', {
        ...signed,
        'timestamp.toml': world.timestamp(1, undefined, repository),
        'root.toml': world.root({
          version: 1,
          ...(repository !== undefined && { repository }),
          roles: {
            root: { keys: ['root1'] },
            timestamp: { keys: ['bot1'] },
            targets: { keys: ['targets', 'owner1'], threshold },
          },
        }),
      });
      return proposeAnchor(source, tip, { now: now() });
    };
    expect((await propose(1)).root.version).toBe(1);
    await expect(propose(2)).rejects.toMatchObject(refused('REGISTRY_THRESHOLD'));
    await expect(propose(1, 'ab'.repeat(32))).rejects.toMatchObject({
      ...refused('REGISTRY_REPOSITORY'),
      message: expect.stringMatching(/^targets\.toml/),
    });
  });
});

describe('what is kept', () => {
  it('follows the root although the tip is refused, and never goes back', async () => {
    const world = new World(keys, 'sha1');
    const source = await world.source();
    const base = world.commit('bot1', { 'root.toml': roots(world, 1, ['root1'], ['root1', 'bot1']) });
    const { bytes: anchor } = await proposeAnchor(source, base, { now: now() });
    const store = openMemoryStore();
    const follow = (tip = world.tip) => syncRegistry(tip, { source, store, anchor, now: now() });
    await follow();
    const rotation = world.commit('root1', { 'root.toml': roots(world, 2, ['root1'], ['root1', 'bot2']) });
    world.tag('root1', rotationTag(2));
    world.commit('bot1');
    await expect(follow()).rejects.toMatchObject(refused('OPENPGP_UNKNOWN_KEY'));
    world.git('tag', '--delete', rotationTag(2));
    await expect(follow(base)).rejects.toMatchObject(refused('REGISTRY_ROOT_ROLLBACK'));
    world.reset(rotation, 3);
    world.commit('bot2');
    // The store is no evidence: without its tag, nothing leads from the anchor to the root that it names.
    await expect(follow()).rejects.toMatchObject(refused('REGISTRY_ROOT_ROLLBACK'));
    world.tag('root1', rotationTag(2), rotation);
    expect((await follow()).root.version).toBe(2);
  });

  it('is refused when root.toml has expired', async () => {
    const world = new World(keys, 'sha1');
    const source = await world.source();
    const roles = { root: { keys: ['root1'] }, timestamp: { keys: ['root1'] } };
    const expires = now() + DAY;
    world.commit('root1', { 'root.toml': world.root({ version: 1, roles, expires }) });
    const { bytes: anchor } = await proposeAnchor(source, world.tip, { now: now() });
    const follow = (time: number) =>
      syncRegistry(world.tip, { source, store: openMemoryStore(), anchor, now: time });
    expect((await follow(now())).expires).toBe(Math.floor(expires / 1000) * 1000);
    await expect(follow(expires)).rejects.toMatchObject({
      ...refused('REGISTRY_EXPIRED'),
      message: expect.stringMatching(/^root\.toml: expired/),
    });
    await expect(follow(Number.NaN)).rejects.toMatchObject({ name: 'TufError' });
  });

  it('must fit the anchor, the object format and itself', async () => {
    const world = new World(keys, 'sha1');
    const source = await world.source();
    world.commit('bot1', { 'root.toml': roots(world, 1, ['root1'], ['root1', 'bot1']) });
    const { bytes: anchor } = await proposeAnchor(source, world.tip, { now: now() });
    const store = openMemoryStore();
    await syncRegistry(world.tip, { source, store, anchor, now: now() });
    const follow = (change: object) =>
      syncRegistry(world.tip, { source, store, anchor, now: now(), ...change });
    const other = roots(world, 1, ['root1'], ['root1', 'bot2']);
    await expect(follow({ anchor: other })).rejects.toMatchObject(refused('REGISTRY_ANCHOR'));
    const format = 'sha256' as const;
    await expect(
      follow({ source: { format, read: source.read.bind(source), ref: source.ref.bind(source) } }),
    ).rejects.toMatchObject(refused('REGISTRY_FORMAT'));
    const { revision } = await store.read();
    for (const state of ['{}', 'x', '{"format":1,"objects":"sha1","commit":"00"}']) {
      const documents = new Map([['registry.state', new TextEncoder().encode(state)]]);
      const damaged = { read: async () => ({ revision, documents }), replace: async () => 0 };
      await expect(follow({ store: damaged })).rejects.toMatchObject(refused('REGISTRY_STATE'));
    }
  });

  it('follows as many rotations as the limit allows, and files as large', async () => {
    const world = new World(keys, 'sha1');
    const source = await world.source();
    world.commit('root1', { 'root.toml': roots(world, 1, ['root1'], ['root1']) });
    const { bytes: anchor } = await proposeAnchor(source, world.tip, { now: now() });
    for (const version of [2, 3]) {
      world.commit('root1', { 'root.toml': roots(world, version, ['root1'], ['root1']) });
      world.tag('root1', rotationTag(version));
    }
    const follow = (limits: Partial<typeof REGISTRY_LIMITS>, store = openMemoryStore()) =>
      syncRegistry(world.tip, { source, store, anchor, now: now(), limits });
    await expect(follow({ rotations: 1 })).rejects.toMatchObject(refused('REGISTRY_ROTATIONS'));
    const store = openMemoryStore();
    await follow({ rotations: 2 }, store);
    const entry = line('itoa', '1.0.0', '1');
    world.commit('root1', { 'it/oa/itoa': entry });
    await expect(follow({ entryBytes: entry.length - 1 }, store)).rejects.toMatchObject(
      refused('REGISTRY_LIMIT'),
    );
    await expect(follow({ changedPaths: 1 }, store)).rejects.toMatchObject(refused('REGISTRY_LIMIT'));
    await expect(follow({ depth: 2 }, store)).rejects.toMatchObject(refused('REGISTRY_LIMIT'));
    await follow({ entryBytes: entry.length, changedPaths: 2, depth: 3 }, store);
  });

  it('knows what owners signed last', async () => {
    const world = new World(keys, 'sha1');
    const source = await world.source();
    const targets = world.targets({
      version: 1,
      roles: [{ name: 'serde', keys: ['owner1', 'owner2'], threshold: 1, paths: ['/se/rd/serde'] }],
    });
    const roles = {
      root: { keys: ['root1'] },
      timestamp: { keys: ['bot1'] },
      targets: { keys: ['targets'] },
    };
    const signLater = (bytes: string) =>
      keys.gpg
        .run(
          [
            '--faked-system-time',
            `${Math.floor(now() / 1000) + 60}`,
            '--armor',
            '--detach-sign',
            '--local-user',
            keys.ids.get('owner1') ?? '',
          ],
          bytes,
        )
        .toString();
    const first = line('serde', '1.0.0', '1', true);
    const second = line('serde', '1.0.0', '1');
    const old = { 'se/rd/serde': first, 'se/rd/serde.asc': keys.sign('owner1', Buffer.from(first)) };
    world.commit('bot1', {
      'root.toml': world.root({ version: 1, roles }),
      'targets.toml': targets,
      'targets.toml.asc': keys.sign('targets', targets),
      ...old,
    });
    const { bytes: anchor } = await proposeAnchor(source, world.tip, { now: now() });
    const store = openMemoryStore();
    const follow = () => syncRegistry(world.tip, { source, store, anchor, now: now() + 120_000 });
    await follow();
    world.commit('bot1', { 'se/rd/serde': second, 'se/rd/serde.asc': signLater(second) });
    await follow();
    const honest = world.tip;
    world.commit('bot1', old);
    await expect(follow()).rejects.toMatchObject(refused('REGISTRY_ROLLBACK'));
    world.reset(honest, 4);
    world.commit('bot1');
    await follow();
  });
});
