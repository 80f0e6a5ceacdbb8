// A component out of an archive of rust-installer, version 3:
//
//   rustc-1.95.0-x86_64-unknown-linux-gnu/rust-installer-version   3
//   rustc-1.95.0-x86_64-unknown-linux-gnu/components               rustc
//   rustc-1.95.0-x86_64-unknown-linux-gnu/rustc/manifest.in        file:bin/rustc …
//   rustc-1.95.0-x86_64-unknown-linux-gnu/rustc/bin/rustc
//
// The archive is as it was signed; its publisher may still have been careless, or worse. Only files and folders come out of it,
// below a folder of their own, each path once, without special mode bits. What `manifest.in` does not name stays behind.

import { closeSync, mkdirSync, openSync, writeSync, writev } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { readTar, type TarEntry } from '@cargo-tuf/crate-archive';
import { escapeText, isTufError } from '@cargo-tuf/errors';
import type { SelectedComponent } from '@cargo-tuf/release-channel';
import { fail, fileError } from '../errors.ts';
import { checkPath, type Part, parseParts } from './parts.ts';

/** A component's files in a folder of their own. */
export interface LooseComponent {
  readonly name: string;
  readonly folder: string;
  readonly parts: readonly Part[];
}

export interface UnpackLimits {
  readonly entries: number;
  readonly pathBytes: number;
  /** Bytes of all files together. */
  readonly unpackedBytes: number;
  /** Bytes of `manifest.in`, `components` and `rust-installer-version`. */
  readonly listBytes: number;
}

/** The largest real ones: rust-docs with 60,000 files, rustc-dev with 2 GB. */
export const UNPACK_LIMITS: UnpackLimits = {
  entries: 500_000,
  pathBytes: 4096,
  unpackedBytes: 16 * 1024 ** 3,
  listBytes: 16 * 1024 * 1024,
};

/**
 * Unpacks a component below `folder`, which exists and is empty. Throws `INSTALL_ARCHIVE`, `INSTALL_ARCHIVE_UNSAFE`, `INSTALL_FILE`; what
 * was written until then is for the caller to remove.
 */
export async function unpackComponent(
  pieces: AsyncIterable<Uint8Array>,
  component: Pick<SelectedComponent, 'name' | 'pkg'>,
  folder: string,
  limits: UnpackLimits = UNPACK_LIMITS,
): Promise<LooseComponent> {
  const { name, pkg } = component;
  const lists = new Map<string, string>();
  const writer = new FileWriter(folder, name);
  let left = limits.unpackedBytes;
  let top: string | undefined;
  try {
    for await (const entry of readTar(pieces, limits)) {
      left -= entry.size;
      if (left < 0)
        throw fail('INSTALL_ARCHIVE_UNSAFE', `${name}: more than ${limits.unpackedBytes} bytes unpacked`);
      const path = innerPath(entry, name, (top ??= entry.path.split('/')[0] ?? ''));
      const isOurs = path.startsWith(`${name}/`) || path.startsWith(`${pkg}/`);
      if (LISTS.includes(path) || (isOurs && path.endsWith('/manifest.in') && path.split('/').length === 2))
        keepList(lists, path, await readText(entry, name, limits.listBytes), name);
      else if (isOurs && entry.kind === 'folder') writer.makeFolder(path);
      else if (isOurs) await writer.writeFile(path, entry);
      else for await (const _ of entry.content);
    }
  } catch (error) {
    throw tarError(error, name);
  }
  return listedComponent(lists, component, folder);
}

function keepList(lists: Map<string, string>, path: string, text: string, component: string): void {
  if (lists.has(path)) throw twice(component, path);
  lists.set(path, text);
}

function twice(component: string, path: string): Error {
  return fail('INSTALL_ARCHIVE_UNSAFE', `${component}: two entries for ${escapeText(path)}`, {
    details: { component, path },
  });
}

const LISTS: readonly string[] = ['rust-installer-version', 'components'];

/** The path below the archive's one folder; '' for that folder. */
function innerPath(entry: TarEntry, component: string, top: string): string {
  const path = entry.path.endsWith('/') && entry.kind === 'folder' ? entry.path.slice(0, -1) : entry.path;
  checkPath(path, component);
  if (path === top && entry.kind === 'folder') return '';
  if (path.startsWith(`${top}/`)) return path.slice(top.length + 1);
  throw fail(
    'INSTALL_ARCHIVE_UNSAFE',
    `${component}: path "${escapeText(path)}", expected one below ${escapeText(top)}/`,
  );
}

function listedComponent(
  lists: ReadonlyMap<string, string>,
  { name, pkg }: Pick<SelectedComponent, 'name' | 'pkg'>,
  folder: string,
): LooseComponent {
  const version = lists.get('rust-installer-version')?.trim();
  if (version !== '3')
    throw fail(
      'INSTALL_ARCHIVE',
      `${name}: installer version "${escapeText(version ?? '', 20)}", expected "3"`,
    );
  const listed = (lists.get('components') ?? '').split('\n');
  const own = [name, pkg].find(each => listed.includes(each));
  const manifest = own === undefined ? undefined : lists.get(`${own}/manifest.in`);
  if (own === undefined || manifest === undefined)
    throw fail('INSTALL_ARCHIVE', `${name}: its archive has no component of that name`);
  return { name, folder: `${folder}/${own}`, parts: parseParts(manifest, name) };
}

async function readText(entry: TarEntry, component: string, limit: number): Promise<string> {
  if (entry.kind === 'folder' || entry.size > limit)
    throw fail(
      'INSTALL_ARCHIVE',
      `${component}: ${escapeText(entry.path)} is no list of at most ${limit} bytes`,
    );
  const pieces: Uint8Array[] = [];
  for await (const piece of entry.content) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

/** Small files are written without waiting: 60,000 of them would spend their time in queues. Of large ones the rest is unpacked meanwhile. */
class FileWriter {
  readonly #root: string;
  readonly #component: string;
  readonly #folders = new Set<string>();

  constructor(root: string, component: string) {
    this.#root = root;
    this.#component = component;
  }

  makeFolder(path: string): void {
    if (this.#folders.has(path)) return;
    this.#attempt(path, () => mkdirSync(`${this.#root}/${path}`, { recursive: true }));
    this.#folders.add(path);
  }

  async writeFile(path: string, { mode, content }: TarEntry): Promise<void> {
    this.makeFolder(dirname(path));
    const file = this.#attempt(path, () => openSync(`${this.#root}/${path}`, 'wx', plainMode(mode)));
    let writing: Promise<void> | undefined;
    try {
      let batch: Uint8Array[] = [];
      let length = 0;
      for await (const piece of content) {
        batch.push(piece);
        length += piece.length;
        if (length < BATCH_BYTES) continue;
        await writing;
        writing = this.#writeBatch(path, file, batch);
        // Awaited above or below, after the next batch is read.
        writing.catch(() => undefined);
        [batch, length] = [[], 0];
      }
      await writing;
      for (const piece of batch) this.#write(path, file, piece);
    } finally {
      await writing?.catch(() => undefined);
      closeSync(file);
    }
  }

  async #writeBatch(path: string, file: number, pieces: readonly Uint8Array[]): Promise<void> {
    const { bytesWritten } = await writeTogether(file, pieces).catch(error => {
      throw fileError(`${this.#root}/${path}`, error);
    });
    let written = bytesWritten;
    for (const piece of pieces) {
      this.#write(path, file, piece.subarray(written));
      written = Math.max(0, written - piece.length);
    }
  }

  #write(path: string, file: number, piece: Uint8Array): void {
    for (let written = 0; written < piece.length; )
      written += this.#attempt(path, () => writeSync(file, piece, written));
  }

  #attempt<T>(path: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (code !== 'EEXIST' && code !== 'ENOTDIR') throw fileError(`${this.#root}/${path}`, error);
      throw twice(this.#component, path);
    }
  }
}

const BATCH_BYTES = 1024 * 1024;
const writeTogether = promisify(writev);

/** As rustup has it: what the owner may do, others may read and run as well. */
function plainMode(mode: number): number {
  const own = mode & 0o700;
  return own | ((own & 0o500) >> 3) | ((own & 0o500) >> 6);
}

/** What the reader of tars found, in words about components. */
function tarError(error: unknown, component: string): unknown {
  if (!isTufError(error) || !error.code.startsWith('CRATE_')) return error;
  const code = error.kind === 'security' ? 'INSTALL_ARCHIVE_UNSAFE' : 'INSTALL_ARCHIVE';
  return fail(code, `${component}: ${error.message}`, { details: error.details, cause: error });
}
