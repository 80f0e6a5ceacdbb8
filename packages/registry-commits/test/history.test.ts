// Honest histories, made with the real git and gpg, followed without a question.
import { openMemoryStore } from '@cargo-tuf/client';
import { parseObjectId } from '@cargo-tuf/git-object';
import { initRepository } from '@cargo-tuf/git-transport';
import { joinSignatures } from '@cargo-tuf/openpgp';
import { isSignedRegistry, proposeAnchor, rotationTag, syncRegistry } from '@cargo-tuf/registry-commits';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { hasGpg, needGpg } from '../../openpgp/test/gpg.ts';
import { type Keys, line, openKeys, World } from './world.ts';

let keys: Keys;
beforeAll(() => {
  if (hasGpg)
    keys = openKeys(['root1', 'root2', 'root3', 'bot1', 'bot2', 'bot3', 'owner1', 'owner2', 'targets']);
}, 60_000);
afterAll(() => keys?.close());
beforeEach(needGpg);

describe.each(['sha1', 'sha256'] as const)('a %s repository', format => {
  it('is followed through publishes, renewals, rotations and a squash, step by step and at once', async () => {
    const world = new World(keys, format);
    const root = (version: number, roots: string[], bots: string[]) =>
      world.root({ version, roles: { root: { keys: roots }, timestamp: { keys: [...roots, ...bots] } } });
    world.commit('root1', {
      'root.toml': root(1, ['root1'], ['bot1']),
      'config.json': '{"dl":"https://example.org/dl"}\n',
      'it/oa/itoa': line('itoa', '1.0.0', '1'),
    });
    const source = await world.source();
    const now = Date.now();
    expect(await isSignedRegistry(source, world.tip, { isKnown: false })).toBe(true);
    const anchor = await proposeAnchor(source, world.tip, { now });
    expect(anchor.root.version).toBe(1);

    const [steps, late] = [openMemoryStore(), openMemoryStore()];
    const follow = async (store = steps) => {
      const registry = await syncRegistry(world.tip, {
        source,
        store,
        anchor: anchor.bytes,
        now: Date.now(),
      });
      expect(registry.commit).toBe(world.tip);
      return registry;
    };
    await follow(late);
    expect((await follow()).signers).toEqual([keys.id('root1')]);

    world.commit('bot1', { 'it/oa/itoa': line('itoa', '1.0.0', '1') + line('itoa', '1.0.1', '2') });
    expect((await follow()).signers).toEqual([keys.id('bot1')]);
    world.commit('bot1', { 'se/rd/serde': line('serde', '1.0.0', '3') });
    await follow();
    world.commit('bot1');
    expect((await follow()).timestamp.version).toBe(4);
    // The same tip again changes nothing.
    expect((await follow()).timestamp.version).toBe(4);

    world.commit('root1', { 'root.toml': root(2, ['root1'], ['bot2']) });
    world.tag('root1', rotationTag(2));
    expect((await follow()).root.version).toBe(2);
    world.commit('bot2', { 'it/oa/itoa': line('itoa', '1.0.0', '1', true) + line('itoa', '1.0.1', '2') });
    await follow();

    world.commit('root1', { 'root.toml': root(3, ['root1', 'root2'], ['bot2']) });
    world.tag('root1', rotationTag(3));
    world.commit('root2', { 'root.toml': root(4, ['root2'], ['bot2']) });
    world.tag('root2', rotationTag(4));
    expect((await follow()).root.version).toBe(4);

    world.squash('bot2', { 'se/rd/serde': line('serde', '1.0.0', '3') + line('serde', '1.0.1', '4') });
    const registry = await follow();
    expect(world.git('rev-list', '--count', 'HEAD')).toBe('1');
    expect(new TextDecoder().decode(await registry.read('it/oa/itoa', 1_000))).toContain('"yanked":true');
    expect(await registry.read('no/th/nothing', 1_000)).toBeUndefined();

    expect((await follow(late)).root.version).toBe(4);
    const stranger = openMemoryStore();
    expect((await follow(stranger)).timestamp.version).toBe(registry.timestamp.version);
    world.git('fsck', '--strict');
    world.git('verify-commit', 'HEAD');
    world.git('verify-tag', rotationTag(4));
  });

  it('is followed with thresholds of two, through a rotation that exchanges a key', async () => {
    const world = new World(keys, format);
    const repository = 'ab'.repeat(32);
    const stamp = (version: number) => ({
      'timestamp.toml': world.timestamp(version, undefined, repository),
    });
    const root = (version: number, roots: string[], bots: string[]) =>
      world.root({
        version,
        repository,
        roles: {
          root: { keys: roots, threshold: 2 },
          timestamp: { keys: bots, threshold: 2 },
          mirrors: { keys: bots },
        },
      });
    world.commitBySeveral(
      ['bot1', 'bot2'],
      { 'root.toml': root(1, ['root1', 'root2'], ['bot1', 'bot2', 'bot3']), ...stamp(1) },
      1,
    );
    const source = await world.source();
    const anchor = await proposeAnchor(source, world.tip, { now: Date.now() });
    const store = openMemoryStore();
    const follow = () => syncRegistry(world.tip, { source, store, anchor: anchor.bytes, now: Date.now() });
    await follow();
    world.commitBySeveral(['bot3', 'bot1'], { 'it/oa/itoa': line('itoa', '1.0.0', '1'), ...stamp(2) }, 2);
    expect((await follow()).signers).toEqual([keys.id('bot3'), keys.id('bot1')]);

    world.commitBySeveral(
      ['root1', 'root2', 'root3', 'bot2', 'bot3'],
      { 'root.toml': root(2, ['root2', 'root3'], ['bot2', 'bot3']), ...stamp(3) },
      3,
    );
    world.tagBySeveral(['root1', 'root2', 'root3'], rotationTag(2));
    expect((await follow()).root.version).toBe(2);
  });

  it('has owners of crates, whose signatures lie beside the entries', async () => {
    const world = new World(keys, format);
    const entry = line('serde', '1.0.0', '1');
    const both = (text: string) => ({
      'se/rd/serde': text,
      'se/rd/serde.asc': joinSignatures(['owner1', 'owner2'].map(name => keys.sign(name, Buffer.from(text)))),
    });
    const targets = world.targets({
      version: 1,
      roles: [
        {
          name: 'serde',
          keys: ['owner1', 'owner2'],
          threshold: 2,
          paths: ['/se/rd/serde', '/se/rd/serde_derive'],
        },
      ],
    });
    const roles = {
      root: { keys: ['root1'] },
      timestamp: { keys: ['root1', 'bot1'] },
      targets: { keys: ['targets'] },
    };
    world.commit('root1', {
      'root.toml': world.root({ version: 1, roles }),
      'targets.toml': targets,
      'targets.toml.asc': keys.sign('targets', targets),
      ...both(entry),
    });
    const source = await world.source();
    const anchor = await proposeAnchor(source, world.tip, { now: Date.now() });
    const store = openMemoryStore();
    const follow = () => syncRegistry(world.tip, { source, store, anchor: anchor.bytes, now: Date.now() });
    expect((await follow()).targets?.roles[0]?.paths).toHaveLength(2);
    world.squash('bot1', both(entry + line('serde', '1.0.1', '2')));
    await follow();
  });

  it('is followed in a clone that fetches the tip and the tags', async () => {
    const world = new World(keys, format);
    const root = (version: number, bot: string) =>
      world.root({ version, roles: { root: { keys: ['root1'] }, timestamp: { keys: ['root1', bot] } } });
    world.commit('root1', { 'root.toml': root(1, 'bot1'), 'it/oa/itoa': line('itoa', '1.0.0', '1') });
    const clone = await initRepository(`${world.folder}/.git/clone`, { format, protocols: ['file'] });
    onTestFinished(() => clone.close());
    const tags = 'refs/tags/root-rotation-v*';
    const refspecs = [
      { from: 'HEAD', to: 'refs/index/tip' },
      { from: tags, to: tags },
    ];
    const fetch = async () => {
      await clone.fetch({ url: `file://${world.folder}`, refspecs });
      return parseObjectId((await clone.ref('refs/index/tip')) ?? '', format);
    };
    const { bytes: anchor } = await proposeAnchor(clone, await fetch(), { now: Date.now() });
    const store = openMemoryStore();
    const follow = async () => syncRegistry(await fetch(), { source: clone, store, anchor, now: Date.now() });
    await follow();
    world.commit('root1', { 'root.toml': root(2, 'bot2') });
    world.tag('root1', rotationTag(2));
    world.squash('bot2', { 'it/oa/itoa': line('itoa', '1.0.0', '1') + line('itoa', '1.0.1', '2') });
    expect((await follow()).root.version).toBe(2);
    world.squash('bot2', { 'it/oa/itoa': line('itoa', '1.0.0', '3') });
    await expect(follow()).rejects.toMatchObject({ code: 'REGISTRY_CHECKSUM' });
    world.squash('bot2', { 'it/oa/itoa': line('itoa', '1.0.0', '1') });
    await follow();
  });
});
