// The published bytes of a repository in a folder. A file appears whole: it is written elsewhere, brought to the disk, and
// then given its name by link(), which never overwrites, or, for the timestamp, by rename(), under the repository's lock.
//
//   public/metadata/timestamp.json     public/targets/it/oa/<sha256>.itoa     public/map/ab/<hash>.tile

import { randomBytes } from 'node:crypto';
import { lstatSync, type Stats, unlinkSync } from 'node:fs';
import { link, mkdir, readdir, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { escapeText, isTufError } from '@cargo-tuf/errors';
import { encodeHex, equalBytes, sha256 } from '@cargo-tuf/keys';
import type { NewFile, PrunableBytes, Published, PublishedBytes } from '@cargo-tuf/repository';
import { linkSlices, syncAll, syncFolders } from './bulk-write.ts';
import { fail, systemCode } from './errors.ts';
import type { BulkFile } from './link-files.ts';
import {
  isFolder,
  isRegularFile,
  readLocalFile,
  syncPath,
  unusable,
  writeChunks,
  writeContent,
} from './local-file.ts';

export interface PublishedFolderOptions {
  /** What is served. */
  readonly folder: string;
  /** Where files are written before they get their names: on the same file system, not served. */
  readonly temporary: string;
  /** Runs work while no other process runs theirs. */
  readonly exclusive: <T>(work: () => Promise<T>) => Promise<T>;
}

/** The largest file that is published: a crate archive. */
const PUBLISHED_BYTES: number = 64 * 1024 * 1024;

/** Published bytes, and large files that pass by. */
export interface PublishedFiles extends PublishedBytes {
  has(path: string): Promise<boolean>;
  /** Writes, or replaces, the file whole when `chunks` has come to its end; what it throws leaves the file as it was. */
  putStream(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void>;
}

export function openPublishedFolder(options: PublishedFolderOptions): PublishedFiles & PrunableBytes {
  return new PublishedFolder(options);
}

/** Removes what a publisher that was cut off left behind. Call it under the lock. */
export async function clearTemporary(folder: string): Promise<void> {
  if (!isFolder(folder)) return;
  for (const name of await readdir(folder))
    if (name.endsWith('.temporary')) await unlink(`${folder}/${name}`);
}

/** Files that are written and synced one by one, and files that are written between two turns of other work. */
const FEW = 16;
const SLICE = 64;

class PublishedFolder implements PublishedFiles, PrunableBytes {
  readonly #options: PublishedFolderOptions;
  /** Folders that were seen to be folders, not links. */
  readonly #folders: Set<string> = new Set();
  /** Folders from which files were removed since the last sync. */
  readonly #removedFrom: Set<string> = new Set();

  constructor(options: PublishedFolderOptions) {
    this.#options = options;
  }

  async get(path: string): Promise<Published | null> {
    const file = this.#file(path);
    if (!this.#hasFolder(dirname(path))) return null;
    const bytes = readLocalFile(file, PUBLISHED_BYTES);
    return bytes === null ? null : new PublishedFile(bytes);
  }

  async putIfAbsent(path: string, bytes: Uint8Array): Promise<'done' | 'same' | 'conflict'> {
    const present = await this.get(path);
    if (present !== null) return equalBytes(present.bytes, bytes) ? 'same' : 'conflict';
    const file = await this.#makeFolder(path);
    const temporary = await this.#write(bytes);
    try {
      await link(temporary, file);
      await syncPath(dirname(file));
      return 'done';
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw unusable(file, error);
    } finally {
      await unlink(temporary);
    }
    return equalBytes((await this.get(path))?.bytes ?? new Uint8Array(0), bytes) ? 'same' : 'conflict';
  }

  async putManyIfAbsent(files: Iterable<NewFile>): Promise<readonly ('done' | 'same' | 'conflict')[]> {
    const slices = slicesOf(files);
    const { value: first = [] } = slices.next() as IteratorResult<readonly NewFile[], undefined>;
    if (first.length < FEW) return Promise.all(first.map(({ path, bytes }) => this.putIfAbsent(path, bytes)));
    const given: NewFile[] = [];
    const linked = await linkSlices(this.#named(chain(first, slices), given), {
      temporaries: [await this.#temporaryPath(), await this.#temporaryPath()],
    });
    const results: ('done' | 'same' | 'conflict')[] = [];
    for (const [index, { path, bytes }] of given.entries()) {
      const isNew = linked[index];
      const standing = isNew ? undefined : await this.get(path);
      results.push(isNew ? 'done' : standing && equalBytes(standing.bytes, bytes) ? 'same' : 'conflict');
    }
    const { folder } = this.#options;
    await syncAll(
      given.map(({ path }) => `${folder}/${path}`),
      folder,
    );
    return results;
  }

  async compareAndSwap(path: string, bytes: Uint8Array, tag: string | null): Promise<'done' | 'conflict'> {
    return this.#options.exclusive(async () => {
      const present = await this.get(path);
      if ((present?.tag ?? null) !== tag) return 'conflict';
      const file = await this.#makeFolder(path);
      const temporary = await this.#write(bytes);
      try {
        await rename(temporary, file);
        await syncPath(dirname(file));
      } catch (error) {
        throw unusable(file, error);
      }
      return 'done';
    });
  }

  async has(path: string): Promise<boolean> {
    const file = this.#file(path);
    return this.#hasFolder(dirname(path)) && isRegularFile(file);
  }

  async putStream(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const file = await this.#makeFolder(path);
    const temporary = await this.#temporaryPath();
    try {
      await writeChunks(temporary, chunks, 0o644);
      await rename(temporary, file);
      await syncPath(dirname(file));
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw isTufError(error) ? error : unusable(file, error);
    }
  }

  async list(folder: string): Promise<readonly string[]> {
    const path = this.#file(folder);
    if (!this.#hasFolder(folder)) return [];
    const items = await readdir(path, { withFileTypes: true });
    return items.filter(item => !item.isDirectory()).map(({ name }) => name);
  }

  async size(path: string): Promise<number | null> {
    const file = this.#file(path);
    if (!this.#hasFolder(dirname(path))) return null;
    const stats = statsOf(file);
    if (stats === null || stats.isDirectory()) return null;
    if (stats.isFile()) return stats.size;
    throw fail('ADMIN_LINK', `${escapeText(file)}: not a regular file`, { details: { path: file } });
  }

  async remove(path: string): Promise<void> {
    if ((await this.size(path)) === null) return;
    const file = this.#file(path);
    try {
      unlinkSync(file);
    } catch (error) {
      throw unusable(file, error);
    }
    this.#removedFrom.add(dirname(file));
  }

  async sync(): Promise<void> {
    if (this.#removedFrom.size > 0) await syncFolders(this.#removedFrom, this.#options.folder);
    this.#removedFrom.clear();
  }

  /** The folders of each slice are made; its files are noted in `given`. */
  async *#named(slices: Iterable<readonly NewFile[]>, given: NewFile[]): AsyncGenerator<readonly BulkFile[]> {
    for (const slice of slices) {
      given.push(...slice);
      const named: BulkFile[] = [];
      for (const { path, bytes } of slice) named.push({ file: await this.#makeFolder(path), bytes });
      yield named;
    }
  }

  async #write(bytes: Uint8Array): Promise<string> {
    const path = await this.#temporaryPath();
    await writeContent(path, bytes, 0o644);
    return path;
  }

  async #temporaryPath(): Promise<string> {
    const { temporary } = this.#options;
    if (!isFolder(temporary)) await mkdir(temporary, { recursive: true, mode: 0o700 });
    return `${temporary}/${randomBytes(16).toString('hex')}.temporary`;
  }

  #file(path: string): string {
    if (isPublishedPath(path)) return `${this.#options.folder}/${path}`;
    throw fail('ADMIN_USAGE', `path: ${escapeText(path)} is not a path of a repository`, {
      details: { path },
    });
  }

  /** True when every folder of `folder`, a path inside the repository, stands there and is no link. */
  #hasFolder(folder: string): boolean {
    if (this.#folders.has(folder)) return true;
    for (const each of upwards(folder).toReversed()) {
      if (this.#folders.has(each)) continue;
      if (!isFolder(`${this.#options.folder}/${each}`)) return false;
      this.#folders.add(each);
    }
    return true;
  }

  async #makeFolder(path: string): Promise<string> {
    const file = this.#file(path);
    const folder = dirname(path);
    if (this.#folders.has(folder)) return file;
    const root = this.#options.folder;
    if (!isFolder(root)) await mkdir(root, { recursive: true, mode: 0o755 });
    for (const each of upwards(folder).toReversed()) {
      if (this.#hasFolder(each)) continue;
      try {
        await mkdir(`${root}/${each}`, { mode: 0o755 });
        await syncPath(dirname(`${root}/${each}`));
      } catch (error) {
        if (systemCode(error) !== 'EEXIST') throw unusable(`${root}/${each}`, error);
      }
    }
    return file;
  }
}

function* slicesOf(files: Iterable<NewFile>): Generator<readonly NewFile[]> {
  let slice: NewFile[] = [];
  for (const file of files) {
    slice.push(file);
    if (slice.length < SLICE) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}

function* chain<Item>(first: Item, rest: Iterable<Item>): Generator<Item> {
  yield first;
  yield* rest;
}

/** Few ask for the tag of a file. */
class PublishedFile implements Published {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get tag(): string {
    return encodeHex(sha256(this.bytes));
  }
}

/** Of what stands there itself, link or file; null where nothing does. Without waiting: a prune asks for thousands of files. */
function statsOf(file: string): Stats | null {
  try {
    return lstatSync(file);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw unusable(file, error);
  }
}

/** A relative path without dot segments and hidden files. A segment can start with `-`: `io/-l/io-lifetimes`. */
export function isPublishedPath(path: string): boolean {
  return (
    path.length <= 1024 &&
    path.split('/').every(segment => /^[A-Za-z0-9_-][A-Za-z0-9._+-]{0,254}$/.test(segment))
  );
}

/** "targets/it/oa" gives itself, "targets/it" and "targets". */
function upwards(folder: string): readonly string[] {
  const segments = folder.split('/');
  return segments.map((_, index) => segments.slice(0, segments.length - index).join('/'));
}
