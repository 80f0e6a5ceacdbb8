// One toolchain made what it is wished to be: installed, brought up to date, given or relieved of components. All of it happens or
// nothing: the new toolchain is built beside the old one, and takes its place when it is whole.

import { rm } from 'node:fs/promises';
import type { ReleasesSnapshot, VerifiedManifest } from '@cargo-tuf/cargo-tuf-lib';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { componentName, type SelectedComponent } from '@cargo-tuf/release-channel';
import type { Context } from '../context.ts';
import type { RustupHome } from '../home/rustup-home.ts';
import type { Release } from '../home/toolchain-name.ts';
import { type Building, buildToolchain } from './build.ts';
import { type InstalledToolchain, namesOf, readInstalled, stampOf } from './installed.ts';
import type { ToolchainRecord } from './record.ts';
import { clearStaging, finishSwaps, openStaging, swapIn } from './swap.ts';
import type { ToolchainState } from './state.ts';

export interface ChangeWish {
  readonly release: Release;
  readonly manifest: Omit<VerifiedManifest, 'sha256'>;
  /** All that the toolchain shall have, from what it has. */
  readonly select: (installed: InstalledToolchain | undefined) => readonly SelectedComponent[];
  /** Nothing is taken over. */
  readonly anew?: boolean;
}

export interface ChangeReport {
  readonly toolchain: string;
  readonly status: 'installed' | 'changed' | 'unchanged';
  /** Of the manifest. */
  readonly date: string;
  /** Of rustc: "1.95.0 (59807616e 2026-04-14)". */
  readonly version: string;
  readonly downloaded: readonly string[];
  readonly removed: readonly string[];
}

/** Throws as `selectComponents`, `downloadArchive` and `unpackComponent`; the toolchain is as it was then. */
export async function changeToolchain(
  context: Context,
  unlocked: ToolchainState,
  snapshot: ReleasesSnapshot,
  wish: ChangeWish,
): Promise<ChangeReport> {
  return unlocked.exclusive(async state => {
    await finishSwaps(context.rustup, state);
    const { release, manifest } = wish;
    const installed = await readInstalled(context.rustup, release.name);
    const record = await state.record(release.name);
    const components = wish.select(installed);
    const kept = wish.anew || installed === undefined ? NONE : await keptOf(installed, record, components);
    const report = {
      toolchain: release.name,
      date: manifest.manifest.date,
      version: manifest.manifest.packages.get('rustc')?.version ?? '',
    };
    const hash = encodeHex(sha256(manifest.bytes));
    const before = installed === undefined ? [] : namesOf(installed.components);
    const removed = before.filter(name => !components.some(each => each.name === name));
    const isChanged = removed.length > 0 || kept.size < components.length || record?.manifest !== hash;
    const downloaded = isChanged
      ? await rebuild(context, state, snapshot, { wish, hash, components, kept, installed })
      : [];
    await clearStaging(context.rustup);
    await removeDownloads(context.rustup, components);
    const status = !isChanged ? 'unchanged' : installed === undefined ? 'installed' : 'changed';
    return { ...report, status, downloaded, removed };
  });
}

interface Rebuilding extends Pick<Building, 'components' | 'kept'> {
  readonly wish: ChangeWish;
  /** SHA-256 of the manifest's bytes. */
  readonly hash: string;
  readonly installed: InstalledToolchain | undefined;
}

/** Gives the names of what was downloaded. */
async function rebuild(
  context: Context,
  state: ToolchainState,
  snapshot: ReleasesSnapshot,
  { wish: { release, manifest }, hash, components, kept, installed }: Rebuilding,
): Promise<readonly string[]> {
  const staging = await openStaging(context.rustup);
  const { folder } = staging;
  try {
    const building = {
      context,
      snapshot,
      folder,
      manifest,
      components,
      kept,
      installed: installed?.folder ?? '',
    };
    const built = await buildToolchain(building);
    const { date } = manifest.manifest;
    const record = { path: manifest.path, manifest: hash, date, components: built.records };
    await swapIn(context.rustup, state, staging, release.name, record, manifest.bytes);
    return built.downloaded;
  } finally {
    // A swap that could not be finished has all that is left of the toolchain there.
    if (!(await state.swaps()).has(release.name)) await rm(folder, { recursive: true, force: true });
  }
}

/** Those of a run that was stopped after its last step but this as well. */
async function removeDownloads(home: RustupHome, components: readonly SelectedComponent[]): Promise<void> {
  for (const { sha256: name } of components.flatMap(({ archives }) => archives))
    await rm(`${home.downloads}/${name}`, { force: true });
}

const NONE: ReadonlyMap<string, string> = new Map();

/** Components that are verified, and come from an archive that the manifest names as well. */
async function keptOf(
  installed: InstalledToolchain,
  record: ToolchainRecord | undefined,
  components: readonly SelectedComponent[],
): Promise<ReadonlyMap<string, string>> {
  const verified = await verifiedComponents(installed, record);
  const kept = new Map<string, string>();
  for (const { name, archives } of components) {
    const archive = verified.get(name);
    if (archive !== undefined && archives.some(each => each.sha256 === archive)) kept.set(name, archive);
  }
  return kept;
}

/** What rustup-tuf put there and nobody has replaced since: the archive by the component's name. */
export async function verifiedComponents(
  installed: InstalledToolchain,
  record: ToolchainRecord | undefined,
): Promise<ReadonlyMap<string, string>> {
  const verified = new Map<string, string>();
  for (const component of installed.components) {
    const name = componentName(component);
    const recorded = record?.components.get(name);
    if (recorded !== undefined && recorded.stamp === (await stampOf(installed.folder, name)))
      verified.set(name, recorded.archive);
  }
  return verified;
}
