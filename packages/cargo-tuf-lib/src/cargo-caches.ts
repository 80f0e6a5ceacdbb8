// What cargo keeps of a registry below `$CARGO_HOME/registry`, and never checks again once it is there:
//
//   cache/<registry folder>/<name>-<version>.crate      archives as downloaded
//   src/<registry folder>/<name>-<version>/             archives unpacked, plus the marker `.cargo-ok`
//
// Both are compared with the archive whose checksum is locked.

import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import type { CrateArchiveFile } from '@cargo-tuf/crate-archive';
import { parseCrateName, parseVersion } from '@cargo-tuf/crate-index';
import { isTufError } from '@cargo-tuf/errors';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { fail } from './errors.ts';
import { isMissing, readLocalFile } from './files.ts';

export interface CacheProblem {
  /** The file or folder that is not as it must be. */
  readonly path: string;
  readonly crate: string;
  readonly version: string;
  /** What is wrong, with what was seen and what was expected. */
  readonly problem: string;
}

export interface CacheReport {
  /** Archives and unpacked folders that are as locked. */
  readonly verified: number;
  readonly problems: readonly CacheProblem[];
}

/** A crate whose caches are checked. `archive` gives verified bytes where cargo's cache has none that match. */
export interface CachedCrate {
  readonly name: string;
  readonly version: string;
  /** 64 hex digits. */
  readonly checksum: string;
  archive(): Promise<Uint8Array | undefined>;
}

const CRATE_BYTES = 64 * 1024 * 1024;
const FILE_BYTES = 512 * 1024 * 1024;
/** Written by cargo into an unpacked crate. */
const MARKER = '.cargo-ok';

/** Checks every copy of the crates in cargo's caches, under whatever registry folder it lies. */
export async function verifyCargoCaches(
  cargoHome: string,
  crates: readonly CachedCrate[],
  onProgress?: (done: number, total: number) => void,
): Promise<CacheReport> {
  const problems: CacheProblem[] = [];
  let verified = 0;
  const caches = await folders(`${cargoHome}/registry/cache`);
  const sources = await folders(`${cargoHome}/registry/src`);
  for (const [index, crate] of crates.entries()) {
    parseCrateName(crate.name);
    parseVersion(crate.version);
    let good: Uint8Array | undefined;
    const report = (path: string, problem: string): void => {
      problems.push({ path, crate: crate.name, version: crate.version, problem });
    };
    for (const cache of caches) {
      const path = `${cache}/${crate.name}-${crate.version}.crate`;
      const bytes = await readOr(path, CRATE_BYTES, problem => report(path, problem));
      // Cargo itself takes an empty file for one that is not there.
      if (bytes === undefined || bytes.length === 0) continue;
      const seen = encodeHex(sha256(bytes));
      if (seen === crate.checksum) {
        good = bytes;
        verified += 1;
      } else report(path, `sha256 ${seen}, expected ${crate.checksum}`);
    }
    const unpacked: string[] = [];
    for (const source of sources) {
      const path = `${source}/${crate.name}-${crate.version}`;
      const status = await statusOf(path);
      if (status?.isDirectory()) unpacked.push(path);
      else if (status !== undefined) report(path, 'is no folder, expected the unpacked archive');
    }
    if (unpacked.length > 0) {
      const archive = good ?? (await crate.archive());
      for (const path of unpacked) {
        if (archive === undefined) {
          report(path, 'no archive with the locked checksum to compare it with');
          continue;
        }
        const found = await compareUnpacked(path, archive, crate);
        for (const problem of found) report(problem.path, problem.problem);
        if (found.length === 0) verified += 1;
      }
    }
    onProgress?.(index + 1, crates.length);
  }
  return { verified, problems };
}

async function compareUnpacked(
  folder: string,
  archive: Uint8Array,
  crate: CachedCrate,
): Promise<{ path: string; problem: string }[]> {
  // Loaded where it is used: most programs that have this package never look into an archive.
  const { listCrateFiles } = await import('@cargo-tuf/crate-archive');
  let expected: ReadonlyMap<string, CrateArchiveFile>;
  try {
    const { name, version } = crate;
    expected = await listCrateFiles(archive, { name, version }, { packedBytes: CRATE_BYTES });
  } catch (error) {
    if (isTufError(error)) return [{ path: folder, problem: `the archive is refused: ${error.message}` }];
    throw error;
  }
  const problems: { path: string; problem: string }[] = [];
  const present = new Map(await filesBelow(folder, ''));
  present.delete(MARKER);
  for (const [name, file] of expected) {
    const path = `${folder}/${name}`;
    const kind = present.get(name);
    present.delete(name);
    if (kind === undefined) problems.push({ path, problem: 'is missing, expected a file of the archive' });
    else if (kind !== 'file') problems.push({ path, problem: `is a ${kind}, expected a file` });
    else {
      const bytes = await readOr(path, FILE_BYTES, problem => problems.push({ path, problem }));
      const seen = bytes && encodeHex(sha256(bytes));
      if (seen !== undefined && seen !== file.sha256)
        problems.push({ path, problem: `sha256 ${seen}, expected ${file.sha256}` });
    }
  }
  for (const name of present.keys()) {
    problems.push({ path: `${folder}/${name}`, problem: 'is not in the archive' });
  }
  return problems;
}

async function filesBelow(folder: string, below: string): Promise<[string, 'file' | 'link' | 'special'][]> {
  const found: [string, 'file' | 'link' | 'special'][] = [];
  for (const entry of await list(below === '' ? folder : `${folder}/${below}`)) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesBelow(folder, path)));
    else found.push([path, entry.isFile() ? 'file' : entry.isSymbolicLink() ? 'link' : 'special']);
  }
  return found;
}

/** What cannot be read is reported like what is wrong: the other copies are still to be checked. */
async function readOr(
  path: string,
  limit: number,
  report: (problem: string) => void,
): Promise<Uint8Array | undefined> {
  try {
    return await readLocalFile(path, limit);
  } catch (error) {
    if (!isTufError(error)) throw error;
    report(error.message.slice(path.length + 2));
    return undefined;
  }
}

/** Cargo follows links to folders; so must who checks what cargo uses. */
async function folders(path: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await list(path)) {
    const folder = `${path}/${entry.name}`;
    if (entry.isDirectory() || (entry.isSymbolicLink() && (await leadsToFolder(folder)))) found.push(folder);
  }
  return found;
}

async function leadsToFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw unreadable(path, error);
  }
}

async function list(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw unreadable(path, error);
  }
}

async function statusOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): Error {
  return fail('LIB_FILE', `${path}: cannot be read`, { cause: error });
}
