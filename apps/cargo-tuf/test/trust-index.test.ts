// `cargo tuf trust add --git` at a terminal, in this process: what is shown, and that a yes is a yes.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { hasGpg, needGpg } from '../../../packages/openpgp/test/gpg.ts';
import { type Keys, openKeys, World } from '../../../packages/registry-commits/test/world.ts';
import { openContext } from '../src/context.ts';
import { run } from '../src/run.ts';

const REGISTRY = 'registry+https://crates.example/index.git';
let keys: Keys;

beforeAll(() => {
  if (hasGpg) keys = openKeys(['root1', 'bot1']);
}, 60_000);
afterAll(() => keys?.close());
beforeEach(needGpg);

async function open() {
  const folder = await mkdtemp(`${tmpdir()}/trust-`);
  onTestFinished(() => rm(folder, { recursive: true }));
  const world = new World(keys, 'sha256');
  const roles = { root: { keys: ['root1'] }, timestamp: { keys: ['bot1'] } };
  world.commit('bot1', { 'root.toml': world.root({ version: 1, roles }) });
  const url = pathToFileURL(`${world.folder}/.git`).href;
  const tuf = async (answer: string | undefined, ...args: readonly string[]) => {
    const written = { stdout: '', stderr: '' };
    const output = (name: 'stdout' | 'stderr') => ({ write: (text: string) => (written[name] += text) });
    const context = openContext({
      environment: { ...process.env, CARGO_HOME: `${folder}/cargo`, HOME: folder },
      workingFolder: folder,
      stdout: output('stdout'),
      stderr: output('stderr'),
      ask: answer === undefined ? undefined : async () => answer,
      clock: Date.now,
    });
    return { code: await run(args, context), ...written };
  };
  return { world, url, tuf };
}

it('shows the keys of each role, and takes nothing but a yes', async () => {
  const { world, url, tuf } = await open();
  for (const answer of ['', 'y', 'no']) {
    const declined = await tuf(answer, 'trust', 'add', REGISTRY, '--git', url);
    expect(declined.stderr).toContain('code: APP_DECLINED');
    expect(declined.code).toBe(2);
  }
  const added = await tuf('yes', 'trust', 'add', REGISTRY, '--git', url);
  expect(added.stderr).toContain(`index         git, sha256 objects, tip ${world.tip}`);
  expect(added.stderr).toContain('root.toml     version 1, expires 2099-01-01T00:00:00Z');
  expect(added.stderr).toContain(`root keys     1 of ${keys.id('root1')}`);
  expect(added.stderr).toContain(`timestamp keys 1 of ${keys.id('bot1')}`);
  expect(added.stderr).toContain(`${REGISTRY} is trusted`);
  expect(added.code).toBe(0);
  // What is trusted already is not asked about again, whatever root.toml its tip has by now.
  world.commit('root1', {
    'root.toml': world.root({
      version: 2,
      roles: { root: { keys: ['root1'] }, timestamp: { keys: ['root1', 'bot1'] } },
    }),
  });
  world.tag('root1', 'root-rotation-v1-2');
  const again = await tuf(
    undefined,
    'trust',
    'add',
    REGISTRY,
    '--git',
    url,
    '--git',
    'file:///srv/index.git',
  );
  expect(again.stderr).toContain('root.toml     version 1');
  expect(again.code).toBe(0);
  expect((await tuf(undefined, 'trust', 'list')).stdout).toContain(
    `git         ${url} file:///srv/index.git`,
  );
  expect((await tuf(undefined, 'sync')).stderr).toContain(`timestamp 2, commit ${world.tip}`);
});

it.each([
  ['neither mirror nor index', [], 'mirror: none given, expected --mirror URL or --git URL'],
  ['a mirror without a root', ['--mirror', 'https://m.example/'], 'root: none given, expected --root FILE'],
  ['both', ['--git', 'https://a.example/i', '--mirror', 'https://m.example/'], 'mirror: given beside --git'],
  ['an address that git is not let loose on', ['--git', 'ext::sh'], 'git url: "ext::sh", expected'],
  ['a format', ['--git', 'https://a.example/i', '--format', 'dsse'], 'of a signed git index there are none'],
])('%s is refused', async (_, args, message) => {
  const { tuf } = await open();
  const refused = await tuf('yes', 'trust', 'add', REGISTRY, ...args);
  expect(refused.stderr).toContain(message);
  expect(refused.code).toBe(2);
});
