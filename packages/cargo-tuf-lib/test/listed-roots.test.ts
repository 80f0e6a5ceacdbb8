// A registry that is trusted because the signed releases list its roots.

import { pathToFileURL } from 'node:url';
import {
  addAnchor,
  fingerprintOf,
  type Home,
  openRegistry,
  openReleases,
  readAnchor,
  readListedRoot,
  readReleasesAnchor,
  reanchorRegistry,
  removeAnchor,
  RUST_RELEASES,
  type TrustAnchor,
} from '@cargo-tuf/cargo-tuf-lib';
import { publishCratesRoot } from '@cargo-tuf/repository';
import { HonestRepository } from '@cargo-tuf/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { buildReleaseServer, type ReleaseServer } from '../../../tools/fixtures/releases.ts';
import { entriesOf, makeHome, makeWorld, REGISTRY, serve, temporaryFolder, type World } from './world.ts';

const DAY = 24 * 60 * 60 * 1000;
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Scene {
  readonly world: World;
  readonly server: ReleaseServer;
  readonly home: Home;
  /** What the mirror of the registry serves. */
  files: ReadonlyMap<string, Uint8Array>;
  readonly mirror: string;
  sync(): Promise<number | undefined>;
  /** Lists the roots of a registry. */
  list(repository: HonestRepository): Promise<void>;
}

const rootsOf = ({ files }: HonestRepository): readonly Uint8Array[] => {
  const roots: Uint8Array[] = [];
  for (let version = 1; ; version++) {
    const root = files.get(`metadata/${version}.root.json`);
    if (root === undefined) return roots;
    roots.push(root);
  }
};

async function makeScene(): Promise<Scene> {
  const world = await makeWorld([{ name: 'itoa', version: '1.0.1' }]);
  const folder = `${await temporaryFolder()}/server`;
  const server = await buildReleaseServer(folder, { clock: world.clock.now });
  await publishCratesRoot(server.context, rootsOf(world.repository));
  const home = await makeHome();
  const { url: mirror } = await serve(path => scene.files.get(path));
  const scene: Scene = {
    world,
    server,
    home,
    files: world.repository.files,
    mirror,
    list: async repository => {
      await publishCratesRoot(server.context, rootsOf(repository));
    },
    sync: async () => {
      const anchor = (await readAnchor(home, REGISTRY)) as TrustAnchor;
      const registry = await openRegistry({ anchor, home, clock: world.clock.now, proxy: false });
      closing.push(() => registry.close());
      return (await registry.sync()).index.floors.root;
    },
  };
  await addAnchor(home, {
    registry: RUST_RELEASES,
    root: server.root,
    mirrors: [`${pathToFileURL(folder).href}/`],
  });
  const { bytes } = await withReleases(scene, readListedRoot);
  await addAnchor(home, { registry: REGISTRY, root: bytes, mirrors: [mirror], listed: true });
  return scene;
}

async function withReleases<T>(
  { home, world }: Scene,
  work: (snapshot: Awaited<ReturnType<Awaited<ReturnType<typeof openReleases>>['sync']>>) => Promise<T>,
): Promise<T> {
  const anchor = await readReleasesAnchor(home);
  const releases = await openReleases({ anchor, home, clock: world.clock.now });
  try {
    return await work(await releases.sync());
  } finally {
    await releases.close();
  }
}

describe('a registry whose roots the releases list', () => {
  it('is followed from root to root as they are listed', async () => {
    const scene = await makeScene();
    expect((await readAnchor(scene.home, REGISTRY))?.listed).toBe(true);
    expect(await scene.sync()).toBe(1);
    const { repository } = scene.world;
    for (let version = 2; version <= 11; version++)
      await repository.rotate(version % 2 ? 'timestamp' : 'root');
    await scene.list(repository);
    expect(await scene.sync()).toBe(11);
  });

  it('is refused under a root that is not listed, and accepted once it is', async () => {
    const scene = await makeScene();
    await scene.sync();
    const { repository } = scene.world;
    await repository.rotate('timestamp');
    await expect(scene.sync()).rejects.toMatchObject({
      code: 'LIB_ROOT_UNLISTED',
      kind: 'security',
      message: expect.stringMatching(/^root 2: is not listed/),
    });
    await scene.list(repository);
    expect(await scene.sync()).toBe(2);
  });

  it('needs no root from its own mirrors', async () => {
    const scene = await makeScene();
    const { repository } = scene.world;
    const before = repository.copy();
    await repository.renewRoot();
    await scene.list(repository);
    scene.files = new Map([...repository.files].filter(([path]) => path !== 'metadata/2.root.json'));
    expect(await scene.sync()).toBe(2);
    scene.files = before;
    await expect(scene.sync()).rejects.toMatchObject({ code: 'CLIENT_ROLLBACK' });
  });

  it('is not brought up to date by releases that have expired', async () => {
    const scene = await makeScene();
    await scene.sync();
    scene.world.clock.advance(8 * DAY);
    await scene.world.repository.renew();
    await expect(scene.sync()).rejects.toMatchObject({
      code: 'CLIENT_EXPIRED',
      message: expect.stringMatching(/^timestamp/),
    });
  });

  it('is refused where its anchor, or what was followed from it, is not what is listed now', async () => {
    const scene = await makeScene();
    const others = await HonestRepository.create({ clock: scene.world.clock });
    await removeAnchor(scene.home, REGISTRY);
    await addAnchor(scene.home, {
      registry: REGISTRY,
      root: others.root,
      mirrors: [scene.mirror],
      listed: true,
    });
    scene.files = others.files;
    await expect(scene.sync()).rejects.toMatchObject({ code: 'METADATA_HASH' });

    const ahead = await makeScene();
    await ahead.world.repository.renewRoot();
    await ahead.list(ahead.world.repository);
    expect(await ahead.sync()).toBe(2);
    // Other releases, which list less.
    const folder = `${await temporaryFolder()}/server`;
    const server = await buildReleaseServer(folder, { clock: ahead.world.clock.now });
    await publishCratesRoot(server.context, rootsOf(ahead.world.repository).slice(0, 1));
    await removeAnchor(ahead.home, RUST_RELEASES);
    await addAnchor(ahead.home, {
      registry: RUST_RELEASES,
      root: server.root,
      mirrors: [`${pathToFileURL(folder).href}/`],
    });
    ahead.files = new Map([...ahead.files].filter(([path]) => path !== 'metadata/2.root.json'));
    await expect(ahead.sync()).rejects.toMatchObject({
      code: 'LIB_ROOT_UNLISTED',
      message: 'root 2: the signed releases list roots up to 1',
    });
  });

  it('needs the releases to be trusted', async () => {
    const scene = await makeScene();
    const home = await makeHome();
    const anchor = (await readAnchor(scene.home, REGISTRY)) as TrustAnchor;
    await expect(openRegistry({ anchor, home, clock: Date.now })).rejects.toMatchObject({
      code: 'LIB_NO_RELEASES',
    });
  });
});

describe('lost keys of a registry', () => {
  /** The same registry under other keys, with a second root that the first one did not sign. */
  const replaced = async (scene: Scene): Promise<HonestRepository> => {
    const repository = await HonestRepository.create({ clock: scene.world.clock });
    await repository.renewRoot();
    const [first] = rootsOf(scene.world.repository);
    const [, second] = rootsOf(repository);
    await publishCratesRoot(scene.server.context, [first, second] as Uint8Array[], { reanchor: true });
    scene.files = repository.files;
    return repository;
  };

  it('a root that is listed but breaks the chain is refused until a user takes it, and floors stay', async () => {
    const scene = await makeScene();
    await scene.sync();
    const repository = await replaced(scene);
    await expect(scene.sync()).rejects.toMatchObject({
      code: 'LIB_ROOT_CHAIN',
      kind: 'security',
      message: expect.stringMatching(/^root 2: listed by the signed releases, but does not follow root 1/),
    });
    const anchor = await withReleases(scene, releases => reanchorRegistry(scene.home, REGISTRY, releases));
    expect(anchor.fingerprint).toBe(fingerprintOf(rootsOf(repository)[1] as Uint8Array));
    expect(await readAnchor(scene.home, REGISTRY)).toEqual(anchor);
    // The new keys have published nothing yet: an empty registry is older than what this machine has seen.
    await expect(scene.sync()).rejects.toMatchObject({ code: 'CLIENT_ROLLBACK' });
    await repository.publish({ entries: entriesOf([{ name: 'itoa', version: '1.0.1' }]) });
    await repository.raiseEpoch();
    await publishCratesRoot(scene.server.context, [
      rootsOf(scene.world.repository)[0] as Uint8Array,
      ...rootsOf(repository).slice(1),
    ]);
    expect(await scene.sync()).toBe(3);
  });

  it('of another repository, of a registry that is not listed, or of none, are not replaced', async () => {
    const scene = await makeScene();
    const home = await makeHome();
    await withReleases(scene, async releases => {
      await expect(reanchorRegistry(home, REGISTRY, releases)).rejects.toMatchObject({
        code: 'LIB_NO_ANCHOR',
      });
      const root = rootsOf(scene.world.repository)[0] as Uint8Array;
      await addAnchor(home, { registry: REGISTRY, root, mirrors: [scene.mirror] });
      await expect(reanchorRegistry(home, REGISTRY, releases)).rejects.toMatchObject({
        code: 'LIB_ARGUMENT',
      });
      const later = await HonestRepository.create({ clock: scene.world.clock });
      await later.renewRoot();
      const newer = await makeHome();
      const second = rootsOf(later)[1] as Uint8Array;
      await addAnchor(newer, { registry: REGISTRY, root: second, mirrors: [scene.mirror], listed: true });
      await expect(reanchorRegistry(newer, REGISTRY, releases)).rejects.toMatchObject({
        code: 'LIB_ROOT_CHAIN',
      });
      const other = await HonestRepository.create({ clock: scene.world.clock, seed: 9 });
      const stranger = await makeHome();
      await addAnchor(stranger, {
        registry: REGISTRY,
        root: other.root,
        mirrors: [scene.mirror],
        listed: true,
      });
      const before = await readAnchor(stranger, REGISTRY);
      await expect(reanchorRegistry(stranger, REGISTRY, releases)).rejects.toMatchObject({
        code: 'LIB_ROOT_CHAIN',
      });
      expect(await readAnchor(stranger, REGISTRY)).toEqual(before);
    });
  });
});
