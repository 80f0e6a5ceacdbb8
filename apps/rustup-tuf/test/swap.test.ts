// A toolchain takes the place of another one, and is stopped at every step of it.

import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { ReleasesSnapshot } from '@cargo-tuf/cargo-tuf-lib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Context } from '../src/context.ts';
import { openRustupHome, type RustupHome } from '../src/home/rustup-home.ts';
import type { Release } from '../src/home/toolchain-name.ts';
import { type ChangeWish, changeToolchain } from '../src/toolchain/change.ts';
import { decodeRecord, encodeRecord, type ToolchainRecord } from '../src/toolchain/record.ts';
import { finishSwaps, openStaging, recover, type Staging, swapIn, takeAway } from '../src/toolchain/swap.ts';
import { decodeSwap, encodeSwap, type Swap } from '../src/toolchain/swap-record.ts';
import { ToolchainState } from '../src/toolchain/state.ts';
import { takeOver } from '../src/toolchain/take-over.ts';

const NAME = 'stable-x86_64-unknown-linux-gnu';
const RECORD: ToolchainRecord = {
  path: 'dist/channel-rust-stable.toml',
  manifest: 'ab'.repeat(32),
  date: '2026-11-20',
  components: new Map([['rustc-x', { archive: 'cd'.repeat(32), stamp: '1-2' }]]),
};
let folder: string;
let home: RustupHome;
let state: ToolchainState;

beforeEach(async () => {
  folder = await mkdtemp(`${tmpdir()}/swap-`);
  home = openRustupHome({ RUSTUP_HOME: folder }, '/');
  state = await ToolchainState.open(home);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function install(text: string): Promise<void> {
  await swapIn(home, state, await finished(text), NAME, RECORD, new Uint8Array());
}

/** A toolchain in staging that is ready. */
async function finished(text: string): Promise<Staging> {
  const staging = await openStaging(home);
  await writeFile(`${staging.folder}/toolchain/version`, text);
  return staging;
}

async function recordSwap(staging: Staging): Promise<Swap> {
  const { ino } = await stat(`${staging.folder}/toolchain`, { bigint: true });
  const swap = { folder: staging.name, inode: `${ino}`, hash: 'ef'.repeat(10) };
  await state.beginSwap(NAME, swap, RECORD, new Uint8Array());
  return swap;
}

const place = () => `${home.toolchains}/${NAME}`;
const installed = () => readFile(`${place()}/version`, 'utf8');
const hash = () => readFile(`${home.updateHashes}/${NAME}`, 'utf8');

it('puts the new toolchain in the place of the old one', async () => {
  await install('old');
  await install('new');
  expect(await installed()).toBe('new');
  expect(await hash()).toBe('ab'.repeat(10));
  expect(await readdir(home.staging)).toEqual([]);
  expect(await state.swaps()).toEqual(new Map());
  expect(await state.record(NAME)).toEqual(RECORD);
});

it.each([
  ['before the old one is moved', async () => undefined],
  ['between the two renames', async (staging: Staging) => rename(place(), `${staging.folder}/old`)],
  [
    'before the checksum is written',
    async (staging: Staging) => {
      await rename(place(), `${staging.folder}/old`);
      await rename(`${staging.folder}/toolchain`, place());
    },
  ],
  [
    'before the record is closed',
    async (staging: Staging) => {
      await rename(place(), `${staging.folder}/old`);
      await rename(`${staging.folder}/toolchain`, place());
      await writeFile(`${home.updateHashes}/${NAME}`, 'ef'.repeat(10));
      await rm(`${staging.folder}/old`, { recursive: true });
    },
  ],
])('is finished by the next command when it was stopped %s', async (_, stopped) => {
  await install('old');
  const staging = await finished('new');
  await recordSwap(staging);
  await stopped(staging);
  expect(await recover(home)).toEqual([NAME]);
  expect(await installed()).toBe('new');
  expect(await hash()).toBe('ef'.repeat(10));
  expect(await readdir(home.staging)).toEqual([]);
  expect(await recover(home)).toEqual([]);
});

it('is finished by a change that holds the lock', async () => {
  await recordSwap(await finished('new'));
  expect(await state.exclusive(held => finishSwaps(home, held))).toEqual([NAME]);
  expect(await installed()).toBe('new');
});

it('is finished by a change before it looks at what is installed', async () => {
  await recordSwap(await finished('new'));
  const select = (): never => {
    throw new Error(readFileSync(`${place()}/version`, 'utf8'));
  };
  const context = { rustup: home } as Context;
  const wish = { release: { name: NAME } as Release, manifest: {} as ChangeWish['manifest'], select };
  await expect(changeToolchain(context, state, {} as ReleasesSnapshot, wish)).rejects.toThrow(/^new$/);
  expect(await state.swaps()).toEqual(new Map());
});

it('is finished for a toolchain that was not there before', async () => {
  await recordSwap(await finished('new'));
  await recover(home);
  expect(await installed()).toBe('new');
});

it('forgets what it knew when somebody emptied staging', async () => {
  await install('old');
  const staging = await finished('new');
  await recordSwap(staging);
  await rm(home.staging, { recursive: true });
  await recover(home);
  expect(await installed()).toBe('old');
  expect(await state.record(NAME)).toBeUndefined();
  expect(await recover(home)).toEqual([]);
});

it('leaves the old toolchain when the new one cannot be moved', async () => {
  await install('old');
  const staging = await finished('new');
  const moved = `${folder}/elsewhere`;
  await rename(`${staging.folder}/toolchain`, moved);
  await expect(swapIn(home, state, staging, NAME, RECORD, new Uint8Array())).resolves.toBeUndefined();
  expect(await installed()).toBe('old');
});

it('removes what a build that was stopped has left, and nothing that waits for its swap', async () => {
  const left = await openStaging(home);
  const next = await openStaging(home);
  expect(await readdir(home.staging)).toEqual([next.name]);
  expect(left.name).not.toBe(next.name);
});

it('takes a toolchain away, with its checksum and its record', async () => {
  await install('old');
  await takeAway(home, state, NAME);
  expect(await readdir(home.toolchains)).toEqual([]);
  expect(await readdir(home.updateHashes)).toEqual([]);
  expect(await readdir(home.staging)).toEqual([]);
  expect(await state.record(NAME)).toBeUndefined();
});

it('takes the files of a component over as second names, and none that is not whole', async () => {
  const toolchain = `${folder}/old`;
  await mkdir(`${toolchain}/lib/rustlib`, { recursive: true });
  await mkdir(`${toolchain}/share/doc/deep`, { recursive: true });
  await writeFile(`${toolchain}/tool`, 'tool');
  await writeFile(`${toolchain}/share/doc/deep/a`, 'a');
  await writeFile(`${toolchain}/lib/rustlib/manifest-tool`, 'file:tool\ndir:share/doc\n');
  const taken = await takeOver(toolchain, 'tool', `${folder}/new`);
  expect(taken?.parts).toHaveLength(2);
  const inode = async (path: string) => (await stat(path)).ino;
  expect(await inode(`${folder}/new/tool`)).toBe(await inode(`${toolchain}/tool`));
  expect(await inode(`${folder}/new/share/doc/deep/a`)).toBe(await inode(`${toolchain}/share/doc/deep/a`));
  await rm(`${toolchain}/tool`);
  expect(await takeOver(toolchain, 'tool', `${folder}/other`)).toBeUndefined();
  expect(await takeOver(toolchain, 'missing', `${folder}/other`)).toBeUndefined();
});

it('writes records that it reads, and takes no other for one', () => {
  expect(decodeRecord(encodeRecord(RECORD))).toEqual(RECORD);
  const swap = { folder: '0123456789abcdef', inode: '42', hash: 'ab'.repeat(10) };
  expect(decodeSwap(encodeSwap(swap))).toEqual(swap);
  expect(decodeSwap(encodeSwap({ ...swap, folder: '../../etc' }))).toBeUndefined();
  const encode = (text: string) => new TextEncoder().encode(text);
  for (const text of [
    '{"format":2}',
    '{"format":1}',
    '[]',
    '{"format":1,"path":"","manifest":"","date":"","components":[1]}',
  ])
    expect([decodeRecord(encode(text)), decodeSwap(encode(text))]).toEqual([undefined, undefined]);
});
