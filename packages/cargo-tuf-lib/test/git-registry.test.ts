// A signed git index below this library: fetched, verified, kept, read again; mirrors that lie, processes that meet, and
// what a crash leaves. gpg and git make the index.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import {
  addAnchor,
  type Home,
  openHome,
  openRegistry,
  parseRegistryId,
  proposeRegistry,
  type Registry,
  type RegistryOptions,
} from '@cargo-tuf/cargo-tuf-lib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { hasGpg, needGpg } from '../../openpgp/test/gpg.ts';
import { type Keys, line, openKeys, World } from '../../registry-commits/test/world.ts';
import { startGitServer } from '../../../tools/fixtures/git-server.ts';
import { startMirror } from '../../../tools/fixtures/mirror-server.ts';

const ID = parseRegistryId('registry+https://crates.example/index.git');
const code = (expected: string) => ({ name: 'TufError', code: expected });
let keys: Keys;

beforeAll(() => {
  if (hasGpg) keys = openKeys(['root1', 'bot1', 'bot2', 'stranger']);
}, 60_000);
afterAll(() => keys?.close());
beforeEach(needGpg);

type Format = 'sha1' | 'sha256';

function openWorld(format: Format = 'sha1'): World {
  const world = new World(keys, format);
  world.commit('root1', {
    'root.toml': rootOf(world, 1, ['bot1']),
    'config.json': '{"dl":"https://crates.example/dl"}\n',
    'it/oa/itoa': line('itoa', '1.0.0', '1'),
  });
  return world;
}

function rootOf(world: World, version: number, bots: readonly string[]): Uint8Array {
  return world.root({
    version,
    roles: { root: { keys: ['root1'] }, timestamp: { keys: ['root1', ...bots] } },
  });
}

const urlOf = (world: World): string => pathToFileURL(`${world.folder}/.git`).href;

async function makeHome(): Promise<Home> {
  const folder = await mkdtemp(`${tmpdir()}/cargo-tuf-lib-`);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return openHome({ CARGO_HOME: folder }, '/');
}

type More = Partial<Pick<RegistryOptions, 'floors' | 'clock'>>;

/** Trusts what the first mirror proposes, as a user does who compared its fingerprint. */
async function trust(mirrors: readonly string[], home?: Home, more: More = {}): Promise<Registry> {
  const at = home ?? (await makeHome());
  const proposed = await proposeRegistry({ registry: ID, home: at, mirrors, clock: Date.now, proxy: false });
  await addAnchor(at, { registry: ID, kind: 'git', root: proposed.root, mirrors });
  await proposed.keep();
  return open(mirrors, at, proposed.root, more);
}

async function open(
  mirrors: readonly string[],
  home: Home,
  root: Uint8Array,
  more: More = {},
): Promise<Registry> {
  const anchor = await addAnchor(home, { registry: ID, kind: 'git', root, mirrors });
  const registry = await openRegistry({ anchor, home, clock: Date.now, proxy: false, ...more });
  onTestFinished(() => registry.close());
  return registry;
}

/** The bare repository of the one registry of a home. */
async function repositoryOf(home: Home): Promise<string> {
  const [slug = ''] = await readdir(home.crates);
  const name = (await readdir(`${home.crates}/${slug}`)).find(each => each.endsWith('.git'));
  return `${home.crates}/${slug}/${name}`;
}

const git = (folder: string, ...words: readonly string[]): string =>
  execFileSync('git', ['--git-dir', folder, ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

describe.each(['sha1', 'sha256'] as const)('an index of %s objects', format => {
  it('gives what was signed, with and without a network', async () => {
    const world = openWorld(format);
    const registry = await trust([urlOf(world)]);
    await expect(registry.openOffline()).rejects.toMatchObject(code('REGISTRY_NO_STATE'));
    for (const snapshot of [await registry.sync(), await registry.openOffline()]) {
      expect(await snapshot.config()).toMatchObject({ dl: 'https://crates.example/dl' });
      const entry = await snapshot.entry('ITOA');
      expect(Buffer.from(entry?.bytes ?? []).toString()).toBe(line('itoa', '1.0.0', '1'));
      expect(await snapshot.entry('ryu')).toBeUndefined();
      expect((await snapshot.version('itoa', '1.0.0')).cksum).toBe('1'.repeat(64));
      expect(snapshot.index).toMatchObject({ kind: 'git', floors: { root: 1, timestamp: 1 } });
    }
    await expect((await registry.openOffline()).crate('itoa', '1.0.0')).rejects.toMatchObject(
      code('LIB_OFFLINE'),
    );
  });

  it('is followed through a rotation and a squash, and compared with a folder', async () => {
    const world = openWorld(format);
    const registry = await trust([urlOf(world)]);
    await registry.sync();
    world.commit('root1', { 'root.toml': rootOf(world, 2, ['bot2']) });
    world.tag('root1', 'root-rotation-v1-2');
    world.commit('bot2');
    const tip = world.squash('bot2', { '3/r/ryu': line('ryu', '1.0.0', '2') });
    const snapshot = await registry.sync();
    expect(snapshot.index).toMatchObject({ commits: { commit: tip, root: { version: 2 } } });
    // The rotation is kept, whatever the mirror does with its tag.
    world.git('tag', '--delete', 'root-rotation-v1-2');
    for (const again of [await registry.sync(), await registry.openOffline()])
      expect(again.index).toMatchObject({ commits: { commit: tip, root: { version: 2 } } });
    const report = await snapshot.verifySnapshot(world.folder);
    expect(report).toEqual({ verified: 5, changed: [], missing: [], unsigned: [] });
    world.write({ 'it/oa/itoa': 'x', '3/r/ryu': null, 'ev/il/evil': '' });
    expect(await snapshot.verifySnapshot(world.folder)).toMatchObject({
      verified: 3,
      changed: [{ path: 'it/oa/itoa' }],
      missing: ['3/r/ryu'],
      unsigned: ['ev/il/evil'],
    });
  });

  it('is written as a clone that cargo reads, and nothing else reaches it', async () => {
    const world = openWorld(format);
    const registry = await trust([urlOf(world)]);
    await registry.sync();
    const folder = `${await mkdtemp(`${tmpdir()}/clone-`)}/index.git`;
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const first = await registry.clone?.(folder);
    expect(first?.verified).toBe(world.tip);
    if (format === 'sha1') expect(first?.commit).toBe(world.tip);
    const again = await registry.clone?.(folder);
    expect(again).toEqual(first);
    // A ref that somebody moved is put back.
    git(folder, 'update-ref', '-d', 'refs/heads/main');
    world.commit('bot1', { 'it/oa/itoa': null, '3/r/ryu': line('ryu', '1.0.0', '2') });
    await registry.sync();
    await registry.clone?.(folder);
    const paths = git(folder, 'ls-tree', '-r', '--name-only', 'HEAD').trim().split('\n');
    expect(paths).toEqual(['3/r/ryu', 'config.json', 'root.toml', 'timestamp.toml']);
    expect(git(folder, 'cat-file', 'blob', 'HEAD:3/r/ryu')).toBe(line('ryu', '1.0.0', '2'));
    git(folder, 'fsck', '--strict');
    await expect(registry.clone?.(world.folder)).rejects.toMatchObject(code('LIB_CLONE'));
    await expect(registry.clone?.(`${world.folder}/it`)).rejects.toMatchObject(code('LIB_CLONE'));
  });
});

describe('archives', () => {
  it('come from the dl that the index signed, and count by their checksum', async () => {
    const mirror = await startMirror(path => (path === 'itoa/1.0.0/download' ? Buffer.from('other') : null));
    onTestFinished(() => mirror.close());
    const world = openWorld();
    world.commit('bot1', { 'config.json': `{"dl":"${mirror.url.slice(0, -1)}"}\n` });
    const snapshot = await (await trust([urlOf(world)])).sync();
    await expect(snapshot.crate('itoa', '1.0.0')).rejects.toMatchObject(code('LIB_CRATE_HASH'));
  });
});

describe('an update', () => {
  it('of a tip that is trusted fetches nothing and writes nothing', async () => {
    const world = openWorld();
    const server = await startGitServer(world.folder);
    onTestFinished(() => server.close());
    const home = await makeHome();
    const registry = await trust([`${server.url}.git`], home);
    await registry.sync();
    const packs = await readdir(`${await repositoryOf(home)}/objects/pack`);
    server.requests.length = 0;
    await registry.sync();
    // The greeting, and the listing of refs.
    expect(server.requests).toEqual([
      'GET /.git/info/refs?service=git-upload-pack',
      'POST /.git/git-upload-pack',
    ]);
    expect(await readdir(`${await repositoryOf(home)}/objects/pack`)).toEqual(packs);
    expect(git(await repositoryOf(home), 'for-each-ref', '--format=%(refname)')).not.toContain('rotation');
  });

  it('asks the next mirror when one lies, is behind or is gone', async () => {
    const world = openWorld();
    const [behind, lying] = [openWorldLike(world), openWorldLike(world)];
    world.commit('bot1');
    lying.commit('stranger');
    const gone = 'file:///nonexistent/index.git';
    const home = await makeHome();
    const registry = await trust([urlOf(world)], home);
    await registry.sync();
    const { root } = registry.anchor;
    const patient = await open([gone, urlOf(lying), urlOf(behind), urlOf(world)], home, root);
    const snapshot = await patient.sync();
    expect(snapshot.index).toMatchObject({ commits: { commit: world.tip } });
    const refused = await open([gone, urlOf(lying)], home, root);
    await expect(refused.sync()).rejects.toMatchObject(code('OPENPGP_UNKNOWN_KEY'));
    await expect((await open([gone], home, root)).sync()).rejects.toMatchObject(code('GIT_FAILED'));
    // What was offered and refused is not kept.
    expect(git(await repositoryOf(home), 'for-each-ref', '--format=%(refname)').trim()).toBe(
      'refs/cargo-tuf/trusted',
    );
  });

  it('refuses a repository of another object format, and what floors from outside forbid', async () => {
    const world = openWorld();
    const home = await makeHome();
    const registry = await trust([urlOf(world)], home);
    await registry.sync();
    const { root } = registry.anchor;
    const other = await open([urlOf(openWorld('sha256'))], home, root);
    await expect(other.sync()).rejects.toMatchObject(code('REGISTRY_FORMAT'));
    for (const [floors, expected] of [
      [{ timestamp: 2 }, 'REGISTRY_ROLLBACK'],
      [{ root: 2 }, 'REGISTRY_ROOT_ROLLBACK'],
    ] as const) {
      const floor = new Map([[registry.repository, floors]]);
      const strict = await open([urlOf(world)], home, root, { floors: floor });
      await expect(strict.sync()).rejects.toMatchObject(code(expected));
      await expect(strict.openOffline()).rejects.toMatchObject(code(expected));
    }
    const far = await open([urlOf(world)], home, root, { clock: () => Date.UTC(2100, 0, 1) });
    await expect(far.sync()).rejects.toMatchObject(code('REGISTRY_EXPIRED'));
    expect((await far.openOffline()).index.expires).toBe(Date.UTC(2099, 0, 1));
  });

  it('may meet others of the same registry', async () => {
    const world = openWorld();
    const home = await makeHome();
    const registry = await trust([urlOf(world)], home);
    const { root } = registry.anchor;
    for (let round = 0; round < 3; round += 1) {
      world.commit('bot1', { 'it/oa/itoa': line('itoa', `1.${round}.0`, '1') });
      const several = await Promise.all([1, 2, 3, 4].map(() => open([urlOf(world)], home, root)));
      const snapshots = await Promise.all(several.map(each => each.sync()));
      for (const { index } of snapshots) expect(index).toMatchObject({ commits: { commit: world.tip } });
    }
    const refs = git(await repositoryOf(home), 'for-each-ref', '--format=%(refname) %(objectname)').trim();
    expect(refs).toBe(`refs/cargo-tuf/trusted ${world.tip}`);
  });
});

describe('what is kept', () => {
  it('survives git’s own housekeeping, a lost ref and refs that a crash left', async () => {
    const world = openWorld();
    const home = await makeHome();
    const registry = await trust([urlOf(world)], home);
    await registry.sync();
    const repository = await repositoryOf(home);
    git(repository, 'gc', '--quiet', '--prune=now');
    expect((await registry.openOffline()).index).toMatchObject({ commits: { commit: world.tip } });
    git(repository, 'update-ref', '-d', 'refs/cargo-tuf/trusted');
    const day = Math.floor(Date.now() / 1000) - 100_000;
    git(repository, 'update-ref', `refs/cargo-tuf/offered/${day}-ab/tip`, world.tip);
    git(repository, 'update-ref', `refs/cargo-tuf/offered/${day + 90_000}-ab/tip`, world.tip);
    const before = world.tip;
    world.squash('bot1');
    await registry.sync();
    const refs = git(repository, 'for-each-ref', '--format=%(refname) %(objectname)').trim().split('\n');
    expect(refs).toEqual([
      `refs/cargo-tuf/offered/${day + 90_000}-ab/tip ${before}`,
      `refs/cargo-tuf/trusted ${world.tip}`,
    ]);
  });

  it('can be used without a network after a stop at any point of a rotation', async () => {
    const world = openWorld();
    const home = await makeHome();
    const registry = await trust([urlOf(world)], home);
    await registry.sync();
    const before = world.tip;
    world.commit('root1', { 'root.toml': rootOf(world, 2, ['bot2']) });
    world.tag('root1', 'root-rotation-v1-2');
    // Where this ref cannot be written, all is as after a stop before it was.
    const rotations = `${await repositoryOf(home)}/refs/cargo-tuf/rotations`;
    await mkdir(rotations, { recursive: true });
    await writeFile(`${rotations}/root-rotation-v1-2.lock`, '');
    await expect(registry.sync()).rejects.toMatchObject({ name: 'TufError' });
    expect((await registry.openOffline()).index).toMatchObject({ commits: { commit: before } });
    await rm(`${rotations}/root-rotation-v1-2.lock`);
    expect((await registry.sync()).index).toMatchObject({ commits: { commit: world.tip } });
    expect((await registry.openOffline()).index).toMatchObject({ commits: { commit: world.tip } });
  });

  it('is fetched again where the repository was removed, what a squash cut off as well', async () => {
    const world = openWorld();
    const home = await makeHome();
    const registry = await trust([urlOf(world)], home);
    await registry.sync();
    const { root } = registry.anchor;
    await registry.close();
    await rm(await repositoryOf(home), { recursive: true });
    world.squash('bot1', { 'it/oa/itoa': line('itoa', '1.0.0', '2') });
    const again = await open([urlOf(world)], home, root);
    await expect(again.openOffline()).rejects.toMatchObject(code('LIB_NO_OBJECTS'));
    // The old tree is there to compare with.
    await expect(again.sync()).rejects.toMatchObject(code('REGISTRY_CHECKSUM'));
    world.commit('bot1', { 'it/oa/itoa': line('itoa', '1.0.0', '1') });
    expect((await again.sync()).index).toMatchObject({ commits: { commit: world.tip } });
  });

  it('stays small', async () => {
    const world = openWorld();
    const home = await makeHome();
    const registry = await trust([urlOf(world)], home);
    for (let round = 0; round < 51; round += 1) {
      world.commit('bot1', { 'README.md': String(round) });
      await registry.sync();
    }
    await registry.close();
    const packs = (await readdir(`${await repositoryOf(home)}/objects/pack`)).filter(name =>
      name.endsWith('.pack'),
    );
    expect(packs.length).toBeLessThan(5);
  }, 120_000);
});

describe('first use', () => {
  it('proposes what the tip is signed by, or takes the root.toml that the user has', async () => {
    const world = openWorld();
    const home = await makeHome();
    const first = world.root({
      version: 1,
      roles: { root: { keys: ['root1'] }, timestamp: { keys: ['root1', 'bot1'] } },
    });
    world.commit('root1', { 'root.toml': rootOf(world, 2, ['bot2']) });
    world.tag('root1', 'root-rotation-v1-2');
    const options = { registry: ID, home, mirrors: [urlOf(world)], clock: Date.now, proxy: false } as const;
    const proposed = await proposeRegistry(options);
    expect(proposed.document.version).toBe(2);
    await proposed.discard();
    const stated = await proposeRegistry({ ...options, root: first });
    expect(stated.root).toEqual(first);
    await stated.discard();
    const other = rootOf(world, 1, ['stranger']);
    await expect(proposeRegistry({ ...options, root: other })).rejects.toMatchObject({ kind: 'security' });
    expect(await readdir(`${home.crates}/${(await readdir(home.crates))[0]}`)).toEqual([]);
  });

  it('asks about no index that is none, or not signed', async () => {
    const home = await makeHome();
    const empty = await mkdtemp(`${tmpdir()}/empty-`);
    onTestFinished(() => rm(empty, { recursive: true, force: true }));
    execFileSync('git', ['init', '--quiet', '--bare', empty]);
    const propose = (mirror: string) =>
      proposeRegistry({ registry: ID, home, mirrors: [mirror], clock: Date.now, proxy: false });
    await expect(propose(pathToFileURL(empty).href)).rejects.toMatchObject(code('LIB_GIT_EMPTY'));
    const world = new World(keys, 'sha1');
    world.commit(undefined);
    await expect(propose(urlOf(world))).rejects.toMatchObject(code('LIB_NOT_SIGNED'));
    for (const mirror of [
      'ext::sh -c x',
      'ssh://crates.example/index.git',
      'http://crates.example/index.git',
      'https://u@h/x',
    ])
      await expect(propose(mirror)).rejects.toMatchObject(code('LIB_ARGUMENT'));
  });
});

/** The same index as another one has, in a repository of its own. */
function openWorldLike(world: World): World {
  const other = new World(keys, world.format);
  other.git('fetch', '--quiet', world.folder, 'HEAD');
  const id = other.id('FETCH_HEAD');
  other.reset(id, 1);
  return other;
}
