// A finished toolchain takes the place of the one before, and what a crash on the way leaves.
//
//   1. the swap, the record and the manifest are on the disk (state.ts)
//   2. toolchains/<name>  ->  tuf/staging/<random>/old
//   3. tuf/staging/<random>/toolchain  ->  toolchains/<name>      <- the change happens here
//   4. update-hashes/<name>: until then rustup asks for the manifest once more than it has to
//   5. staging/<random> is removed, and the swap is over
//
// Between 2 and 3, two calls of the system that follow each other at once, there is no toolchain. A process that is killed right
// there leaves it so until the next command of rustup-tuf, which goes on at 3. Before 2 the old one works, after 3 the new one.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { lstat, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { writeLocalFile } from '@cargo-tuf/cargo-tuf-lib';
import { fileError } from '../errors.ts';
import type { RustupHome } from '../home/rustup-home.ts';
import type { ToolchainRecord } from './record.ts';
import { ToolchainState } from './state.ts';
import type { Swap } from './swap-record.ts';

/** A folder of staging. */
export interface Staging {
  readonly name: string;
  readonly folder: string;
}

/** The caller holds the lock. What earlier processes left in staging is removed. */
export async function openStaging(home: RustupHome): Promise<Staging> {
  await clearStaging(home);
  const name = randomBytes(8).toString('hex');
  const folder = `${home.staging}/${name}`;
  await mkdir(`${folder}/toolchain`, { recursive: true, mode: 0o755 });
  return { name, folder };
}

/** Puts `staging/toolchain` in the place of the toolchain `name`. The caller holds the lock. */
export async function swapIn(
  home: RustupHome,
  state: ToolchainState,
  staging: Staging,
  name: string,
  record: ToolchainRecord,
  manifest: Uint8Array,
): Promise<void> {
  const inode = await inodeOf(`${staging.folder}/toolchain`);
  const swap: Swap = { folder: staging.name, inode: inode ?? '', hash: record.manifest.slice(0, 20) };
  await state.beginSwap(name, swap, record, manifest);
  try {
    await finishSwap(home, state, name, swap);
  } catch (error) {
    // The old one is in its place; what the record says of the new one is not so.
    if (
      (await inodeOf(`${staging.folder}/toolchain`)) === inode &&
      (await inodeOf(`${staging.folder}/old`)) === undefined
    )
      await state.forget(name);
    throw error;
  }
}

/** Finishes swaps that a crash has cut off. Cheap where there is none; every command begins with it. */
export async function recover(home: RustupHome): Promise<readonly string[]> {
  const state = await ToolchainState.openExisting(home);
  if (state === undefined || (await state.swaps()).size === 0) return [];
  return state.exclusive(held => finishSwaps(home, held));
}

/** The same for a caller that holds the lock. Gives the names of the toolchains. */
export async function finishSwaps(home: RustupHome, state: ToolchainState): Promise<readonly string[]> {
  const swaps = await state.swaps();
  for (const [name, swap] of swaps) await finishSwap(home, state, name, swap);
  return [...swaps.keys()];
}

/** Takes a toolchain away. The caller holds the lock. */
export async function takeAway(home: RustupHome, state: ToolchainState, name: string): Promise<void> {
  const folder = `${home.toolchains}/${name}`;
  const status = await lstat(folder);
  await rm(`${home.updateHashes}/${name}`, { force: true });
  if (status.isSymbolicLink()) await rm(folder);
  else {
    const staging = await openStaging(home);
    renameInto(folder, `${staging.folder}/old`);
  }
  await state.forget(name);
  await clearStaging(home);
}

async function finishSwap(home: RustupHome, state: ToolchainState, name: string, swap: Swap): Promise<void> {
  const place = `${home.toolchains}/${name}`;
  const folder = `${home.staging}/${swap.folder}`;
  const isInPlace = (await inodeOf(place)) === swap.inode;
  // Somebody emptied staging: whatever stands in the place is not what the record says.
  if (!isInPlace && (await inodeOf(`${folder}/toolchain`)) !== swap.inode) return state.forget(name);
  if (!isInPlace) exchange(place, `${folder}/toolchain`, `${folder}/old`);
  await writeLocalFile(`${home.updateHashes}/${name}`, new TextEncoder().encode(swap.hash), 0o644);
  await rm(folder, { recursive: true, force: true });
  await state.endSwap(name);
}

/** Nothing may come between the two renames: no await, no other work. */
function exchange(place: string, finished: string, old: string): void {
  mkdirSync(place.slice(0, place.lastIndexOf('/')), { recursive: true });
  try {
    renameSync(place, old);
  } catch (error) {
    // There was none before.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fileError(place, error);
  }
  try {
    renameSync(finished, place);
  } catch (error) {
    if (existsSync(old)) renameSync(old, place);
    throw fileError(place, error);
  }
}

function renameInto(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    throw fileError(from, error);
  }
}

/** Undefined where nothing stands. A link is followed: what it leads to is not ours. */
async function inodeOf(path: string): Promise<string | undefined> {
  const status = await stat(path, { bigint: true }).catch(() => undefined);
  return status === undefined ? undefined : `${status.ino}`;
}

/** What is left of builds that were stopped. The caller holds the lock, and no swap waits. */
export async function clearStaging(home: RustupHome): Promise<void> {
  const names = await readdir(home.staging).catch(() => []);
  for (const name of names) await rm(`${home.staging}/${name}`, { recursive: true, force: true });
}
