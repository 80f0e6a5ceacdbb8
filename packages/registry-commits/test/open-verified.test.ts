// What was verified before, opened without a network: whatever its keys became since, and not believed where the store or the
// repository was exchanged.
import { openMemoryStore } from '@cargo-tuf/client';
import {
  openVerifiedRegistry,
  proposeAnchor,
  readTrustedState,
  rotationTag,
  syncRegistry,
} from '@cargo-tuf/registry-commits';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasGpg, needGpg } from '../../openpgp/test/gpg.ts';
import { DAY, type Keys, line, openKeys, World } from './world.ts';

let keys: Keys;
beforeAll(() => {
  if (hasGpg) keys = openKeys(['root1', 'root2', 'bot1', 'bot2', 'thief'], ['brief']);
}, 60_000);
afterAll(() => keys?.close());
beforeEach(needGpg);

const refused = (code: string) => ({ name: 'TufError', code });

function rootOf(world: World, version: number, root: readonly string[], bots: readonly string[]): Uint8Array {
  return world.root({ version, roles: { root: { keys: root }, timestamp: { keys: [...root, ...bots] } } });
}

/** An index that a client trusts, by the root.toml of its first commit. */
async function open(format: 'sha1' | 'sha256', signer = 'bot1') {
  const world = new World(keys, format);
  const source = await world.source();
  world.commit(signer, {
    'root.toml': rootOf(world, 1, ['root1'], ['bot1', 'brief']),
    'it/oa/itoa': line('itoa', '1.0.0', '1'),
  });
  const { bytes: anchor } = await proposeAnchor(source, world.tip, { now: Date.now() });
  const store = openMemoryStore();
  const options = (now = Date.now()) => ({ source, store, anchor, now });
  return {
    world,
    store,
    follow: () => syncRegistry(world.tip, options()),
    reopen: (now?: number) => openVerifiedRegistry(options(now)),
    state: () => readTrustedState(options()),
  };
}

describe.each(['sha1', 'sha256'] as const)('an index of %s objects', format => {
  it('is opened as it was verified, however old', async () => {
    const { world, follow, reopen, state } = await open(format, 'brief');
    await expect(reopen()).rejects.toMatchObject(refused('REGISTRY_NO_STATE'));
    expect(await state()).toEqual({ anchor: 1, root: 1, commit: undefined, format: undefined });
    const verified = await follow();
    // The key of its only signature has expired by then, and so has the timestamp.
    for (const now of [Date.now(), Date.now() + 3 * DAY, Date.UTC(2100, 0, 1)]) {
      const opened = await reopen(now);
      expect(opened).toMatchObject({
        commit: verified.commit,
        tree: verified.tree,
        signers: verified.signers,
      });
      expect(await opened.read('it/oa/itoa', 1000)).toEqual(await verified.read('it/oa/itoa', 1000));
      const paths = [];
      for await (const { path } of opened.files()) paths.push(path);
      expect(paths).toEqual(['it/oa/itoa', 'root.toml', 'timestamp.toml']);
    }
    expect(await state()).toEqual({ anchor: 1, root: 1, commit: world.tip, format });
  });

  it('is opened behind rotations, at a tip of before and at one of several signatures', async () => {
    const { world, follow, reopen, state } = await open(format);
    const before = await follow();
    world.commitBySeveral(['root1', 'root2', 'bot2'], {
      'root.toml': rootOf(world, 2, ['root1', 'root2'], ['bot2']),
    });
    world.tag('root1', rotationTag(2));
    const rotation = world.tip;
    // The root is followed, and the tip refused: what was verified before is what there is.
    world.commit('thief');
    await expect(follow()).rejects.toMatchObject(refused('OPENPGP_UNKNOWN_KEY'));
    expect(await state()).toMatchObject({ anchor: 1, root: 2, commit: before.commit });
    expect(await reopen()).toMatchObject({ commit: before.commit, root: { version: 1 } });
    world.reset(rotation, 2);
    await follow();
    expect(await reopen()).toMatchObject({ commit: rotation, root: { version: 2 } });
  });

  it('is not believed where the store names what nobody signed', async () => {
    const { world, store, follow, reopen } = await open(format);
    await follow();
    const honest = await store.read();
    const thief = new World(keys, format);
    thief.commit('thief', { 'root.toml': rootOf(thief, 1, ['thief'], []) });
    const foreign = openMemoryStore();
    const { bytes: anchor } = await proposeAnchor(await thief.source(), thief.tip, { now: Date.now() });
    await syncRegistry(thief.tip, { source: await thief.source(), store: foreign, anchor, now: Date.now() });
    world.git('fetch', '--quiet', thief.folder, 'HEAD');
    const forged = (await foreign.read()).documents;
    for (const name of ['registry.state', 'registry.root']) {
      const bytes = forged.get(name) ?? null;
      await store.replace((await store.read()).revision, new Map([...honest.documents, [name, bytes]]));
      await expect(reopen(), name).rejects.toMatchObject({
        code: name === 'registry.state' ? 'REGISTRY_STATE' : 'REGISTRY_ANCHOR',
      });
    }
    const later = rootOf(world, 2, ['thief'], []);
    await store.replace(
      (await store.read()).revision,
      new Map([...honest.documents, ['registry.root', later]]),
    );
    await expect(reopen()).rejects.toMatchObject(refused('REGISTRY_ROOT_ROLLBACK'));
  });
});
