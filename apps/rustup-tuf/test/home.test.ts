import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Context, openContext } from '../src/context.ts';
import { findActive } from '../src/home/active-toolchain.ts';
import { hostTriple } from '../src/home/host.ts';
import { openRustupHome } from '../src/home/rustup-home.ts';
import { readSettings, setDefaultToolchain, setOverrides } from '../src/home/settings.ts';
import { readToolchainFile } from '../src/home/toolchain-file.ts';
import { folderName, isTracking, parseRelease, releaseOf } from '../src/home/toolchain-name.ts';
import { formatConfig, parseConfig } from '../src/toolchain/config-file.ts';

const HOST = 'x86_64-unknown-linux-gnu';
let folder: string;
let context: Context;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(`${tmpdir()}/home-`));
  context = contextOf({});
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function contextOf(environment: Record<string, string>, workingFolder = folder): Context {
  return openContext({
    environment: { RUSTUP_HOME: `${folder}/rustup`, CARGO_HOME: `${folder}/cargo`, ...environment },
    workingFolder,
    stdout: { write: () => undefined },
    stderr: { write: () => undefined },
    ask: undefined,
    clock: () => 0,
    machine: { platform: 'linux', arch: 'x64' },
  });
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ''), { recursive: true });
  await writeFile(`${folder}/${path}`, text);
}

describe('names', () => {
  it('of releases get this machine, and those that were linked stay', () => {
    expect(parseRelease('nightly-2026-11-20', HOST).name).toBe(`nightly-2026-11-20-${HOST}`);
    expect(parseRelease('stable-aarch64-apple-darwin', HOST).host).toBe('aarch64-apple-darwin');
    expect(folderName('stable', HOST)).toBe(`stable-${HOST}`);
    expect(folderName('my-build', HOST)).toBe('my-build');
    expect(releaseOf('my-build')).toBeUndefined();
    expect(releaseOf('stable')).toBeUndefined();
    expect(releaseOf(`1.95.0-${HOST}`)?.channel).toBe('1.95.0');
    for (const name of ['', 'none', '../x', 'a/b', 'a\\b', '+stable', '.hidden', 'a\nb'])
      expect(() => folderName(name, HOST)).toThrow('is no name of one');
  });

  it('tell whether a toolchain moves on', () => {
    const tracking = ['stable', 'beta', 'nightly', '1.95', '1.96.0-beta'];
    const fixed = ['1.95.0', '1.96.0-beta.3', 'nightly-2026-11-20', 'stable-2026-11-20'];
    expect(tracking.filter(name => isTracking(parseRelease(name, HOST)))).toEqual(tracking);
    expect(fixed.filter(name => isTracking(parseRelease(name, HOST)))).toEqual([]);
  });
});

describe('the host', () => {
  it('is what settings say, then the environment, then the machine', () => {
    const stated = contextOf({ RUSTUP_OVERRIDE_HOST_TRIPLE: 'i686-unknown-linux-gnu' });
    expect(hostTriple(stated, 'aarch64-apple-darwin')).toBe('aarch64-apple-darwin');
    expect(hostTriple(stated, undefined)).toBe('i686-unknown-linux-gnu');
    const machine = (platform: string, arch: string) =>
      hostTriple({ ...context, machine: { platform, arch } }, undefined);
    expect(machine('linux', 'x64')).toMatch(/^x86_64-unknown-linux-(?:gnu|musl)$/);
    expect(machine('darwin', 'arm64')).toBe('aarch64-apple-darwin');
    expect(machine('win32', 'x64')).toBe('x86_64-pc-windows-msvc');
    expect(() => machine('plan9', 'x64')).toThrow('plan9');
    expect(() => machine('linux', 'mips')).toThrow('mips');
    expect(() => hostTriple(context, '../x')).toThrow('is no target triple');
  });
});

describe('settings', () => {
  it('keep what is not ours', async () => {
    const text =
      'version = "12"\nprofile = "minimal"\nauto_self_update = "disable"\n\n[overrides]\n"/a" = "nightly"\n';
    await write('rustup/settings.toml', text);
    await setDefaultToolchain(context.rustup, `stable-${HOST}`);
    await setOverrides(
      context.rustup,
      new Map([
        ['/b', 'beta'],
        ['/a', undefined],
      ]),
    );
    expect(await readSettings(context.rustup)).toEqual({
      defaultToolchain: `stable-${HOST}`,
      profile: 'minimal',
      defaultHost: undefined,
      overrides: new Map([['/b', 'beta']]),
    });
    expect(await readFile(context.rustup.settings, 'utf8')).toContain('auto_self_update = "disable"');
    await setDefaultToolchain(context.rustup, undefined);
    expect((await readSettings(context.rustup)).defaultToolchain).toBeUndefined();
  });

  it.each([
    ['version = "2"\n', 'INSTALL_SETTINGS_VERSION'],
    ['', 'INSTALL_SETTINGS_VERSION'],
    ['version = \n', 'INSTALL_SETTINGS'],
    ['version = "12"\nprofile = 1\n', 'INSTALL_SETTINGS'],
    ['version = "12"\noverrides = 1\n', 'INSTALL_SETTINGS'],
    ['version = "12"\n[overrides]\na = 1\n', 'INSTALL_SETTINGS'],
  ])('of %j are refused, and stay', async (text, code) => {
    await write('rustup/settings.toml', text);
    await expect(readSettings(context.rustup)).rejects.toMatchObject({ code });
    if (code === 'INSTALL_SETTINGS_VERSION')
      await expect(setDefaultToolchain(context.rustup, 'x')).rejects.toMatchObject({ code });
    expect(await readFile(context.rustup.settings, 'utf8')).toBe(text);
  });
});

describe('rust-toolchain files', () => {
  it('are read in both forms, the one without an ending first', async () => {
    await write(
      'rust-toolchain.toml',
      '[toolchain]\nchannel = "beta"\ncomponents = ["clippy"]\nprofile = "minimal"\n',
    );
    expect(await readToolchainFile(folder)).toMatchObject({
      channel: 'beta',
      components: ['clippy'],
      profile: 'minimal',
    });
    await write('rust-toolchain', 'nightly-2026-11-20\n');
    expect(await readToolchainFile(folder)).toMatchObject({ channel: 'nightly-2026-11-20', components: [] });
    await write('rust-toolchain', '[toolchain]\nchannel = "stable"\n');
    expect(await readToolchainFile(folder)).toMatchObject({ channel: 'stable' });
    await write('rust-toolchain', '/opt/rust\n');
    expect(await readToolchainFile(folder)).toMatchObject({ channel: undefined, path: '/opt/rust' });
  });

  it.each([
    '',
    '[toolchain]\n',
    'channel = "stable"\n',
    '[toolchain]\nchannel = 1\n',
    '[toolchain]\ncomponents = "clippy"\n',
    '[toolchain]\npath = "relative"\n',
    '[toolchain]\npath = "/a"\nchannel = "stable"\n',
    '[toolchain\n',
  ])('of %j are refused', async text => {
    await write('rust-toolchain.toml', text);
    await expect(readToolchainFile(folder)).rejects.toMatchObject({ code: 'INSTALL_TOOLCHAIN_FILE' });
  });
});

it('the active toolchain is the first that somebody says', async () => {
  const active = async (of = context, stated?: string) => (await findActive(of, stated))?.name;
  expect(await active()).toBeUndefined();
  await write(
    'rustup/settings.toml',
    `version = "12"\ndefault_toolchain = "stable"\n\n[overrides]\n"${folder}/a" = "beta"\n`,
  );
  expect(await active()).toBe(`stable-${HOST}`);
  await write('a/b/rust-toolchain.toml', '[toolchain]\nchannel = "nightly"\n');
  expect(await active(contextOf({}, `${folder}/a/b`))).toBe(`nightly-${HOST}`);
  expect(await active(contextOf({}, `${folder}/a`))).toBe(`beta-${HOST}`);
  expect(await active(contextOf({ RUSTUP_TOOLCHAIN: '1.95.0' }, `${folder}/a`))).toBe(`1.95.0-${HOST}`);
  expect(await active(contextOf({ RUSTUP_TOOLCHAIN: '/opt/rust' }))).toBe('/opt/rust');
  expect(await active(contextOf({ RUSTUP_TOOLCHAIN: '1.95.0' }), 'mine')).toBe('mine');
  await write('a/c/rust-toolchain.toml', '[toolchain]\ncomponents = ["clippy"]\n');
  expect(await active(contextOf({}, `${folder}/a/c`))).toBe(`stable-${HOST}`);
});

it("rustup's folder is what RUSTUP_HOME says, else in the home folder", () => {
  expect(openRustupHome({ RUSTUP_HOME: '/r', HOME: '/h' }, '/w').toolchains).toBe('/r/toolchains');
  expect(openRustupHome({ RUSTUP_HOME: 'r' }, '/w').root).toBe('/w/r');
  expect(openRustupHome({ HOME: '/h' }, '/w').root).toBe('/h/.rustup');
});

it('the components of a toolchain are written as they are read', () => {
  const components = [
    { pkg: 'cargo', target: HOST },
    { pkg: 'rust-src', target: '*' },
  ];
  expect(parseConfig(formatConfig(components), 'f')).toEqual(components);
  const encode = (text: string) => new TextEncoder().encode(text);
  for (const text of [
    'components = 1',
    '[[components]]\npkg = "../x"',
    '[[components]]\npkg = "a"\ntarget = "x"',
    '[',
  ])
    expect(() => parseConfig(encode(text), 'f')).toThrow(/^f: /);
});
