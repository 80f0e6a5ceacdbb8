// Each command on a signed git index, beside what it does for a registry of TUF metadata.

import { readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Keys, openKeys } from '../../../../packages/registry-commits/test/world.ts';
import { writeProject } from '../../../../tools/fixtures/debian-project.ts';
import { SMALL_CRATES, smallCrate } from '../../../../tools/fixtures/small-registry.ts';
import { Developer } from './developer.ts';
import type { Ended } from './process.ts';
import { NO_INDEX, SignedIndex } from './signed-index.ts';

const OWNED = 'fa/re/farewell';
let keys: Keys;
let index: SignedIndex;
let developer: Developer;

beforeAll(async () => {
  if (NO_INDEX !== undefined) return;
  keys = openKeys(['root1', 'bot1', 'targets', 'owner']);
  index = await SignedIndex.create(keys, 'sha256');
  developer = await Developer.create();
  const { world } = index;
  const files = await index.files(SMALL_CRATES);
  const entry = files[OWNED] as Uint8Array;
  const targets = world.targets({
    version: 1,
    roles: [{ name: 'farewell', keys: ['owner'], paths: [`/${OWNED}`] }],
  });
  world.commit('bot1', {
    ...files,
    'root.toml': world.root({
      version: 1,
      roles: { root: { keys: ['root1'] }, timestamp: { keys: ['bot1'] }, targets: { keys: ['targets'] } },
    }),
    'targets.toml': targets,
    'targets.toml.asc': keys.sign('targets', targets),
    [`${OWNED}.asc`]: keys.sign('owner', entry),
  });
  await writeProject(developer.project, { greeting: '"1"', farewell: '"0.1"' });
  await succeeds('trust', 'add', 'crates-io', '--git', index.url, '--fingerprint', await index.fingerprint);
}, 120_000);

afterAll(async () => {
  await developer?.tuf(['disable']);
  await index?.close();
  await developer?.remove();
  keys?.close();
});

async function succeeds(...args: readonly string[]): Promise<Ended> {
  const ended = await developer.tuf(args);
  expect(ended.stderr).not.toContain('error');
  expect(ended.code).toBe(0);
  return ended;
}

const json = async (...args: readonly string[]) => JSON.parse((await succeeds(...args, '--json')).stdout);

describe('on a signed git index', () => {
  beforeEach(context => {
    if (NO_INDEX !== undefined) console.log(`skipped: ${NO_INDEX}`);
    context.skip(NO_INDEX !== undefined, NO_INDEX);
  });

  it('status and trust list say of what kind it is', async () => {
    expect(await json('trust', 'list')).toMatchObject([
      { kind: 'git', mirrors: [index.url], fingerprint: await index.fingerprint },
    ]);
    expect((await succeeds('trust', 'list')).stdout).toContain(`git         ${index.url}`);
    expect((await json('status')).registries).toMatchObject([{ registry: 'crates-io', kind: 'git' }]);
    expect((await succeeds('status')).stdout).toContain('crates-io: trusted, not synced yet');
  });

  it('sync brings what offline needs, and writes floors that a fresh machine keeps to', async () => {
    const synced = await succeeds('sync', '--floors');
    expect(synced.stderr).toContain(`crates-io: timestamp 1, commit ${index.world.tip}, expires 2099-`);
    const floors = JSON.parse(await readFile(`${developer.project}/Cargo.tuf.json`, 'utf8'));
    expect(Object.values(floors.floors)).toEqual([{ root: 1, timestamp: 1 }]);
    await index.git.close();
    const built = await succeeds('build', '--offline');
    expect(built.stderr).toContain('offline: crates-io as of timestamp 1, which expires in');
    expect(built.stderr).toContain('Finished');
    await index.reopen();
    const higher = JSON.stringify(floors).replace('"timestamp":1', '"timestamp":2');
    await writeFile(`${developer.project}/Cargo.tuf.json`, higher);
    const refused = await developer.tuf(['sync']);
    expect(refused.stderr).toContain('timestamp.toml: version 1, expected 2 or higher as the floors say');
    expect(refused.code).toBe(4);
    await rm(`${developer.project}/Cargo.tuf.json`);
    expect((await json('status')).registries).toMatchObject([{ timestamp: 1, commit: index.world.tip }]);
    expect((await succeeds('status')).stdout).toContain(`timestamp 1, commit ${index.world.tip}, expires`);
  });

  it('explain shows the chain from the root keys to the file', async () => {
    const { stdout } = await succeeds('explain', 'farewell@0.1.0');
    expect(stdout).toContain(`you trust the root with fingerprint ${await index.fingerprint}`);
    expect(stdout).toMatch(/root\.toml 1 +each change of it is signed by 1 of the 1 root keys/);
    expect(stdout).toMatch(
      new RegExp(`commit +${index.world.tip}, signed by ${keys.id('bot1')}: 1 of the 1 timestamp keys must`),
    );
    expect(stdout).toContain(`role farewell owns it: signed by 1 of ${keys.id('owner')}`);
    expect(stdout).toMatch(/farewell-0\.1\.0\.crate +the entry states sha256 [0-9a-f]{64}/);
    const chain = await json('explain', 'greeting', '--offline');
    expect(chain).toContainEqual({ what: 'greeting', says: 'has no owners: the registry signs it' });
    expect(chain).toContainEqual({ what: 'versions', says: '1.0.0, 1.1.0' });
    expect((await succeeds('explain', 'nothing')).stdout).toContain(
      'the tree of the commit proves that the index has no such crate',
    );
  });

  it('verify compares the project, cargo’s caches and a whole index', async () => {
    expect((await succeeds('verify')).stdout).toMatch(/3 locked crates and \d+ copies in cargo's caches/);
    const folder = index.world.folder;
    expect((await succeeds('verify', '--index', folder)).stdout).toBe('9 index entries are as signed\n');
    index.world.write({ 'gr/ee/greeting': 'x\n' });
    const changed = await developer.tuf(['verify', '--index', folder, '--offline']);
    expect(changed.stderr).toMatch(/gr\/ee\/greeting: sha256 [0-9a-f]{64}, expected [0-9a-f]{64}/);
    expect(changed.code).toBe(4);
    index.world.git('checkout', '--quiet', '--', '.');
  });

  it('download, doctor, config and clean work as they do', async () => {
    expect(await json('download', 'greeting@1.1.0')).toMatchObject({ crate: 'greeting', version: '1.1.0' });
    expect((await developer.tuf(['download', 'greeting@9.9.9'])).stderr).toContain('code: LIB_NO_CRATE');
    const doctor = await json('doctor');
    expect(doctor).toContainEqual({
      name: expect.stringContaining('sync registry+'),
      ok: true,
      result: `timestamp 1, commit ${index.world.tip}`,
    });
    await succeeds('config', '--explain');
    expect((await succeeds('clean', '--cache')).stdout).toContain('the cache of crates-io');
    await succeeds('build');
  });

  it('enable lets plain cargo take it from the proxy', async () => {
    // Before the proxy starts: the first run takes the sync that it begins with for its own.
    index.world.commit('bot1', await index.files([smallCrate('hello', '1.0.0', '')]));
    await succeeds('enable');
    await writeProject(developer.project, { greeting: '"1"', hello: '"1"' });
    const built = await developer.cargo(['build']);
    expect(built.stderr).toContain('Finished');
    const lock = await readFile(`${developer.project}/Cargo.lock`, 'utf8');
    expect(lock).toContain('source = "registry+https://github.com/rust-lang/crates.io-index"');
    await succeeds('disable');
  });

  it('clone writes what crates-io is replaced by', async () => {
    const folder = `${developer.folder}/clone.git`;
    const { stdout } = await succeeds('clone', folder);
    expect(stdout).toContain('[source.crates-io]\nreplace-with = "cargo-tuf-clone-crates-io"');
    expect(await json('clone', folder, '--offline')).toMatchObject({ folder, verified: index.world.tip });
    await writeFile(`${developer.cargoHome}/config.toml`, stdout);
    await rm(`${developer.project}/Cargo.lock`);
    expect((await developer.cargo(['build'])).stderr).toContain('Finished');
    expect((await json('status')).bypasses).not.toContainEqual(expect.stringContaining('replaces'));
    await rm(`${developer.cargoHome}/config.toml`);
  });
});
