// What a user of rustup sees when a mirror lies, or a key was stolen: rustup fails, our sentence says why, nothing is installed,
// what was installed works, and the next honest update succeeds.

import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { formatManifest, parseManifest } from '@cargo-tuf/release-channel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildReleaseServer, HOST, type ReleaseServer } from '../../../../tools/fixtures/releases.ts';
import type { Mirror } from '../../../../tools/fixtures/mirror-server.ts';
import type { Developer } from './developer.ts';
import type { Ended } from './process.ts';
import { forgeRole, forgeRoot, type Loot } from './release-thief.ts';
import { type Bend, createRustupUser, printed, rustup, serveReleases, trustReleases } from './rustup-user.ts';
import { NO_RUSTUP, rustupPath } from './tools.ts';

const DAY = 86_400_000;
const STABLE = 'dist/channel-rust-stable.toml';
const NIGHTLY = 'dist/channel-rust-nightly.toml';
const INSTALL = ['toolchain', 'install', '--profile', 'minimal', '--no-self-update'] as const;

let folder: string;
let server: ReleaseServer;
let mirror: Mirror;
let developer: Developer;
let late: number;
let loot: Loot;
let bend: Bend | undefined;

beforeEach(async ctx => {
  ctx.skip(rustupPath === undefined, NO_RUSTUP);
  late = 0;
  loot = new Map();
  bend = undefined;
  folder = await mkdtemp(`${tmpdir()}/cargo-tuf-releases-`);
  server = await buildReleaseServer(`${folder}/server`, { clock: () => Date.now() - late });
  await server.publishChannel({ channel: 'stable', date: '2026-11-05', version: '1.95.0' });
  await server.publishChannel({ channel: 'nightly', date: '2026-11-19', version: '1.97.0' });
  mirror = await serveReleases(server, path => (bend === undefined ? loot.get(path) : bend(path)));
  developer = await createRustupUser();
  await trustReleases(developer, server.root, [mirror.url]);
  for (const toolchain of ['stable', 'nightly'])
    expect((await rustup(developer, ...INSTALL, toolchain)).code).toBe(0);
});

afterEach(async () => {
  await mirror?.close();
  await developer?.remove();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

const signersOf = (role: 'root' | 'release' | 'nightly') => server.signers.get(role) ?? [];
const published = async (path: string): Promise<Uint8Array> =>
  new Uint8Array(await readFile(`${server.folder}/${path}`));

/** Nothing was installed, what was there works, our sentence is there. */
async function expectRefused(ended: Ended, code: string): Promise<void> {
  expect(ended.stderr).toContain(`[${code}]`);
  expect(ended.code).toBe(1);
  expect((await readdir(`${developer.folder}/rustup-home/toolchains`)).sort()).toEqual([
    `nightly-${HOST}`,
    `stable-${HOST}`,
  ]);
  expect(await printed(developer, 'stable')).toBe('rustc 1.95.0 (stable 2026-11-05)');
  expect(await printed(developer, 'nightly')).toBe('rustc 1.97.0 (nightly 2026-11-19)');
}

/** rustup itself prints the sentence of a manifest. */
function expectShown({ stderr }: Ended): void {
  expect(stderr).toMatch(/could not parse manifest file/);
  expect(stderr).toMatch(/^1 \| TUF verification FAILED: /m);
}

/** The mirror is honest again, and more was published than a thief could have signed. */
async function expectRecovery(): Promise<void> {
  loot.clear();
  bend = undefined;
  late = 0;
  for (const [date, version] of [
    ['2026-12-17', '1.96.0'],
    ['2026-12-18', '1.96.1'],
  ] as const) {
    await server.publishChannel({ channel: 'stable', date, version });
    await server.publishChannel({ channel: 'nightly', date, version: '1.98.0' });
  }
  const ended = await rustup(developer, 'update', '--no-self-update');
  expect(ended.stderr).not.toContain('error');
  expect(ended.code).toBe(0);
  expect(await printed(developer, 'stable')).toBe('rustc 1.96.1 (stable 2026-12-18)');
  expect(await printed(developer, 'nightly')).toBe('rustc 1.98.0 (nightly 2026-12-18)');
}

describe('stolen keys', () => {
  it('of nightly: an older manifest under a newer date', async () => {
    const path = 'dist/2026-11-22/channel-rust-nightly.toml';
    loot = await forgeRole(
      server,
      'nightly',
      new Map([[path, await published(NIGHTLY)]]),
      signersOf('nightly'),
    );
    const ended = await rustup(developer, ...INSTALL, 'nightly-2026-11-22');
    await expectRefused(ended, 'LIB_CHANNEL_DATE');
    expectShown(ended);
    await expectRecovery();
  });

  it('of nightly: a channel that goes back', async () => {
    const older = parseManifest(await published(NIGHTLY));
    const files = new Map([[NIGHTLY, formatManifest({ ...older, date: '2026-11-18' })]]);
    loot = await forgeRole(server, 'nightly', files, signersOf('nightly'));
    const ended = await rustup(developer, 'update', 'nightly', '--no-self-update');
    await expectRefused(ended, 'LIB_CHANNEL_ROLLBACK');
    expectShown(ended);
    expect(ended.stderr).toContain('of 2026-11-18, expected 2026-11-19 or later');
    await expectRecovery();
  });

  it('of nightly: a stable that nightly lists is nobody’s', async () => {
    const evil = formatManifest({ ...parseManifest(await published(STABLE)), date: '2026-11-30' });
    loot = await forgeRole(server, 'nightly', new Map([[STABLE, evil]]), signersOf('nightly'));
    const ended = await rustup(developer, 'update', 'stable', '--no-self-update');
    expect(ended.stdout).toContain('unchanged - rustc 1.95.0');
    await expectRecovery();
  });

  it('of nightly: they sign no release', async () => {
    const evil = formatManifest({ ...parseManifest(await published(STABLE)), date: '2026-11-30' });
    loot = await forgeRole(server, 'release', new Map([[STABLE, evil]]), signersOf('nightly'));
    const ended = await rustup(developer, 'update', 'stable', '--no-self-update');
    await expectRefused(ended, 'METADATA_THRESHOLD');
    expectShown(ended);
    await expectRecovery();
  });

  it('of release: two of three sign nothing', async () => {
    const evil = formatManifest({ ...parseManifest(await published(STABLE)), date: '2026-11-30' });
    loot = await forgeRole(server, 'release', new Map([[STABLE, evil]]), signersOf('release').slice(0, 2));
    const ended = await rustup(developer, 'update', 'stable', '--no-self-update');
    await expectRefused(ended, 'METADATA_THRESHOLD');
    expectShown(ended);
    await expectRecovery();
  });

  it('of root: four of nine make no root', async () => {
    loot = await forgeRoot(server, signersOf('root').slice(0, 4));
    const ended = await rustup(developer, 'update', 'stable', '--no-self-update');
    await expectRefused(ended, 'METADATA_THRESHOLD');
    expectShown(ended);
    await expectRecovery();
  });
});

describe('a mirror', () => {
  it.each([
    ['swaps a component', (bytes: Uint8Array) => new Uint8Array(bytes).fill(7)],
    ['cuts a component', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 30)],
    ['serves a longer component', (bytes: Uint8Array) => Buffer.concat([bytes, new Uint8Array(100_000)])],
  ])('%s', async (_, change) => {
    await server.publishChannel({ channel: 'stable', date: '2026-11-25', version: '1.95.1' });
    bend = async path => (/\/rustc-.*\.tar\./.test(path) ? change(await published(path)) : undefined);
    const ended = await rustup(developer, 'update', 'stable', '--no-self-update');
    await expectRefused(ended, 'METADATA_HASH');
    expect(ended.stderr).toContain('component download failed for rustc');
    expect(ended.stderr).toMatch(/^cargo-tuf: cargo-tuf refused dist\/2026-11-25\/rustc-1\.95\.1/m);
    await expectRecovery();
  });

  it('lies in checksum files that nobody reads', async () => {
    await server.publishChannel({ channel: 'stable', date: '2026-11-25', version: '1.95.1' });
    bend = path => (path.endsWith('.sha256') ? Buffer.from(`${'0'.repeat(64)}  x\n`) : undefined);
    mirror.requests.length = 0;
    expect((await rustup(developer, 'update', 'stable', '--no-self-update')).code).toBe(0);
    expect(mirror.requests.filter(path => path.endsWith('.sha256'))).toEqual([]);
    expect(await printed(developer, 'stable')).toBe('rustc 1.95.1 (stable 2026-11-25)');
  });

  it('serves another rustup: it is not run', async () => {
    await server.publishRustup({ version: '1.30.0' });
    const before = (await developer.run('rustup', ['--version'], developer.folder)).stdout;
    const evil = Buffer.from(`#!/bin/sh\ntouch ${developer.folder}/evil\n`);
    bend = path => (path.endsWith('rustup-init') ? evil : undefined);
    for (const args of [
      ['self', 'update'],
      ['update', 'stable'],
    ]) {
      const ended = await rustup(developer, ...args);
      expect(ended.stderr).toMatch(
        /^cargo-tuf: cargo-tuf refused rustup\/archive\/1\.30\.0\/.*\[(METADATA_\w+|HTTP_\w+)\]/m,
      );
      expect(ended.code).toBe(1);
    }
    await expect(access(`${developer.folder}/evil`)).rejects.toThrow('ENOENT');
    expect((await developer.run('rustup', ['--version'], developer.folder)).stdout).toBe(before);
    bend = undefined;
    expect((await rustup(developer, 'self', 'update')).code).toBe(0);
    expect((await developer.run('rustup', ['--version'], developer.folder)).stdout).toContain('1.30.0');
  });

  it('offers version 1 of a release that was never signed', async () => {
    bend = path =>
      /^dist\/(rust-1\.94\.0|channel-rust-beta)/.test(path) ? Buffer.from('ab'.repeat(32)) : undefined;
    mirror.requests.length = 0;
    for (const name of ['1.94.0', 'beta']) {
      const ended = await rustup(developer, ...INSTALL, name);
      expect(ended.code).toBe(1);
      expect(ended.stderr).toMatch(/no release found|nonexistent rust version/);
    }
    expect(mirror.requests.filter(path => path.startsWith('dist/'))).toEqual([]);
    await expectRecovery();
  });

  it('is frozen: its timestamp has expired', async () => {
    late = 3 * DAY;
    await server.publishChannel({ channel: 'stable', date: '2026-11-25', version: '1.95.1' });
    const ended = await rustup(developer, 'update', 'stable', '--no-self-update');
    await expectRefused(ended, 'CLIENT_EXPIRED');
    expectShown(ended);
    await expectRecovery();
  });

  it('hides the metadata', async () => {
    bend = path => (path.startsWith('metadata/') ? null : undefined);
    const ended = await rustup(developer, 'update', 'stable', '--no-self-update');
    await expectRefused(ended, 'CLIENT_MISSING');
    expectShown(ended);
    await expectRecovery();
  });

  it('lies, and the next one does not: the update succeeds', async () => {
    await server.publishChannel({ channel: 'stable', date: '2026-11-25', version: '1.95.1' });
    const liar = await serveReleases(server, async path =>
      path.startsWith('dist/') ? new Uint8Array(await published(path)).fill(7) : undefined,
    );
    await developer.tuf(['trust', 'remove', 'rust-releases']);
    await trustReleases(developer, server.root, [liar.url, mirror.url]);
    const ended = await rustup(developer, 'update', 'stable', '--no-self-update');
    await liar.close();
    expect(ended.stderr).toContain(`warning: mirror ${liar.url} serves a wrong dist/`);
    expect(ended.code).toBe(0);
    expect(await printed(developer, 'stable')).toBe('rustc 1.95.1 (stable 2026-11-25)');
  });
});
