// The unmodified rustup on signed releases: through `cargo tuf rustup`, and through the proxy in the background.

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildReleaseServer, HOST, type ReleaseServer } from '../../../../tools/fixtures/releases.ts';
import { ARCHIVE_FORMATS, OTHER_TARGET } from '../../../../tools/fixtures/toolchain-archives.ts';
import type { Mirror } from '../../../../tools/fixtures/mirror-server.ts';
import type { Developer } from './developer.ts';
import { type Bend, createRustupUser, printed, rustup, serveReleases, trustReleases } from './rustup-user.ts';
import { NO_RUSTUP, rustupPath } from './tools.ts';

const INSTALL = ['toolchain', 'install', '--profile', 'minimal', '--no-self-update'] as const;

let folder: string;
let server: ReleaseServer;
let mirror: Mirror;
let developer: Developer;
let bend: Bend | undefined;

beforeEach(async ctx => {
  ctx.skip(rustupPath === undefined, NO_RUSTUP);
  folder = await mkdtemp(`${tmpdir()}/cargo-tuf-releases-`);
  server = await buildReleaseServer(`${folder}/server`);
  await server.publishChannel({ channel: 'stable', date: '2026-11-05', version: '1.95.0' });
  mirror = await serveReleases(server, path => bend?.(path));
  developer = await createRustupUser();
  await trustReleases(developer, server.root, [mirror.url]);
});

afterEach(async () => {
  bend = undefined;
  if (developer !== undefined) await developer.tuf(['proxy', '--stop']);
  await mirror?.close();
  await developer?.remove();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

const asked = (): readonly string[] => mirror.requests.splice(0);

describe('cargo tuf rustup', () => {
  it('installs, updates, and asks for a timestamp and a next root alone when nothing changed', async () => {
    const installed = await rustup(developer, ...INSTALL, 'stable');
    expect(installed.stderr).toContain('1.95.0');
    expect(installed.code).toBe(0);
    expect(await printed(developer, 'stable')).toBe('rustc 1.95.0 (stable 2026-11-05)');
    expect(await readdir(`${developer.folder}/rustup-home/toolchains`)).toEqual([`stable-${HOST}`]);

    asked();
    expect((await rustup(developer, 'update', '--no-self-update')).code).toBe(0);
    expect([...asked()].sort()).toEqual(['metadata/2.root.json', 'metadata/timestamp.json']);

    await server.publishChannel({ channel: 'stable', date: '2026-12-17', version: '1.96.0' });
    const updated = await rustup(developer, 'update', '--no-self-update');
    expect(updated.code).toBe(0);
    expect(await printed(developer, 'stable')).toBe('rustc 1.96.0 (stable 2026-12-17)');
  });

  it('installs a nightly of a day and an exact version', async () => {
    await server.publishChannel({ channel: 'nightly', date: '2026-11-19', version: '1.97.0-nightly' });
    await server.publishChannel({ channel: 'nightly', date: '2026-11-20', version: '1.97.0-nightly' });
    for (const name of ['nightly-2026-11-19', '1.95.0']) {
      const ended = await rustup(developer, ...INSTALL, name);
      expect(ended.stderr).not.toContain('error');
      expect(ended.code).toBe(0);
    }
    expect(await printed(developer, 'nightly-2026-11-19')).toContain('(nightly 2026-11-19)');
    expect(await printed(developer, '1.95.0')).toContain('(stable 2026-11-05)');
  });

  it('adds components and targets, of an older release as well', async () => {
    expect((await rustup(developer, ...INSTALL, '1.95.0')).code).toBe(0);
    await server.publishChannel({ channel: 'stable', date: '2026-12-17', version: '1.96.0' });
    asked();
    for (const args of [
      ['component', 'add', 'rust-src', 'clippy', '--toolchain', '1.95.0'],
      ['target', 'add', OTHER_TARGET, '--toolchain', '1.95.0'],
    ]) {
      const ended = await rustup(developer, ...args);
      expect(ended.stderr).not.toContain('error');
      expect(ended.code).toBe(0);
    }
    expect(asked().filter(path => path.endsWith('.toml'))).toHaveLength(0);
    expect(await printed(developer, '1.95.0', 'cargo-clippy')).toContain('(stable 2026-11-05)');
  });

  it('says that a release does not exist, and asks for no older kind of it', async () => {
    const ended = await rustup(developer, ...INSTALL, '1.94.0');
    expect(ended.stderr).toContain('could not download nonexistent rust version `1.94.0');
    expect(ended.stderr).not.toContain('cargo-tuf refused');
    expect(ended.code).toBe(1);
  });

  it('updates rustup itself', async () => {
    await server.publishRustup({ version: '1.30.0' });
    expect((await rustup(developer, 'check')).stdout).toContain('1.30.0');
    const ended = await rustup(developer, 'self', 'update');
    expect(ended.code).toBe(0);
    expect((await developer.run('rustup', ['--version'], developer.folder)).stdout).toContain(
      '1.30.0 (small)',
    );
  });

  it('goes on where a download broke', async () => {
    let broken = 0;
    bend = path => {
      if (!/rustc-.*\.tar\./.test(path) || broken > 0) return undefined;
      broken += 1;
      return { status: 500 };
    };
    expect((await rustup(developer, ...INSTALL, 'stable')).code).toBe(0);
    expect(broken).toBe(1);
  });

  it('gives the rest of an archive that rustup has begun', async () => {
    const day = `${server.folder}/dist/2026-11-05`;
    const isWanted = (each: string) =>
      each.startsWith('cargo-') && each.endsWith(`.tar.${ARCHIVE_FORMATS[0]}`);
    const name = (await readdir(day)).find(isWanted);
    const archive = new Uint8Array(await readFile(`${day}/${name}`));
    const downloads = `${developer.folder}/rustup-home/downloads`;
    await mkdir(downloads, { recursive: true });
    await writeFile(`${downloads}/${encodeHex(sha256(archive))}.partial`, archive.subarray(0, 100));
    // A range that is answered with the whole would be a failure of the download.
    developer.environment['RUSTUP_MAX_RETRIES'] = '0';
    const ended = await rustup(developer, ...INSTALL, 'stable');
    expect(ended.stderr).not.toContain('error');
    expect(ended.code).toBe(0);
  });

  it('passes arguments and exit codes through', async () => {
    expect((await rustup(developer, '--', '--version')).stdout).toContain('rustup 1.');
    expect((await rustup(developer, 'no-such-command')).code).toBe(1);
    expect((await rustup(developer, 'run', 'stable', 'rustc')).code).toBe(1);
  });

  it('needs trusted releases, and says how to trust them', async () => {
    await developer.tuf(['trust', 'remove', 'rust-releases']);
    const ended = await rustup(developer, ...INSTALL, 'stable');
    expect(ended.stderr).toContain('cargo-tuf: code: LIB_NO_RELEASES');
    expect(ended.code).toBe(2);
    expect(asked()).toEqual([]);
  });
});

describe('plain rustup', () => {
  /** As `eval "$(cargo tuf env)"` does. */
  async function evalEnv(): Promise<void> {
    const { stdout, code } = await developer.tuf(['env', '--json']);
    expect(code).toBe(0);
    Object.assign(developer.environment, JSON.parse(stdout));
  }
  const plain = (...args: readonly string[]) => developer.run('rustup', args, developer.project);

  it('installs through the proxy, and adds a component after a restart of it', async () => {
    await evalEnv();
    expect((await plain(...INSTALL, 'stable')).code).toBe(0);
    const stopped = await developer.tuf(['proxy', '--stop']);
    expect(stopped.stderr).toBe('cargo-tuf: the proxy was stopped\n');
    expect((await developer.tuf(['proxy', '--stop'])).stderr).toBe('cargo-tuf: no proxy runs\n');
    const refused = await plain('component', 'add', 'rust-src');
    expect(refused.code).toBe(1);
    await evalEnv();
    asked();
    const added = await plain('component', 'add', 'rust-src');
    expect(added.stderr).not.toContain('error');
    expect(added.code).toBe(0);
    expect(asked().filter(path => path.endsWith('.toml'))).toHaveLength(0);
  });

  it('is told of by status, doctor, sync, explain and trust list', async () => {
    const { stdout } = await developer.tuf(['env']);
    const base = `http://127.0.0.1:${developer.port}/rust-releases`;
    expect(stdout).toBe(`export RUSTUP_DIST_SERVER=${base}\nexport RUSTUP_UPDATE_ROOT=${base}/rustup\n`);
    expect((await developer.tuf(['status'])).stdout).toContain('rustup     in this shell is not verified');

    expect((await developer.tuf(['sync'])).stderr).toMatch(/rust-releases: timestamp \d+, expires/);
    developer.environment['RUSTUP_DIST_SERVER'] = base;
    const half = await developer.tuf(['status']);
    expect(half.stdout).toContain('RUSTUP_UPDATE_ROOT is not set: rustup goes past the proxy');
    expect(half.code).toBe(4);
    await evalEnv();
    const whole = await developer.tuf(['status']);
    expect(whole.stdout).toMatch(/releases {3}timestamp \d+, expires/);
    expect(whole.stdout).toContain('rustup     in this shell asks the proxy');
    expect(whole.code).toBe(0);

    const explained = await developer.tuf(['explain', '--toolchain', 'stable']);
    expect(explained.stdout).toMatch(/^release +signed by 3 of the 5 keys that targets lists$/m);
    expect(explained.stdout).toMatch(/^dist\/channel-rust-stable\.toml +release lists sha256 [0-9a-f]{64}/m);
    const trusted = await developer.tuf(['trust', 'list']);
    expect(trusted.stdout).toMatch(/^rust-releases\n/);
    const doctor = await developer.tuf(['doctor']);
    expect(doctor.stdout).toMatch(/^ok {3}sync rust-releases: timestamp \d+/m);
    expect(doctor.stdout).toMatch(/^ok {3}rustup: rustup 1\./m);
  });

  it('is served beside cargo after enable, which prints its variables', async () => {
    const enabled = await developer.tuf(['enable']);
    expect(enabled.stderr).toContain(
      `export RUSTUP_DIST_SERVER=http://127.0.0.1:${developer.port}/rust-releases`,
    );
    expect(enabled.code).toBe(0);
    await evalEnv();
    expect((await plain(...INSTALL, 'stable')).code).toBe(0);
    expect(await readFile(`${developer.cargoHome}/config.toml`, 'utf8')).toContain('cargo-tuf');
  });
});
