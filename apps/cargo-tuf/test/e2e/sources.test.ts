// What has no anchor, what is replaced past us, what is damaged: refused before cargo runs, with a code and a hint, and
// nothing is changed.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { HonestRepository, SimulatedClock } from '@cargo-tuf/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeProject } from '../../../../tools/fixtures/debian-project.ts';
import { type Mirror, startMirror } from '../../../../tools/fixtures/mirror-server.ts';
import {
  archivesOf,
  entriesOf,
  SMALL_CRATES,
  smallCrate,
} from '../../../../tools/fixtures/small-registry.ts';
import { CARGO_TUF, Developer } from './developer.ts';
import { hasCargo, NO_CARGO } from './tools.ts';

let honest: HonestRepository;
let mirror: Mirror;
let developer: Developer;

beforeEach(async ctx => {
  ctx.skip(!hasCargo, NO_CARGO);
  honest = await HonestRepository.create({ clock: new SimulatedClock(Date.now()) });
  await honest.publish({ entries: await entriesOf(SMALL_CRATES) });
  for (const [path, bytes] of archivesOf(SMALL_CRATES)) honest.files.set(path, bytes);
  mirror = await startMirror(path => honest.files.get(path) ?? null);
  developer = await Developer.create();
  await developer.trust(honest.root, [mirror.url]);
  await writeProject(developer.project, { greeting: '"1"' });
});

afterEach(async () => {
  await mirror?.close();
  await developer?.remove();
});

async function refusedWith(code: string, exit: number, args: readonly string[] = ['build']): Promise<string> {
  mirror.requests.length = 0;
  const ended = await developer.tuf(args);
  expect(ended.stderr).toContain(`cargo-tuf: code: ${code}`);
  expect(ended.stderr).toMatch(/cargo-tuf: hint: ./);
  expect(ended.code).toBe(exit);
  return ended.stderr;
}

describe('sources without an anchor', () => {
  it('a git dependency is listed and refused, and allowed by name', async () => {
    await writeProject(developer.project, {
      greeting: '"1"',
      tool: '{ git = "https://git.example/tool.git", branch = "main" }',
    });
    const message = await refusedWith('APP_UNSIGNED_SOURCE', 4);
    expect(message).toContain('git+https://git.example/tool.git');
    expect(mirror.requests).toEqual([]);
    const allowed = await developer.tuf([
      '--allow',
      'git+https://git.example/tool.git',
      'build',
      '--offline',
    ]);
    expect(allowed.stderr).not.toContain('APP_UNSIGNED_SOURCE');
    expect(allowed.stderr).toContain('not verified, allowed by name: git+https://git.example/tool.git');
  });

  it('a registry is refused, also when only Cargo.lock names it', async () => {
    await writeFile(
      `${developer.project}/Cargo.lock`,
      'version = 4\n\n[[package]]\nname = "demo"\nversion = "0.1.0"\n\n[[package]]\nname = "other"\nversion = "1.0.0"\nsource = "sparse+https://other.example/index/"\n',
    );
    expect(await refusedWith('APP_UNSIGNED_SOURCE', 4)).toContain('sparse+https://other.example/index/');
    developer.environment['CARGO_TUF_DISABLE'] = 'sparse+https://other.example/index/';
    expect((await developer.tuf(['build', '--locked'])).stderr).toContain(
      'allowed by name: sparse+https://other.example/index/',
    );
  });

  it('crates.io is never let through by CARGO_TUF_DISABLE', async () => {
    await developer.tuf(['trust', 'remove', 'crates-io']);
    await developer.trust(honest.root, [mirror.url], 'sparse+https://own.example/index/');
    developer.environment['CARGO_TUF_DISABLE'] = 'crates-io';
    const message = await refusedWith('APP_UNSIGNED_SOURCE', 4);
    expect(message).toContain('crates-io, which it never covers');
  });

  it('a third-party registry with an anchor is verified like crates.io', async () => {
    const url = 'sparse+https://own.example/index/';
    const own = await HonestRepository.create({ clock: new SimulatedClock(Date.now()), seed: 2 });
    const crates = [smallCrate('internal', '2.0.0', 'pub fn secret() -> u8 { 7 }\n')];
    await own.publish({ entries: await entriesOf(crates) });
    for (const [path, bytes] of archivesOf(crates)) own.files.set(path, bytes);
    const second = await startMirror(path => own.files.get(path) ?? null);
    await developer.trust(own.root, [second.url], url);
    await writeProject(developer.project, {
      greeting: '"1"',
      internal: '{ version = "2", registry = "own" }',
    });
    await mkdir(`${developer.project}/.cargo`);
    await writeFile(`${developer.project}/.cargo/config.toml`, `[registries.own]\nindex = "${url}"\n`);
    const ended = await developer.tuf(['build']);
    expect(ended.stderr).toContain('Finished');
    expect(await readFile(`${developer.project}/Cargo.lock`, 'utf8')).toContain(`source = "${url}"`);
    own.files.set('crates/internal/internal-2.0.0.crate', new Uint8Array([1]));
    await developer.run(
      'rm',
      ['-r', `${developer.cargoHome}/registry`, `${developer.cargoHome}/tuf/crates`],
      developer.folder,
    );
    expect((await developer.tuf(['build'])).stderr).toContain('LIB_CRATE_HASH');
    await second.close();
  });
});

describe('configuration', () => {
  it('that replaces crates.io with another source is refused', async () => {
    await mkdir(`${developer.project}/.cargo`);
    await writeFile(
      `${developer.project}/.cargo/config.toml`,
      '[source.crates-io]\nreplace-with = "evil"\n[source.evil]\nregistry = "sparse+https://evil.example/"\n',
    );
    expect(await refusedWith('APP_SOURCE_BYPASS', 4)).toContain('source.crates-io.replace-with is "evil"');
    expect((await developer.tuf(['status'])).stdout).toContain('replaces source crates-io with evil');
    expect(
      await refusedWith('APP_SOURCE_BYPASS', 4, ['--config', 'source.crates-io.replace-with="x"', 'build']),
    ).toBeDefined();
  });

  it('that is no TOML is refused with the name of the file', async () => {
    await mkdir(`${developer.project}/.cargo`);
    await writeFile(`${developer.project}/.cargo/config.toml`, '[source\n');
    expect(await refusedWith('APP_CONFIG', 1)).toContain(`${developer.project}/.cargo/config.toml`);
  });

  it('of the user’s own is kept byte for byte by enable and disable', async () => {
    const file = `${developer.cargoHome}/config.toml`;
    const before = '# mine\n[net]\nretry = 1\n\n[alias]\nb = "build"';
    await writeFile(file, before);
    expect((await developer.tuf(['enable'])).code).toBe(0);
    const enabled = await readFile(file, 'utf8');
    expect(enabled.startsWith(before)).toBe(true);
    expect((await developer.tuf(['enable'])).code).toBe(0);
    expect(await readFile(file, 'utf8')).toBe(enabled);
    expect((await developer.tuf(['config', '--explain'])).stdout).toContain(
      'plain cargo is verified through this file',
    );
    expect((await developer.tuf(['disable'])).stderr).toContain('the proxy was stopped');
    expect((await readFile(file, 'utf8')).trimEnd()).toBe(before);
    expect((await developer.tuf(['disable'])).stderr).toContain('APP_NOT_ENABLED');
  });

  it('that conflicts with ours is not touched', async () => {
    const file = `${developer.cargoHome}/config.toml`;
    const before = '[source.crates-io]\nreplace-with = "cargo-tuf-mine"\n';
    await writeFile(file, before);
    expect((await developer.tuf(['enable'])).stderr).toContain('APP_CONFIG_CONFLICT');
    expect(await readFile(file, 'utf8')).toBe(before);
  });
});

describe('Cargo.lock and the floor file', () => {
  it('a checksum that the index does not have is refused with both', async () => {
    await developer.tuf(['generate-lockfile']);
    const file = `${developer.project}/Cargo.lock`;
    const lock = await readFile(file, 'utf8');
    await writeFile(file, lock.replace(/checksum = "[0-9a-f]{64}"/, `checksum = "${'ab'.repeat(32)}"`));
    expect(await refusedWith('LIB_LOCK_CHECKSUM', 4)).toMatch(
      /Cargo\.lock says abab[0-9a-f]+, expected [0-9a-f]{64}/,
    );
    await refusedWith('LIB_LOCK_CHECKSUM', 4, ['verify']);
  });

  it('that is damaged is refused', async () => {
    await writeFile(`${developer.project}/Cargo.lock`, '[[package]\n');
    await refusedWith('LIB_LOCKFILE', 1);
  });

  it('floors give a fresh machine the memory of another', async () => {
    const old = new Map(honest.files);
    await honest.renew();
    expect((await developer.tuf(['sync', '--floors'])).code).toBe(0);
    await honest.publish({ entries: await entriesOf([...SMALL_CRATES, smallCrate('later', '1.0.0', '')]) });
    expect((await developer.tuf(['sync', '--floors'])).code).toBe(0);
    const floors = JSON.parse(await readFile(`${developer.project}/Cargo.tuf.json`, 'utf8'));
    expect(Object.values(floors.floors)).toEqual([{ root: 1, claims: 1, tree: 3 }]);
    const fresh = await Developer.create();
    const frozen = await startMirror(path => old.get(path) ?? null);
    await fresh.trust(honest.root, [frozen.url]);
    await writeProject(fresh.project, { greeting: '"1"' });
    expect((await fresh.tuf(['sync'])).code).toBe(0);
    await writeFile(`${fresh.project}/Cargo.tuf.json`, JSON.stringify(floors));
    const ended = await fresh.tuf(['sync']);
    expect(ended.stderr).toContain('crates: tree version 2, expected 3 or higher');
    expect(ended.code).toBe(4);
    await writeFile(`${fresh.project}/Cargo.tuf.json`, '{"format":1}');
    expect((await fresh.tuf(['sync'])).stderr).toContain('LIB_FLOOR_FILE');
    await frozen.close();
    await fresh.remove();
  });
});

describe('trust', () => {
  it('at first use needs a terminal or a fingerprint', async () => {
    const root = `${developer.folder}/root.json`;
    const add = ['trust', 'add', 'sparse+https://own.example/', '--root', root, '--mirror', mirror.url];
    await refusedWith('APP_NO_TERMINAL', 2, add);
    await refusedWith('APP_DECLINED', 2, [...add, '--fingerprint', 'ab'.repeat(32)]);
    const other = await HonestRepository.create({ clock: new SimulatedClock(Date.now()), seed: 3 });
    await expect(developer.trust(other.root, [mirror.url])).rejects.toThrow('LIB_ANCHOR_EXISTS');
    await developer.trust(honest.root, [mirror.url]);
    await refusedWith('LIB_ARGUMENT', 2, [
      ...add.slice(0, -1),
      'http://far.example/',
      '--fingerprint',
      fingerprint(),
    ]);
    await refusedWith('LIB_REGISTRY_ID', 2, ['trust', 'add', 'no registry', ...add.slice(3)]);
    await refusedWith('APP_USAGE', 2, ['trust', 'add', 'crates-io', '--root', root]);
    expect(JSON.parse((await developer.tuf(['trust', 'list', '--json'])).stdout)).toHaveLength(1);
  });

  it('is not given to bytes that are no root', async () => {
    const root = `${developer.folder}/root.json`;
    const bytes = await readFile(root);
    for (const [name, bad] of [
      ['empty', Buffer.alloc(0)],
      ['cut', bytes.subarray(0, -2)],
      ['other', honest.files.get('metadata/timestamp.json') as Uint8Array],
    ] as const) {
      await writeFile(root, bad);
      const ended = await developer.tuf([
        'trust',
        'add',
        'sparse+https://own.example/',
        '--root',
        root,
        '--mirror',
        mirror.url,
        '--fingerprint',
        '00',
      ]);
      expect(ended.stderr, name).toMatch(/code: (JSON_|METADATA_|CLIENT_ANCHOR)/);
      expect([1, 2, 4], name).toContain(ended.code);
    }
    expect(await readdir(`${developer.cargoHome}/tuf/anchors`)).toHaveLength(1);
  });
});

describe('arguments', () => {
  it.each([
    ['APP_USAGE', 2, ['download', 'greeting']],
    ['APP_USAGE', 2, ['explain', '../etc/passwd']],
    ['LIB_NO_CRATE', 2, ['download', 'greeting@9.9.9']],
    ['LIB_NO_CRATE', 2, ['download', 'absent@1.0.0']],
    ['APP_USAGE', 2, ['--port', 'x', 'build']],
    ['APP_USAGE', 2, ['completions', 'powershell']],
    ['APP_USAGE', 2, ['verify', '--no-such-option']],
    ['CLIENT_NO_STATE', 3, ['explain', 'greeting', '--offline']],
  ] as const)('%s, exit %i: %j', async (code, exit, args) => {
    await refusedWith(code, exit, args);
  });

  it('have help with an example for every command', async () => {
    const commands = [
      'sync',
      'verify',
      'download',
      'explain',
      'trust add',
      'trust list',
      'trust remove',
      'enable',
      'disable',
      'status',
      'proxy',
      'doctor',
      'config',
      'clean',
      'completions',
    ];
    for (const command of commands) {
      const ended = await developer.tuf([...command.split(' '), '--help']);
      expect(ended.stdout, command).toMatch(/Examples?:\n {2}cargo tuf/);
      expect(ended.code, command).toBe(0);
    }
  });

  it('reach the command as cargo passes them', async () => {
    const ended = await developer.run('node', [CARGO_TUF, 'tuf', 'trust', 'list'], developer.project);
    expect(ended.stdout).toContain('crates-io');
  });
});

function fingerprint(): string {
  return encodeHex(sha256(honest.root));
}
