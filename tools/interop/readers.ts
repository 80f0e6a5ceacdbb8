// One repository through two clients: ours, and tuf-js 4.0.0. Each begins with the trusted root alone, refreshes, looks
// targets up and downloads them; what comes of it is put into one shape, so that it can be compared.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { type ClientOptions, openClient, openMemoryStore } from '@cargo-tuf/client';
import { isTufError } from '@cargo-tuf/errors';
import { openHttpSource } from '@cargo-tuf/http-transport';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { Updater } from 'tuf-js';
import { type ServedFiles, serveFiles } from './served-files.ts';

export interface Repository {
  /** The root that a client begins with. */
  readonly root: Uint8Array;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** What a client made of a repository: its state, and of each name what it is told and gets. */
export interface Reading {
  readonly versions: Readonly<Record<'root' | 'timestamp' | 'snapshot' | 'targets', number>>;
  readonly targets: Readonly<Record<string, ReadTarget>>;
}

/** "absent": no role lists it. "refused": the client would not say, or would not hand it over. */
export type ReadTarget =
  | 'absent'
  | 'refused'
  | { readonly length: number; readonly hashes: Record<string, string>; readonly content: string };

export interface Readings {
  readonly ours: Reading | 'refused';
  readonly theirs: Reading | 'refused';
  /** Why, where one refused. */
  readonly reasons: { readonly ours: readonly string[]; readonly theirs: readonly string[] };
}

/** Reads a repository from loopback with both clients. */
/** `options`: of our client. */
export async function readBoth(
  repository: Repository,
  names: readonly string[],
  options: Pick<ClientOptions, 'allow'> = {},
): Promise<Readings> {
  const served = await serveFiles(repository.files);
  try {
    return await readServed(served, repository.root, names, options);
  } finally {
    served.close();
  }
}

export async function readServed(
  served: ServedFiles,
  root: Uint8Array,
  names: readonly string[],
  options: Pick<ClientOptions, 'allow'> = {},
): Promise<Readings> {
  const reasons = { ours: [] as string[], theirs: [] as string[] };
  return {
    ours: await readOurs(served.url, { root, ...options }, names, reasons.ours),
    theirs: await readTheirs(served.url, root, names, reasons.theirs),
    reasons,
  };
}

async function readOurs(
  url: string,
  options: Pick<ClientOptions, 'root' | 'allow'>,
  names: readonly string[],
  reasons: string[],
): Promise<Reading | 'refused'> {
  const source = openHttpSource({ mirrors: [url] });
  const note = (error: unknown): 'refused' => {
    // Whatever is no refusal of ours is a defect.
    if (!isTufError(error)) throw error;
    reasons.push(error.code);
    return 'refused';
  };
  try {
    const client = openClient({ ...options, source, store: openMemoryStore(), clock: Date.now });
    const snapshot = await client.sync();
    const { root: rootVersion, timestamp, snapshot: snapshotVersion, targets } = snapshot.versions;
    const read = async (name: string): Promise<ReadTarget> => {
      const found = await snapshot.findTarget(name);
      if (found === undefined) return 'absent';
      const bytes = (await snapshot.fetchTarget(name)) as Uint8Array;
      return {
        length: found.file.length,
        hashes: Object.fromEntries(found.file.hashes),
        content: contentOf(bytes),
      };
    };
    return {
      versions: { root: rootVersion, timestamp, snapshot: snapshotVersion, targets },
      targets: await readAll(names, name => read(name).catch(note)),
    };
  } catch (error) {
    return note(error);
  } finally {
    await source.close();
  }
}

async function readTheirs(
  url: string,
  root: Uint8Array,
  names: readonly string[],
  reasons: string[],
): Promise<Reading | 'refused'> {
  const folder = await mkdtemp(`${tmpdir()}/cargo-tuf-interop-`);
  const note = (error: unknown): 'refused' => {
    reasons.push(error instanceof Error ? `${error.name}: ${error.message}` : 'unknown');
    return 'refused';
  };
  try {
    await mkdir(`${folder}/targets`);
    await writeFile(`${folder}/root.json`, root);
    const updater = new Updater({
      metadataDir: folder,
      metadataBaseUrl: `${url}metadata`,
      targetDir: `${folder}/targets`,
      targetBaseUrl: `${url}targets`,
    });
    await updater.refresh();
    const read = async (name: string): Promise<ReadTarget> => {
      const found = await updater.getTargetInfo(name);
      if (found === undefined) return 'absent';
      const bytes = await readFile(await updater.downloadTarget(found));
      return { length: found.length, hashes: found.hashes, content: contentOf(bytes) };
    };
    return {
      versions: {
        root: await versionIn(`${folder}/root.json`),
        timestamp: await versionIn(`${folder}/timestamp.json`),
        snapshot: await versionIn(`${folder}/snapshot.json`),
        targets: await versionIn(`${folder}/targets.json`),
      },
      targets: await readAll(names, name => read(name).catch(note)),
    };
  } catch (error) {
    return note(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One after the other: tuf-js keeps what it loads without a lock. */
async function readAll(
  names: readonly string[],
  read: (name: string) => Promise<ReadTarget>,
): Promise<Record<string, ReadTarget>> {
  const entries: [string, ReadTarget][] = [];
  for (const name of names) entries.push([name, await read(name)]);
  return Object.fromEntries(entries);
}

const contentOf = (bytes: Uint8Array): string => encodeHex(sha256(bytes));

async function versionIn(path: string): Promise<number> {
  const { signed } = JSON.parse(await readFile(path, 'utf8')) as { signed: { version: number } };
  return signed.version;
}
