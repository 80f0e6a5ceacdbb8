// Processes that are killed while they install and update: the old toolchain or the new one works, whole, and what was downloaded is
// not downloaded again. `CARGO_TUF_SOAK_KILLS` says how often; `npm run soak` does it 100 times.

import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { buildReleaseServer, type ReleaseServer } from '../../../../tools/fixtures/releases.ts';
import type { PackedComponent } from '../../../../tools/fixtures/toolchain-archives.ts';
import { type ReleaseMirror, startReleaseMirror } from './release-mirror.ts';
import { HOST, RUSTUP_TUF, RustUser } from './rust-user.ts';

const KILLS = Number(process.env['CARGO_TUF_SOAK_KILLS'] ?? 16);
const FILES = 400;
const INSTALL = ['install', 'stable', '--profile', 'minimal'] as const;
let user: RustUser;
let server: ReleaseServer;
let mirror: ReleaseMirror;

beforeAll(async () => {
  user = await RustUser.create();
  server = await buildReleaseServer(`${user.folder}/server`);
  mirror = await startReleaseMirror(server.folder);
  await user.trust(server.root, mirror.url);
  const publish = async (date: string, version: string) =>
    server.publishChannel({ channel: 'stable', date, version, components: await packLarge(version) });
  await publish('2026-11-20', '1.95.0');
  expect(await user.tuf(...INSTALL)).toMatchObject({ code: 0 });
  await rename(user.rustupHome, `${user.folder}/older`);
  await publish('2026-11-27', '1.95.1');
}, 120_000);
afterAll(async () => {
  await mirror?.close();
  await user?.remove();
});

/** Three components of many files, 3 MB together, all of which say their version. */
async function packLarge(version: string): Promise<PackedComponent[]> {
  const packed: PackedComponent[] = [];
  for (const pkg of ['rustc', 'cargo', 'rust-std']) {
    const own = pkg === 'rust-std' ? `rust-std-${HOST}` : pkg;
    const name = `${pkg}-${version}-${HOST}`;
    const stage = `${user.folder}/${name}`;
    const paths = [
      `bin/${pkg}`,
      ...Array.from({ length: FILES }, (_, index) => `share/${pkg}/${index % 20}/${index}`),
    ];
    for (const path of paths) {
      await mkdir(`${stage}/${own}/${path.slice(0, path.lastIndexOf('/'))}`, { recursive: true });
      const text = path.startsWith('bin/')
        ? `#!/bin/sh\necho "${pkg} ${version}"\n`
        : `${version}\n${randomBytes(1800).toString('hex')}`;
      await writeFile(`${stage}/${own}/${path}`, text, { mode: 0o755 });
    }
    await writeFile(`${stage}/${own}/manifest.in`, `file:bin/${pkg}\ndir:share/${pkg}\n`);
    await writeFile(`${stage}/components`, `${own}\n`);
    await writeFile(`${stage}/rust-installer-version`, '3\n');
    const file = `${user.folder}/${name}.tar.gz`;
    execFileSync('tar', ['-C', user.folder, '-czf', file, name]);
    await rm(stage, { recursive: true });
    const hash = encodeHex(sha256(new Uint8Array(await readFile(file))));
    packed.push({
      pkg,
      target: HOST,
      archives: [{ format: 'gz', name: `${name}.tar.gz`, file, sha256: hash }],
    });
  }
  return packed;
}

/** Begins a command, and kills it when it is time; false when it was done before. */
async function kill(time: Promise<unknown>, ...args: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, [RUSTUP_TUF, ...args], {
    cwd: user.folder,
    env: user.environment,
    stdio: 'ignore',
  });
  const ended = new Promise<NodeJS.Signals | null>(done => child.on('close', (_, signal) => done(signal)));
  await Promise.race([time, ended]);
  child.kill('SIGKILL');
  return (await ended) === 'SIGKILL';
}

/** The version of a toolchain of which every file is there and of that version; undefined where there is no toolchain. */
async function wholeVersion(): Promise<string | undefined> {
  const folder = `${user.rustupHome}/toolchains/stable-${HOST}`;
  if ((await stat(folder).catch(() => undefined)) === undefined) return undefined;
  const version = (await user.says('stable', 'rustc'))?.replace('rustc ', '');
  for (const pkg of ['rustc', 'cargo', 'rust-std']) {
    expect(await readFile(`${folder}/bin/${pkg}`, 'utf8')).toContain(`"${pkg} ${version}"`);
    const files = (await readdir(`${folder}/share/${pkg}`, { recursive: true, withFileTypes: true })).filter(
      each => each.isFile(),
    );
    expect(files).toHaveLength(FILES);
    for (const { parentPath, name } of files)
      expect((await readFile(`${parentPath}/${name}`, 'utf8')).startsWith(`${version}\n`)).toBe(true);
    expect(await readFile(`${folder}/lib/rustlib/manifest-${pkg}-${HOST}`, 'utf8')).toBe(
      `file:bin/${pkg}\ndir:share/${pkg}\n`,
    );
  }
  return version;
}

/** A user who has nothing installed, or the release before. */
async function startFrom(version: '1.95.0' | undefined): Promise<void> {
  await rm(user.rustupHome, { recursive: true, force: true });
  if (version !== undefined) execFileSync('cp', ['-a', `${user.folder}/older`, user.rustupHome]);
}

it(
  `keeps a toolchain whole through ${KILLS} kills of installs and updates`,
  async () => {
    let whole = 0;
    for (const before of [undefined, '1.95.0'] as const) {
      await startFrom(before);
      const started = performance.now();
      expect(await kill(sleep(60_000, undefined, { ref: false }), ...INSTALL)).toBe(false);
      whole = Math.max(whole, performance.now() - started);
      expect(await wholeVersion()).toBe('1.95.1');
    }
    const outcomes = new Map<string, number>();
    for (let kills = 0, round = 0; kills < KILLS; round += 1) {
      expect(round).toBeLessThan(3 * KILLS);
      const before = round % 2 === 0 ? '1.95.0' : undefined;
      await startFrom(before);
      // From the start of the process to somewhat after the end of one that is left alone.
      const wasKilled = await kill(sleep(whole * 1.3 * Math.random()), ...INSTALL);
      if (wasKilled) kills += 1;
      const after = await wholeVersion();
      expect([before, '1.95.1']).toContain(after);
      const outcome = `${before ?? 'nothing'} to ${after ?? 'nothing'}${wasKilled ? '' : ', not killed'}`;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);

      expect(await user.tuf(...INSTALL)).toMatchObject({ code: 0 });
      expect(await wholeVersion()).toBe('1.95.1');
      expect((await user.tuf('list')).stdout).toContain('verified, of 2026-11-27');
      expect(await user.names('tuf/staging')).toEqual([]);
      expect(await user.names('downloads')).toEqual([]);
    }
    console.log(`kills: ${[...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join('; ')}`);
  },
  60_000 + KILLS * 15_000,
);

it('goes on with a download where it was cut off', async () => {
  await startFrom('1.95.0');
  const sum = () =>
    [...mirror.sent]
      .filter(([path]) => path.includes('.tar.'))
      .reduce((total, [, bytes]) => total + bytes, 0);
  const enough = async () => {
    while (sum() < 600_000) await sleep(5);
  };
  mirror.sent.clear();
  mirror.pauseMs = 20;
  expect(await kill(enough(), ...INSTALL)).toBe(true);
  const first = sum();
  mirror.pauseMs = 0;
  expect(await user.tuf(...INSTALL)).toMatchObject({ code: 0 });
  expect(await wholeVersion()).toBe('1.95.1');
  const folder = `${server.folder}/dist/2026-11-27`;
  let size = 0;
  for (const name of (await readdir(folder)).filter(each => each.endsWith('.tar.gz')))
    size += (await stat(`${folder}/${name}`)).size;
  // What was on the way when the process ended is sent again: the buffers of three connections.
  expect(sum() - size).toBeLessThan(first);
  console.log(`resumed: ${size} bytes, ${first} of them before the kill, ${sum() - size} sent twice`);
});

it('lets one process change toolchains at a time', async () => {
  await startFrom(undefined);
  const both = await Promise.all([
    user.execute(process.execPath, [RUSTUP_TUF, ...INSTALL, '--json']),
    user.execute(process.execPath, [RUSTUP_TUF, ...INSTALL, '--json']),
  ]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  const statuses = both.map(({ stdout }) => JSON.parse(stdout)[0].status as string);
  expect(statuses.sort()).toEqual(['installed', 'unchanged']);
  expect(await wholeVersion()).toBe('1.95.1');
});
