// What a mirror, somebody between, or a holder of few keys can try: nothing is installed, the old toolchain works, and the next honest
// update goes through.

import { cp, readdir, readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { formatManifest, parseManifest } from '@cargo-tuf/release-channel';
import { publishTargets } from '@cargo-tuf/repository';
import {
  buildReleaseServer,
  openFolderBytes,
  type ReleaseServer,
} from '../../../../tools/fixtures/releases.ts';
import { type ReleaseMirror, startReleaseMirror } from './release-mirror.ts';
import { HOST, RustUser } from './rust-user.ts';

const DAY = 24 * 60 * 60 * 1000;
let user: RustUser;
let server: ReleaseServer;
let mirror: ReleaseMirror;

beforeEach(async () => {
  user = await RustUser.create();
  server = await buildReleaseServer(`${user.folder}/server`);
  await server.publishChannel({ channel: 'stable', date: '2026-11-20', version: '1.95.0' });
  await server.publishChannel({ channel: 'nightly', date: '2026-11-21', version: '1.97.0' });
  await server.publishRustup({ version: '9.0.0' });
  mirror = await startReleaseMirror(server.folder);
  await user.trust(server.root, mirror.url);
  const installed = await user.tuf('install', 'stable', 'nightly', '--profile', 'minimal');
  expect(installed.code).toBe(0);
});
afterEach(async () => {
  await mirror?.close();
  await user?.remove();
});

/** The update fails as it should, and leaves everything as it was. */
async function refused(code: string, ...args: readonly string[]): Promise<void> {
  const before = await state();
  const ended = await user.tuf(...args);
  expect(ended.stderr).toContain(`code: ${code}`);
  expect(ended.stdout).toBe('');
  expect([3, 4]).toContain(ended.code);
  expect(await state()).toEqual(before);
}

async function state(): Promise<unknown> {
  const stable = `${user.rustupHome}/toolchains/stable-${HOST}/lib/rustlib`;
  return {
    toolchains: await user.names('toolchains'),
    stable: await user.says('stable', 'rustc'),
    nightly: await user.says('nightly', 'rustc'),
    manifest: await readFile(`${stable}/multirust-channel-manifest.toml`, 'utf8'),
    hash: await readFile(`${user.rustupHome}/update-hashes/stable-${HOST}`, 'utf8'),
    staging: await user.names('tuf/staging'),
  };
}

async function honestUpdate(): Promise<void> {
  mirror.instead.clear();
  mirror.folder = server.folder;
  const ended = await user.tuf('update');
  expect(ended.stderr).toBe('');
  expect(ended.code).toBe(0);
}

const archivePath = (pkg: string, format: string) => `dist/2026-11-27/${pkg}-1.95.1-${HOST}.tar.${format}`;

it.each([
  ['swapped', (bytes: Uint8Array, other: Uint8Array) => (bytes.length > 0 ? other : bytes)],
  ['truncated', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1)],
  ['longer', (bytes: Uint8Array) => new Uint8Array([...bytes, 0])],
  ['flipped in one bit', (bytes: Uint8Array) => bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte))],
])('refuses a component that is %s', async (_, damage) => {
  await server.publishChannel({ channel: 'stable', date: '2026-11-27', version: '1.95.1' });
  for (const format of ['zst', 'xz', 'gz']) {
    const read = (pkg: string) =>
      readFile(`${server.folder}/${archivePath(pkg, format)}`).catch(() => undefined);
    const [bytes, other] = [await read('rustc'), await read('cargo')];
    if (bytes !== undefined && other !== undefined)
      mirror.instead.set(archivePath('rustc', format), damage(new Uint8Array(bytes), new Uint8Array(other)));
  }
  await refused('METADATA_HASH', 'update', 'stable');
  await honestUpdate();
  expect(await user.says('stable', 'rustc')).toBe('rustc 1.95.1 (stable 2026-11-27)');
});

it('refuses a component that is missing', async () => {
  await server.publishChannel({ channel: 'stable', date: '2026-11-27', version: '1.95.1' });
  for (const format of ['zst', 'xz', 'gz']) mirror.instead.set(archivePath('cargo', format), null);
  await refused('HTTP_NOT_FOUND', 'update', 'stable');
  await honestUpdate();
});

it('refuses an older manifest in the place of a newer one', async () => {
  const old = new Uint8Array(await readFile(`${server.folder}/dist/channel-rust-stable.toml`));
  const manifest = await server.publishChannel({ channel: 'stable', date: '2026-11-27', version: '1.95.1' });
  mirror.instead.set(`targets/dist/${encodeHex(sha256(manifest))}.channel-rust-stable.toml`, old);
  await refused('METADATA_HASH', 'update', 'stable');
  await refused('METADATA_HASH', 'check');
  await honestUpdate();
});

it('refuses a nightly that was rolled back by the holder of its key', async () => {
  const copy = `${user.folder}/copy`;
  await cp(server.folder, copy, { recursive: true });
  await server.publishChannel({ channel: 'nightly', date: '2026-11-28', version: '1.98.0' });
  await honestUpdate();
  expect(await user.says('nightly', 'rustc')).toBe('rustc 1.98.0 (nightly 2026-11-28)');
  // Signed with the same keys, in versions that come after those that were seen.
  const context = { ...server.context, bytes: openFolderBytes(copy) };
  const known = parseManifest(new Uint8Array(await readFile(`${copy}/dist/channel-rust-nightly.toml`)));
  for (const date of ['2026-11-25', '2026-11-26', '2026-11-27']) {
    const manifest = formatManifest({ ...known, date });
    const files = new Map([[`dist/${date}/channel-rust-nightly.toml`, manifest]]);
    if (date === '2026-11-25') files.set('dist/channel-rust-nightly.toml', manifest);
    await publishTargets(context, { role: 'nightly', files });
  }
  mirror.folder = copy;
  await refused('LIB_CHANNEL_ROLLBACK', 'update', 'nightly');
  expect(await user.tuf('update', 'stable')).toMatchObject({ code: 0 });
});

it('refuses metadata of yesterday after that of today', async () => {
  await cp(server.folder, `${user.folder}/before`, { recursive: true });
  await server.publishChannel({ channel: 'stable', date: '2026-11-27', version: '1.95.1' });
  await honestUpdate();
  mirror.folder = `${user.folder}/before`;
  await refused('CLIENT_ROLLBACK', 'update');
  await refused('CLIENT_ROLLBACK', 'install', '1.95.0');
  await honestUpdate();
});

it('refuses a mirror that stands still, and goes on when it moves', async () => {
  const now = Date.now();
  user.clock = () => now + 30 * DAY;
  await refused('CLIENT_EXPIRED', 'update');
  await refused('CLIENT_EXPIRED', 'component', 'add', 'rust-src');
  await refused('CLIENT_EXPIRED', 'self', 'update');
  user.clock = Date.now;
  await server.publishChannel({ channel: 'stable', date: '2026-11-27', version: '1.95.1' });
  await honestUpdate();
  expect(await user.says('stable', 'rustc')).toBe('rustc 1.95.1 (stable 2026-11-27)');
});

it('refuses a tampered rustup-init', async () => {
  expect((await user.tuf('self', 'update')).code).toBe(0);
  await server.publishRustup({ version: '9.0.1' });
  const folder = `rustup/archive/9.0.1/${HOST}`;
  mirror.requests.length = 0;
  const evil = new TextEncoder().encode('#!/bin/sh\necho "rustup 9.0.1 (evil)"\n');
  for (const name of await readdir(`${server.folder}/targets/${folder}`))
    mirror.instead.set(`targets/${folder}/${name}`, evil);
  const ended = await user.tuf('self', 'update');
  expect(ended.code).toBe(4);
  expect(mirror.requests.some(path => path.startsWith(`targets/${folder}/`))).toBe(true);
  const rustup = `${user.cargoHome}/bin/rustup`;
  expect((await user.execute(rustup, ['--version'])).stdout).toContain('9.0.0');
  mirror.instead.clear();
  expect((await user.tuf('self', 'update')).code).toBe(0);
  expect((await user.execute(rustup, ['--version'])).stdout).toContain('9.0.1');
});

it('asks for no file that is not signed', async () => {
  await server.publishChannel({ channel: 'stable', date: '2026-11-27', version: '1.95.1' });
  mirror.requests.length = 0;
  await honestUpdate();
  const unsigned = mirror.requests.filter(path => /^(?:dist|rustup)\//.test(path) && !path.includes('.tar.'));
  expect(unsigned).toEqual([]);
});
