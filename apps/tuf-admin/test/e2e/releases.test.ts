// The life of a repository of releases, with the packed program, and a client with no more than the first root.
import { spawnSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { openClient, openMemoryStore, type Store } from '@cargo-tuf/client';
import { openFolderSource } from '@cargo-tuf/http-transport';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { formatManifest, parseManifest, selectComponents } from '@cargo-tuf/release-channel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOST, manifestOf } from '../../../../tools/fixtures/releases.ts';
import { packSmallToolchain } from '../../../../tools/fixtures/toolchain-archives.ts';

const APP = fileURLToPath(new URL('../..', import.meta.url));
const STABLE = 'dist/channel-rust-stable.toml';

let folder: string;
let program: string;

beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/tuf-releases-`);
  const packed = spawnSync('npm', ['pack', '--pack-destination', folder], { cwd: APP, encoding: 'utf8' });
  expect(packed.status, packed.stderr).toBe(0);
  const [tarball] = (await readdir(folder)).filter(name => name.endsWith('.tgz'));
  const options = ['--global', '--offline', '--prefix', `${folder}/installed`, `${folder}/${tarball}`];
  const installed = spawnSync('npm', ['install', ...options], { encoding: 'utf8', cwd: folder });
  expect(installed.status, installed.stderr).toBe(0);
  program = `${folder}/installed/bin/tuf-admin`;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...words: readonly string[]): Ended {
  const { status, stdout, stderr } = spawnSync(program, words, { cwd: folder, encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

/** Runs `tuf-admin release …`, which must succeed, and gives what it prints as JSON. */
function release(...words: readonly string[]): Record<string, unknown> {
  const ended = run('release', ...words, '--json');
  expect(ended.stderr, words.join(' ')).toBe('');
  expect(ended.code).toBe(0);
  return JSON.parse(ended.stdout) as Record<string, unknown>;
}

/** Exit code and the line with the code of an error. */
function refused(...words: readonly string[]): string {
  const { code, stderr, stdout } = run('release', ...words);
  expect(stdout).toBe('');
  return `${code} ${/code: (\w+)/.exec(stderr)?.[1]} ${/error: (.*)/.exec(stderr)?.[1]}`;
}

/** Archives and manifest of a small toolchain, as a build makes them. */
async function build(channel: string, date: string, version: string): Promise<string> {
  const where = `build-${channel}-${date}`;
  await mkdir(`${folder}/${where}`);
  const label = channel === 'stable' ? version : channel;
  const components = await packSmallToolchain({ folder: `${folder}/${where}`, label, host: HOST }, version);
  const manifest = formatManifest(manifestOf({ date, version }, HOST, components));
  await writeFile(`${folder}/${where}/channel-rust-${channel}.toml`, manifest);
  return where;
}

const publish = (where: string, ...more: readonly string[]) => {
  const channel = where.split('-')[1];
  return ['channel', 'releases', `${where}/channel-rust-${channel}.toml`, '--artifacts', where, ...more];
};

async function fetchTarget(path: string, store: Store = openMemoryStore()): Promise<Uint8Array | undefined> {
  const root = new Uint8Array(await readFile(`${folder}/releases/public/metadata/1.root.json`));
  const source = openFolderSource(`${folder}/releases/public`);
  const client = openClient({ root, source, store, clock: Date.now });
  return (await client.sync()).fetchTarget(path);
}

async function moveKeys(role: string, numbers: readonly number[], from: string, to: string): Promise<void> {
  await mkdir(`${folder}/${to}`, { recursive: true });
  for (const number of numbers)
    await rename(`${folder}/${from}/${role}-${number}.pem`, `${folder}/${to}/${role}-${number}.pem`);
}

describe('a repository of releases', () => {
  const client = openMemoryStore();

  it('is made with nine root keys, of which five must sign', () => {
    release('init', 'releases', '--unencrypted-keys');
    const { roles } = release('status', 'releases') as {
      roles: { role: string; threshold: number; keys: string[] }[];
    };
    expect(
      Object.fromEntries(roles.map(({ role, threshold, keys }) => [role, `${threshold} of ${keys.length}`])),
    ).toEqual({
      root: '5 of 9',
      targets: '5 of 9',
      release: '3 of 5',
      nightly: '1 of 1',
      rustup: '3 of 5',
      'crates-root': '5 of 9',
      snapshot: '1 of 1',
      timestamp: '1 of 1',
    });
  });

  it('publishes stable with three of five keys, and not with two', async () => {
    const where = await build('stable', '2026-11-20', '1.95.0');
    await moveKeys('release', [1, 2, 3], 'releases/keys', 'custodians');
    const before = await readdir(`${folder}/releases/public/metadata`);
    expect(refused(...publish(where))).toBe('2 REPOSITORY_KEYS release: 2 usable keys, expected 3');
    expect(await readdir(`${folder}/releases/public/metadata`)).toEqual(before);
    expect(await readdir(`${folder}/releases/public`)).not.toContain('dist');
    expect(release(...publish(where, '--key', 'custodians/release-2.pem'))).toMatchObject({
      channel: 'stable',
      role: 'release',
      paths: [
        STABLE,
        'dist/2026-11-20/channel-rust-stable.toml',
        'dist/channel-rust-1.95.0.toml',
        'dist/channel-rust-1.95.toml',
      ],
    });
    const manifest = parseManifest((await fetchTarget(STABLE, client)) as Uint8Array);
    const [archive] = selectComponents(manifest, { host: HOST, profile: 'minimal' })[0]?.archives ?? [];
    const file = await readFile(`${folder}/releases/public/${archive?.path}`);
    expect(encodeHex(sha256(file))).toBe(archive?.sha256);
    expect(await readFile(`${folder}/releases/public/${STABLE}.sha256`, 'utf8')).toMatch(
      /^[0-9a-f]{64} {2}channel-rust-stable.toml\n$/,
    );
    expect(release('verify', 'releases')).toMatchObject({ ok: true, targets: 4, copies: 8, absent: 0 });
  });

  it('publishes nightly with the nightly key alone, and no stable with it', async () => {
    const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    await moveKeys('root', numbers, 'releases/keys', 'custodians');
    await moveKeys('rustup', numbers.slice(0, 5), 'releases/keys', 'custodians');
    await moveKeys('release', [4, 5], 'releases/keys', 'custodians');
    const nightly = await build('nightly', '2026-11-21', '1.97.0');
    expect(release(...publish(nightly))).toMatchObject({ channel: 'nightly', role: 'nightly' });
    expect(await fetchTarget('dist/2026-11-21/channel-rust-nightly.toml', client)).toBeDefined();
    const stable = await build('stable', '2026-11-22', '1.95.1');
    expect(refused(...publish(stable, '--key', 'releases/keys/nightly-1.pem'))).toBe(
      '2 REPOSITORY_KEYS release: 0 usable keys, expected 3',
    );
    // Under the name of nightly the bytes of stable are a nightly, and stay one.
    const before = await fetchTarget(STABLE);
    release('channel', 'releases', `${stable}/channel-rust-stable.toml`, '--channel', 'nightly');
    expect(await fetchTarget(STABLE)).toEqual(before);
  });

  it('refuses archives that are not those of the manifest, a channel that goes back, and what is no manifest', async () => {
    const where = await build('stable', '2026-11-23', '1.95.2');
    const keys = [1, 2, 3].flatMap(number => ['--key', `custodians/release-${number}.pem`]);
    const [name] = (await readdir(`${folder}/${where}`)).filter(each => each.startsWith('cargo-'));
    await appendFile(`${folder}/${where}/${name}`, 'x');
    expect(refused(...publish(where, ...keys))).toMatch(
      /^4 ADMIN_CHECKSUM .*expected [0-9a-f]{64} as the manifest says$/,
    );
    await rm(`${folder}/${where}/${name}`);
    expect(refused(...publish(where, ...keys))).toBe(
      `3 ADMIN_FILE dist/2026-11-23/${name}: no file in the folder of artifacts; 1 are missing`,
    );
    expect(await readdir(`${folder}/releases/public/dist`)).not.toContain('2026-11-23');
    const old = await build('stable', '2026-11-19', '1.94.0');
    expect(refused(...publish(old, ...keys))).toBe(
      `2 REPOSITORY_RELEASE_DATE ${STABLE}: date 2026-11-19, expected none before 2026-11-20, which is published`,
    );
    await writeFile(`${folder}/channel-rust-beta.toml`, 'manifest-version = "3"\n');
    expect(refused('channel', 'releases', 'channel-rust-beta.toml', ...keys)).toMatch(
      /^5 CHANNEL_MANIFEST_VERSION /,
    );
  });

  it('publishes rustup', async () => {
    await writeFile(`${folder}/rustup-init`, Buffer.alloc(20 * 1024 * 1024, 'rustup '), { mode: 0o755 });
    const keys = [1, 3, 5].flatMap(number => ['--key', `custodians/rustup-${number}.pem`]);
    const installer = ['--installer', `${HOST}=rustup-init`];
    release('rustup', 'releases', '1.30.0', ...installer, ...keys);
    expect(await fetchTarget('rustup/release-stable.toml', client)).toBeDefined();
    expect(release('verify', 'releases')).toMatchObject({ ok: true });
    expect(await readFile(`${folder}/releases/public/rustup/release-stable.toml`, 'utf8')).toContain(
      "'1.30.0'",
    );
    expect(refused('rustup', 'releases', '1.29.9', ...installer, ...keys)).toMatch(
      /^2 REPOSITORY_RUSTUP_VERSION /,
    );
  });

  it('lists the roots of a registry through two rotations', async () => {
    const keys = [1, 2, 3, 4, 5].flatMap(number => ['--key', `custodians/root-${number}.pem`]);
    expect(run('init', 'registry', '--dl', 'https://crates.example/crates', '--unencrypted-keys').code).toBe(
      0,
    );
    expect(release('crates-root', 'releases', '--registry', 'registry', ...keys)).toMatchObject({ roots: 1 });
    expect(run('rotate', 'registry', 'root', '--unencrypted-keys').code).toBe(0);
    expect(run('rotate', 'registry', 'timestamp', '--unencrypted-keys').code).toBe(0);
    const third = 'registry/public/metadata/3.root.json';
    expect(refused('crates-root', 'releases', '--registry', third, ...keys)).toMatch(
      /^4 REPOSITORY_CRATES_ROOT /,
    );
    expect(release('crates-root', 'releases', '--registry', 'registry', ...keys)).toMatchObject({
      roots: 3,
      highest: 'crates-root/3.root.json',
    });
    expect(await fetchTarget('crates-root/3.root.json', client)).toEqual(
      new Uint8Array(await readFile(`${folder}/${third}`)),
    );
    expect(refused('crates-root', 'releases', '--registry', 'registry', ...keys.slice(2))).toMatch(
      /^2 REPOSITORY_KEYS crates-root: 4 usable keys, expected 5$/,
    );
  });

  it('replaces two of nine root keys, and goes on with the new ones', async () => {
    const status = release('status', 'releases') as { roles: { role: string; keys: string[] }[] };
    const [first, second] = status.roles.find(({ role }) => role === 'root')?.keys ?? [];
    const keys = (numbers: readonly number[]) =>
      numbers.flatMap(number => ['--key', `custodians/root-${number}.pem`]);
    const rotation = [
      'rotate',
      'releases',
      'root',
      '--remove',
      first as string,
      '--remove',
      (second as string).slice(0, 12),
    ];
    expect(refused(...rotation, '--unencrypted-keys', ...keys([3, 4, 5, 6]))).toMatch(
      /^2 REPOSITORY_KEYS root: 4 usable keys, expected 5$/,
    );
    expect((await readdir(`${folder}/releases/keys`)).filter(name => name.startsWith('root'))).toEqual([]);
    expect(release(...rotation, '--unencrypted-keys', ...keys([3, 4, 5, 6, 7]))).toMatchObject({
      keys: 9,
      rootVersion: 2,
    });
    expect(await fetchTarget(STABLE, client)).toBeDefined();
    expect(refused('renew', 'releases', '--role', 'root', ...keys([1, 2, 3]))).toBe(
      '2 REPOSITORY_KEYS root: 3 usable keys, expected 5',
    );
    release('renew', 'releases', '--role', 'root', '--role', 'crates-root', ...keys([3, 4, 5]));
    expect(await fetchTarget('crates-root/1.root.json', client)).toBeDefined();
  });

  it('finds what differs', async () => {
    await appendFile(`${folder}/releases/public/${STABLE}`, '#');
    const verified = run('release', 'verify', 'releases');
    expect([verified.code, verified.stderr]).toEqual([4, expect.stringContaining(`differs: ${STABLE}: `)]);
    expect(release('renew', 'releases')).toMatchObject({ copies: [STABLE] });
    expect(release('verify', 'releases')).toMatchObject({ ok: true });
  });
});
