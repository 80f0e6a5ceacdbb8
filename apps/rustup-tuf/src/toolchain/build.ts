// A toolchain built in staging: components that are there already are taken over, the others unpacked from verified archives, two at
// once, while the next are downloaded.

import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { ReleasesSnapshot, VerifiedManifest } from '@cargo-tuf/cargo-tuf-lib';
import type { SelectedComponent } from '@cargo-tuf/release-channel';
import { chooseArchive, findFormats, unpackArchive } from '../archive/formats.ts';
import { unpackComponent } from '../archive/unpack.ts';
import type { Context } from '../context.ts';
import { openFileProgress } from '../progress.ts';
import { startDownloads } from './downloads.ts';
import { stampOf } from './installed.ts';
import { placeComponent, placeLists } from './place.ts';
import type { RecordedComponent } from './record.ts';
import { takeOver } from './take-over.ts';
import { openTurns } from './turns.ts';

export interface Building {
  readonly context: Context;
  readonly snapshot: ReleasesSnapshot;
  /** A folder of staging, with an empty `toolchain` in it. */
  readonly folder: string;
  readonly manifest: Omit<VerifiedManifest, 'sha256'>;
  readonly components: readonly SelectedComponent[];
  /** Components that can be taken over from `installed`, with the archive that they came from. */
  readonly kept: ReadonlyMap<string, string>;
  readonly installed: string;
}

export interface Built {
  /** By name. */
  readonly downloaded: readonly string[];
  readonly records: ReadonlyMap<string, RecordedComponent>;
}

export async function buildToolchain(building: Building): Promise<Built> {
  const { folder, components, manifest } = building;
  const toolchain = `${folder}/toolchain`;
  const archives = new Map<string, string>();
  for (const { name } of components) {
    const archive = building.kept.get(name);
    if (archive !== undefined && (await keep(building, name, toolchain))) archives.set(name, archive);
  }
  const missing = components.filter(({ name }) => !archives.has(name));
  await fetchAll(building, missing, toolchain, archives);
  placeLists(toolchain, components, manifest.bytes);
  const records = new Map<string, RecordedComponent>();
  for (const [name, archive] of archives)
    records.set(name, { archive, stamp: (await stampOf(toolchain, name)) ?? '' });
  return { downloaded: missing.map(({ name }) => name), records };
}

async function keep({ folder, installed }: Building, name: string, toolchain: string): Promise<boolean> {
  const own = `${folder}/${name}`;
  mkdirSync(own);
  const component = await takeOver(installed, name, own);
  if (component !== undefined) placeComponent(toolchain, component);
  await rm(own, { recursive: true });
  return component !== undefined;
}

async function fetchAll(
  { context, snapshot, folder }: Building,
  components: readonly SelectedComponent[],
  toolchain: string,
  archives: Map<string, string>,
): Promise<void> {
  const formats = findFormats(context.environment);
  const wanted = components.map(component => ({
    component,
    label: component.pkg,
    archive: chooseArchive(component, formats),
  }));
  const progress = openFileProgress(context);
  const downloads = startDownloads(context.rustup, snapshot, wanted, progress);
  const stopping = new AbortController();
  const inTurn = openTurns(wanted.some(({ archive }) => archive.format === 'xz') ? 1 : UNPACKED_AT_ONCE);
  const unpacking = wanted.map(({ component, archive }, index) =>
    inTurn(async () => {
      // In their order: rustc comes first and takes longest, and what is unpacked meanwhile would hold up its download.
      const file = (await Promise.all(downloads.files.slice(0, index + 1)))[index] as string;
      stopping.signal.throwIfAborted();
      const own = `${folder}/${component.name}`;
      mkdirSync(own);
      const bar = progress.begin(`unpacking ${component.pkg}`);
      const pieces = unpackArchive(file, archive.format, formats, (bytes, total) => {
        stopping.signal.throwIfAborted();
        bar.step(bytes, total);
      });
      const loose = await unpackComponent(pieces, component, own);
      bar.end();
      return { loose, own };
    }),
  );
  // Who waits for the first does not listen to the others yet.
  for (const each of unpacking) each.catch(() => undefined);
  try {
    for (const [index, { component, archive }] of wanted.entries()) {
      const { loose, own } = await (unpacking[index] as (typeof unpacking)[number]);
      placeComponent(toolchain, loose);
      await rm(own, { recursive: true });
      archives.set(component.name, archive.sha256);
    }
  } finally {
    stopping.abort();
    await downloads.stop();
    await Promise.allSettled(unpacking);
    progress.end();
  }
}

/** Each on a core of its own. xz keeps a dictionary of 64 MiB, and takes turns. */
const UNPACKED_AT_ONCE = 2;
