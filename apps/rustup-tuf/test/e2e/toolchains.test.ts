// Toolchains from a signed release server, and rustup, which uses what rustup-tuf installed.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildReleaseServer, type ReleaseServer } from '../../../../tools/fixtures/releases.ts';
import { OTHER_TARGET, packSmallToolchain } from '../../../../tools/fixtures/toolchain-archives.ts';
import { type ReleaseMirror, startReleaseMirror } from './release-mirror.ts';
import { HOST, NO_RUSTUP, RustUser } from './rust-user.ts';

let user: RustUser;
let server: ReleaseServer;
let mirror: ReleaseMirror;
let base: RustUser;

beforeAll(async () => {
  base = await RustUser.create();
  server = await buildReleaseServer(`${base.folder}/server`);
  await server.publishChannel({ channel: 'stable', date: '2026-11-20', version: '1.95.0' });
  await server.publishChannel({ channel: 'nightly', date: '2026-11-21', version: '1.97.0' });
  await server.publishRustup({ version: '9.0.0' });
  mirror = await startReleaseMirror(server.folder);
});
afterAll(async () => {
  await mirror?.close();
  await base?.remove();
});
beforeEach(async () => {
  user = await RustUser.create();
  await user.trust(server.root, mirror.url);
  mirror.requests.length = 0;
  return () => user.remove();
});

const archives = () => mirror.requests.filter(path => path.includes('.tar.'));

it('installs channels, days and versions, and the first becomes the default', async () => {
  const ended = await user.tuf(
    'install',
    'stable',
    'nightly',
    'nightly-2026-11-21',
    '1.95.0',
    '--profile',
    'minimal',
  );
  expect(ended.stderr).toBe(`rustup-tuf: default toolchain set to stable-${HOST}\n`);
  expect(ended.stdout.split('\n')[0]).toBe(
    `stable-${HOST} installed - rustc 1.95.0 (000000000 2026-11-20) (3 components downloaded)`,
  );
  expect(await user.names('toolchains')).toEqual([
    `1.95.0-${HOST}`,
    `nightly-2026-11-21-${HOST}`,
    `nightly-${HOST}`,
    `stable-${HOST}`,
  ]);
  expect(await user.says('stable', 'rustc')).toBe('rustc 1.95.0 (stable 2026-11-20)');
  expect(await user.says('nightly-2026-11-21', 'cargo')).toBe('cargo 1.97.0 (nightly 2026-11-21)');
  // The manifest stands there as it was signed, and what rustup compares it by.
  const manifest = await readFile(
    `${user.rustupHome}/toolchains/stable-${HOST}/lib/rustlib/multirust-channel-manifest.toml`,
  );
  expect(manifest.equals(await readFile(`${server.folder}/dist/channel-rust-stable.toml`))).toBe(true);
  const checksum = await readFile(`${server.folder}/dist/channel-rust-stable.toml.sha256`, 'utf8');
  expect(await readFile(`${user.rustupHome}/update-hashes/stable-${HOST}`, 'utf8')).toBe(
    checksum.slice(0, 20),
  );
  expect(await user.names('downloads')).toEqual([]);
  expect(await user.names('tuf/staging')).toEqual([]);
});

it('asks twice where nothing is new, and downloads what was added alone', async () => {
  expect((await user.tuf('install', 'stable')).code).toBe(0);
  // What a process leaves that was stopped at its very end.
  await mkdir(`${user.rustupHome}/tuf/staging/0123456789abcdef/old`, { recursive: true });
  mirror.requests.length = 0;
  const again = await user.tuf('update');
  expect(await user.names('tuf/staging')).toEqual([]);
  expect(again.stdout).toBe(`stable-${HOST} unchanged - rustc 1.95.0 (000000000 2026-11-20)\n`);
  expect(mirror.requests).toEqual(['metadata/2.root.json', 'metadata/timestamp.json']);

  mirror.requests.length = 0;
  const added = await user.tuf('component', 'add', 'rust-src', '--json');
  expect(JSON.parse(added.stdout)[0]).toMatchObject({
    status: 'changed',
    downloaded: ['rust-src'],
    removed: [],
  });
  expect(archives()).toHaveLength(1);
  expect((await user.tuf('target', 'add', OTHER_TARGET)).code).toBe(0);
  expect((await user.tuf('target', 'list', '--installed')).stdout).toBe(`${HOST}\n${OTHER_TARGET}\n`);
  const removed = await user.tuf('component', 'remove', 'clippy', 'rust-src');
  expect(removed.stdout).toContain(`removed: clippy-preview-${HOST}, rust-src`);
  expect(await user.says('stable', 'cargo-clippy')).toBeUndefined();
  expect((await user.tuf('target', 'remove', OTHER_TARGET)).code).toBe(0);
  expect(await user.names(`toolchains/stable-${HOST}/lib/rustlib`)).not.toContain(OTHER_TARGET);
  expect(archives()).toHaveLength(2);
  const unknown = await user.tuf('component', 'add', 'rls');
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('CHANNEL_COMPONENT');
});

it('moves on with the channel, and keeps the components that were chosen', async () => {
  const own = await RustUser.create();
  const other = await buildReleaseServer(`${own.folder}/server`);
  await other.publishChannel({ channel: 'stable', date: '2026-11-20', version: '1.95.0' });
  await own.trust(other.root, `file://${other.folder}/`);
  expect(
    (await own.tuf('install', 'stable', '--profile', 'minimal', '-c', 'rust-src', '-t', OTHER_TARGET)).code,
  ).toBe(0);
  await other.publishChannel({ channel: 'stable', date: '2026-11-27', version: '1.95.1' });
  expect((await own.tuf('check')).stdout).toBe(
    `stable-${HOST} - update available: rustc 1.95.1 (000000000 2026-11-27)\n`,
  );
  const updated = await own.tuf('update');
  expect(updated.stdout).toBe(
    `stable-${HOST} changed - rustc 1.95.1 (000000000 2026-11-27) (5 components downloaded)\n`,
  );
  expect(await own.says('stable', 'rustc')).toBe('rustc 1.95.1 (stable 2026-11-27)');
  expect((await own.tuf('check')).code).toBe(100);
  expect((await own.tuf('list')).stdout).toBe(`stable-${HOST} (active, default) - verified, of 2026-11-27\n`);
  await own.remove();
});

it('stays where it is when a component is gone, until that is removed', async () => {
  const own = await RustUser.create();
  const other = await buildReleaseServer(`${own.folder}/server`);
  await other.publishChannel({ channel: 'nightly', date: '2026-11-20', version: '1.97.0' });
  await own.trust(other.root, `file://${other.folder}/`);
  expect((await own.tuf('install', 'nightly')).code).toBe(0);
  await mkdir(`${own.folder}/packing`);
  const all = await packSmallToolchain(
    { folder: `${own.folder}/packing`, label: 'nightly', host: HOST },
    '1.97.1',
  );
  const components = all.filter(({ pkg }) => pkg !== 'clippy-preview');
  await other.publishChannel({ channel: 'nightly', date: '2026-11-21', version: '1.97.1', components });
  const refused = await own.tuf('update');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('code: INSTALL_GONE');
  expect(await own.says('nightly', 'cargo-clippy')).toBe('clippy 1.97.0 (nightly 2026-11-20)');
  // From the manifest that it was installed from, which the server has not as its newest any more.
  expect((await own.tuf('component', 'remove', 'clippy')).code).toBe(0);
  expect((await own.tuf('update')).stdout).toContain(`nightly-${HOST} changed - rustc 1.97.1`);
  expect(await own.says('nightly', 'rustc')).toBe('rustc 1.97.1');
  await own.remove();
});

it('finds the toolchain of a folder in the order of rustup', async () => {
  await user.tuf('install', 'stable', 'nightly', '--profile', 'minimal');
  const active = async () => JSON.parse((await user.tuf('show', '--json')).stdout).active;
  expect(await active()).toEqual({ name: `stable-${HOST}`, reason: 'the default' });
  const file = `${user.project}/rust-toolchain.toml`;
  await writeFile(file, '[toolchain]\nchannel = "nightly"\n');
  expect(await active()).toEqual({ name: `nightly-${HOST}`, reason: file });
  expect((await user.tuf('override', 'set', 'stable')).code).toBe(0);
  expect((await active()).reason).toBe(`override of ${user.project}`);
  user.environment['RUSTUP_TOOLCHAIN'] = 'nightly';
  expect((await active()).reason).toBe('environment variable RUSTUP_TOOLCHAIN');
  const stated = JSON.parse((await user.tuf('+1.95.0', 'show', '--json')).stdout).active;
  expect(stated).toEqual({ name: `1.95.0-${HOST}`, reason: 'named on the command line' });
  delete user.environment['RUSTUP_TOOLCHAIN'];
  expect((await user.tuf('override', 'list')).stdout).toBe(`${user.project}\tstable-${HOST}\n`);
  expect((await user.tuf('override', 'unset')).code).toBe(0);
  expect((await active()).name).toBe(`nightly-${HOST}`);
  expect((await user.tuf('default', 'nightly')).code).toBe(0);
  expect((await user.tuf('default')).stdout).toBe(`nightly-${HOST}\n`);
  expect((await user.tuf('which', 'rustc')).stdout).toBe(
    `${user.rustupHome}/toolchains/nightly-${HOST}/bin/rustc\n`,
  );
  expect((await user.tuf('which', 'rustfmt')).code).toBe(2);
  expect((await user.tuf('default', 'beta')).stderr).toContain('INSTALL_MISSING');
});

it('installs what a rust-toolchain.toml asks for', async () => {
  const file = `${user.project}/rust-toolchain.toml`;
  await writeFile(
    file,
    `[toolchain]\nchannel = "1.95.0"\nprofile = "minimal"\ncomponents = ["rust-src"]\ntargets = ["${OTHER_TARGET}"]\n`,
  );
  const [installed] = JSON.parse((await user.tuf('install', '--json')).stdout);
  expect(installed).toMatchObject({ toolchain: `1.95.0-${HOST}`, status: 'installed' });
  expect(installed.downloaded).toContain('rust-src');
  expect(installed.downloaded).toContain(`rust-std-${OTHER_TARGET}`);
  expect(installed.downloaded).toHaveLength(5);
  await writeFile(file, '[toolchain\n');
  expect(await user.tuf('install')).toMatchObject({ code: 1 });
});

it('installs the signed rustup, and no older one', async () => {
  expect((await user.tuf('self', 'update')).stderr).toContain('rustup 9.0.0 is installed');
  const rustup = `${user.cargoHome}/bin/rustup`;
  expect((await user.execute(rustup, ['--version'])).stdout).toBe('rustup 9.0.0 (small)\n');
  expect((await user.execute(`${user.cargoHome}/bin/cargo`, [])).stdout).toBe('rustup 9.0.0 (small)\n');
  expect((await user.tuf('self', 'update')).stderr).toContain('up to date, and as signed');
  await writeFile(rustup, '#!/bin/sh\necho "rustup 9.0.1 (later)"\n', { mode: 0o755 });
  const older = await user.tuf('self', 'update');
  expect(older.code).toBe(4);
  expect(older.stderr).toContain('rustup: 9.0.0 is signed, 9.0.1 is installed');
  await writeFile(rustup, '#!/bin/sh\necho "rustup 8.9.9 (tampered)"\n', { mode: 0o755 });
  expect((await user.tuf('self', 'update')).stderr).toContain('in place of 8.9.9');
  expect((await user.execute(rustup, ['--version'])).stdout).toBe('rustup 9.0.0 (small)\n');
});

it('says what is wrong with names, settings and trust', async () => {
  expect(await user.tuf('install', 'stabel')).toMatchObject({ code: 2 });
  expect((await user.tuf('install', 'beta')).stderr).toContain('INSTALL_NOT_SIGNED');
  expect((await user.tuf('update', 'stable')).stderr).toContain('INSTALL_MISSING');
  expect((await user.tuf('nonsense')).stderr).toContain('INSTALL_USAGE');
  expect((await user.tuf('trust', 'list')).stdout).toContain(mirror.url);
  const add = ['trust', 'add', '--root', `${user.folder}/root.json`, '--mirror', mirror.url];
  expect((await user.tuf(...add)).stderr).toContain('the releases are trusted');
  expect((await user.tuf('trust', 'remove')).code).toBe(0);
  expect((await user.tuf('install', 'stable')).stderr).toContain('INSTALL_NO_ANCHOR');
  expect((await user.tuf(...add)).stderr).toContain('INSTALL_NO_TERMINAL');
  expect((await user.tuf(...add, '--fingerprint', 'ab'.repeat(32))).stderr).toContain('INSTALL_DECLINED');
  expect((await user.tuf('trust', 'list')).stdout).toBe('');
  expect((await user.tuf('doctor')).code).toBe(1);
  await writeFile(`${user.rustupHome}/settings.toml`, 'version = "13"\n');
  expect(await user.tuf('default')).toMatchObject({ code: 5 });
  for (const command of [
    'install',
    'update',
    'check',
    'uninstall',
    'list',
    'show',
    'default',
    'run',
    'which',
  ])
    expect((await user.tuf(command, '--help')).stdout).toContain('Example:');
});

describe('rustup', () => {
  it('lists, runs, changes and uninstalls what rustup-tuf installed', async context => {
    context.skip(NO_RUSTUP !== undefined, NO_RUSTUP);
    await user.tuf('install', 'stable', 'nightly');
    expect((await user.rustup(['toolchain', 'list'])).stdout).toBe(
      `stable-${HOST} (active, default)\nnightly-${HOST}\n`,
    );
    expect((await user.rustup(['run', 'nightly', 'rustc', '-V'])).stdout).toBe(
      'rustc 1.97.0 (nightly 2026-11-21)\n',
    );
    const unsigned = mirror.url.slice(0, -1);
    const update = await user.rustup(['update', '--no-self-update'], unsigned);
    expect(update.stdout).toContain(`stable-${HOST} unchanged`);
    expect((await user.rustup(['component', 'add', 'rust-src'], unsigned)).code).toBe(0);
    expect((await user.rustup(['component', 'list', '--installed'])).stdout).toContain('rust-src\n');
    // What came past the signatures is told from what did not, until it is brought back.
    expect((await user.tuf('list')).stdout).toContain(
      `stable-${HOST} (active, default) - 4 of 5 components verified\n`,
    );
    expect((await user.tuf('doctor')).code).toBe(1);
    const [verified] = JSON.parse((await user.tuf('update', 'stable', '--json')).stdout);
    expect(verified).toMatchObject({ status: 'changed', downloaded: ['rust-src'] });
    expect((await user.tuf('doctor')).code).toBe(0);
    expect((await user.rustup(['component', 'remove', 'rust-src'])).code).toBe(0);
    expect((await user.tuf('update', 'stable')).stdout).toContain('unchanged');
    expect((await user.rustup(['toolchain', 'uninstall', 'nightly'])).code).toBe(0);
    expect((await user.tuf('uninstall', 'stable')).code).toBe(0);
    expect((await user.rustup(['toolchain', 'list'])).stdout).toBe('no installed toolchains\n');
    expect(await user.names('update-hashes')).toEqual([]);
  });

  it('has its own toolchains verified by an update', async context => {
    context.skip(NO_RUSTUP !== undefined, NO_RUSTUP);
    const unsigned = mirror.url.slice(0, -1);
    expect((await user.rustup(['toolchain', 'install', 'stable', '--no-self-update'], unsigned)).code).toBe(
      0,
    );
    expect((await user.tuf('list')).stdout).toContain('not verified');
    expect((await user.tuf('component', 'add', 'rust-src')).stderr).toContain('INSTALL_NOT_VERIFIED');
    expect((await user.tuf('update')).stdout).toContain('(4 components downloaded)');
    expect((await user.tuf('list')).stdout).toContain('verified, of 2026-11-20');
  });

  it('agrees on the toolchain of a folder, and on one that is linked', async context => {
    context.skip(NO_RUSTUP !== undefined, NO_RUSTUP);
    await user.tuf('install', 'stable', 'nightly', '--profile', 'minimal');
    for (const name of ['bin', 'lib']) await mkdir(`${user.folder}/mine/${name}`, { recursive: true });
    await writeFile(`${user.folder}/mine/bin/rustc`, '#!/bin/sh\necho mine\n', { mode: 0o755 });
    expect((await user.rustup(['toolchain', 'link', 'mine', `${user.folder}/mine`])).code).toBe(0);
    for (const set of [
      () => writeFile(`${user.project}/rust-toolchain`, 'nightly\n'),
      () => user.tuf('override', 'set', 'mine'),
      () => user.rustup(['override', 'set', 'stable']),
    ]) {
      await set();
      expect((await user.rustup(['which', 'rustc'])).stdout).toBe((await user.tuf('which', 'rustc')).stdout);
    }
    expect((await user.tuf('list')).stdout).toContain('mine - not verified');
    expect((await user.tuf('uninstall', 'mine')).code).toBe(0);
    expect(await readFile(`${user.folder}/mine/bin/rustc`, 'utf8')).toContain('mine');
    await rm(`${user.project}/rust-toolchain`);
  });
});
