// A signed git index from its first commit to a squash, with the real tools: gpg makes the keys, git makes and signs the index
// of Debian's crates, and the unmodified cargo builds from it. The developer is asked once, at first use.

import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Keys, openKeys } from '../../../../packages/registry-commits/test/world.ts';
import { hasDebianCrates } from '../../../../tools/fixtures/debian-crates.ts';
import type { SmallCrate } from '../../../../tools/fixtures/small-registry.ts';
import { Developer } from './developer.ts';
import type { Ended } from './process.ts';
import { debianCrates, NO_INDEX, SignedIndex } from './signed-index.ts';

const reason =
  NO_INDEX ??
  ((await hasDebianCrates())
    ? undefined
    : "needs Debian's librust-*-dev packages, see tools/fixtures/debian-crates.txt");

let keys: Keys;
let index: SignedIndex;
let developer: Developer;
let crates: readonly SmallCrate[];

beforeAll(() => {
  if (reason === undefined) keys = openKeys(['root1', 'root2', 'bot1', 'bot2']);
});
afterAll(() => keys?.close());

const named = (...names: readonly string[]) => crates.filter(each => names.includes(each.name));

/** A project that takes these crates from the registry `lab`. */
async function writeProject(...names: readonly string[]): Promise<void> {
  const dependencies = names.map(name => `${name} = { version = "*", registry = "lab" }`);
  await mkdir(`${developer.project}/src`, { recursive: true });
  await mkdir(`${developer.project}/.cargo`, { recursive: true });
  await writeFile(`${developer.project}/.cargo/config.toml`, `[registries.lab]\nindex = "${index.url}"\n`);
  await writeFile(
    `${developer.project}/Cargo.toml`,
    `[package]\nname = "demo"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n${dependencies.join('\n')}\n`,
  );
  await writeFile(`${developer.project}/src/main.rs`, 'fn main() {}\n');
}

/** What only a fresh look at the index can give: the next crate. */
async function builds(command: () => Promise<Ended>, ...names: readonly string[]): Promise<void> {
  await writeProject(...names);
  const ended = await command();
  expect(ended.stderr).toContain('Finished');
  expect(ended.code).toBe(0);
  const lock = await readFile(`${developer.project}/Cargo.lock`, 'utf8');
  for (const name of names) expect(lock).toContain(`name = "${name}"`);
  const sources = new Set(lock.match(/^source = .*$/gm));
  expect([...sources]).toEqual([`source = "registry+${index.url}"`]);
}

/** Every file of a repository's HEAD, with its content: the same in both object formats. */
function treeOf(folder: string): readonly string[] {
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['--git-dir', folder, ...words], { encoding: 'utf8' });
  const paths = git('ls-tree', '-r', '--name-only', 'HEAD').trim().split('\n');
  return paths.map(path => `${path}: ${git('cat-file', 'blob', `HEAD:${path}`)}`);
}

/** The next steps of the operator, after the first commit; each with a crate that nobody has seen before. */
async function* operatorSteps(): AsyncGenerator<readonly string[]> {
  const { world } = index;
  world.commit('bot1', await index.files(named('ryu')));
  yield ['itoa', 'ryu'];
  world.commit('bot1', await index.files(named('cfg-if')));
  yield ['itoa', 'ryu', 'cfg-if'];
  // Nothing but the timestamp.
  world.commit('bot1');
  yield ['itoa', 'cfg-if'];
  // The timestamp key gives way to another.
  world.commit('root1', { 'root.toml': index.rootOf(2, ['root1'], ['root1', 'bot2']) });
  world.tag('root1', 'root-rotation-v1-2');
  world.commit('bot2', await index.files(named('anyhow')));
  yield ['itoa', 'anyhow'];
  // So does the only root key, in two rotations: git makes one signature.
  world.commit('root1', { 'root.toml': index.rootOf(3, ['root1', 'root2'], ['root1', 'root2', 'bot2']) });
  world.tag('root1', 'root-rotation-v1-3');
  world.commit('root2', { 'root.toml': index.rootOf(4, ['root2'], ['root2', 'bot2']) });
  world.tag('root2', 'root-rotation-v1-4');
  world.commit('bot2', await index.files(named('semver')));
  yield ['itoa', 'anyhow', 'semver'];
  world.squash('bot2', await index.files(named('hex')));
  yield ['itoa', 'anyhow', 'semver', 'hex'];
}

describe.each(['sha1', 'sha256'] as const)('a signed git index of %s objects', format => {
  beforeEach(async context => {
    if (reason !== undefined) console.log(`skipped: ${reason}`);
    context.skip(reason !== undefined, reason);
    index = await SignedIndex.create(keys, format);
    developer = await Developer.create();
    crates = await debianCrates(`${developer.folder}/crates`, [
      'itoa',
      'ryu',
      'cfg-if',
      'anyhow',
      'semver',
      'hex',
    ]);
    index.world.commit('bot1', {
      'root.toml': index.rootOf(1, ['root1'], ['root1', 'bot1']),
      ...(await index.files(named('itoa'))),
    });
    const trusted = await developer.tuf([
      'trust',
      'add',
      `registry+${index.url}`,
      '--git',
      index.url,
      '--fingerprint',
      await index.fingerprint,
    ]);
    expect(trusted.stderr).toContain(`index         git, ${format} objects`);
    expect(trusted.stderr).toContain(`root keys     1 of ${keys.id('root1')}`);
    expect(trusted.code).toBe(0);
  });
  afterEach(async () => {
    await index?.close();
    await developer?.remove();
  });

  it('is followed by cargo through the proxy, with no question asked', async () => {
    const build = () => developer.tuf(['build']);
    await builds(build, 'itoa');
    for await (const names of operatorSteps()) {
      await rm(`${developer.project}/Cargo.lock`);
      await builds(build, ...names);
      await builds(build, ...names);
    }
    const status = JSON.parse((await developer.tuf(['status', '--json'])).stdout);
    expect(status.registries).toMatchObject([{ kind: 'git', commit: index.world.tip }]);
  });

  it('is followed by cargo alone through a verified clone', async () => {
    const folder = `${developer.folder}/clone.git`;
    const build = async (): Promise<Ended> => {
      const cloned = await developer.tuf(['clone', folder]);
      expect(cloned.stderr).toBe('');
      expect(cloned.stdout).toContain(`verified commit ${index.world.tip}`);
      await writeFile(`${developer.cargoHome}/config.toml`, cloned.stdout);
      expect(treeOf(folder)).toEqual(treeOf(`${index.world.folder}/.git`));
      return developer.cargo(['build']);
    };
    await builds(build, 'itoa');
    for await (const names of operatorSteps()) {
      await rm(`${developer.project}/Cargo.lock`);
      await builds(build, ...names);
    }

    // What is not verified never reaches the clone.
    const { tip } = index.world;
    index.world.commit(undefined);
    const refused = await developer.tuf(['clone', folder]);
    expect(refused.stderr).toContain('code: REGISTRY_UNSIGNED');
    expect(refused.code).toBe(4);
    index.world.reset(tip, 100);
    expect(treeOf(folder)).toEqual(treeOf(`${index.world.folder}/.git`));

    // Somebody's own repository is not written to.
    const other = await developer.tuf(['clone', index.world.folder]);
    expect(other.stderr).toContain('code: LIB_CLONE');
    expect(other.code).toBe(2);
  });
});
