// Hashes the files of one folder and those below it, one pass, into one buffer that is used again: reading file by file without
// waiting is four times as fast as promises, in a thread that has nothing else to do.

import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  type Stats,
} from 'node:fs';
import { sha256Into } from '@cargo-tuf/keys';
import type { Answer } from './tasks.ts';

export interface FolderInput {
  readonly root: string;
  /** A folder below `root`, slash-separated; empty: the files that lie in `root` itself. */
  readonly below: string;
  /** Longest file in bytes. */
  readonly limit: number;
  /** Whether the part shall have a seal. */
  readonly isSealed: boolean;
  /** What it was when these files were hashed before. */
  readonly seal?: string | undefined;
}

/** What lies in a folder. Names that start with a dot are left out. */
export interface FolderPart {
  readonly below: string;
  /** Slash-separated, from `root` on. */
  readonly paths: readonly string[];
  /** SHA-256 of each, 32 bytes; zero where it could not be read. Empty when `isUnchanged`. */
  readonly hashes: Uint8Array<ArrayBuffer>;
  readonly unread: readonly UnreadFile[];
  /** The seal that was given is the seal of these files: nothing was read. */
  readonly isUnchanged: boolean;
  /**
   * SHA-256 over the path, size, times of change, inode and device of every file, 64 hex digits. Undefined where a file is
   * unread, or changed so lately that another change need not show in its times; and where none was asked for.
   */
  readonly seal: string | undefined;
}

export interface UnreadFile {
  readonly path: string;
  /** "is not a file", "20 bytes, expected at most 10", "cannot be read (EACCES)". */
  readonly reason: string;
}

export interface FileTasks {
  hashFolder(input: FolderInput): Answer<FolderPart>;
}

export function createFileTasks(): FileTasks {
  const reader = new FileReader();
  return {
    hashFolder(input) {
      const value = hashFolder(input, reader);
      return { value, transfer: [value.hashes.buffer] };
    },
  };
}

/** Two changes within this time may leave the same time on a file. */
const CLOCK_GRAIN_MS = 2_000;

function hashFolder({ root, below, limit, isSealed, seal }: FolderInput, reader: FileReader): FolderPart {
  const paths = listFiles(root, below, below !== '');
  if (seal !== undefined && sealOf(paths, path => statOrNone(`${root}/${path}`)) === seal)
    return { below, paths, hashes: new Uint8Array(0), unread: [], isUnchanged: true, seal };
  const settled = Date.now() - CLOCK_GRAIN_MS;
  const hashes = new Uint8Array(32 * paths.length);
  const unread: UnreadFile[] = [];
  const stats = new Map<string, Stats>();
  for (const [index, path] of paths.entries()) {
    const read = reader.hash(`${root}/${path}`, limit, hashes, 32 * index);
    if (typeof read === 'string') unread.push({ path, reason: read });
    else if (Math.max(read.ctimeMs, read.mtimeMs) < settled) stats.set(path, read);
  }
  const made = isSealed ? sealOf(paths, path => stats.get(path)) : undefined;
  return { below, paths, hashes, unread, isUnchanged: false, seal: made };
}

/** By path. What is no folder counts as a file, links too. */
function listFiles(root: string, below: string, isDeep: boolean): string[] {
  const files: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(`${root}/${folder}`, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (!entry.isDirectory()) files.push(path);
      else if (isDeep) visit(path);
    }
  };
  visit(below);
  return files.sort();
}

function sealOf(paths: readonly string[], statOf: (path: string) => Stats | undefined): string | undefined {
  const seal = createHash('sha256');
  for (const path of paths) {
    const stat = statOf(path);
    if (stat === undefined) return undefined;
    const { size, mtimeMs, ctimeMs, ino, dev } = stat;
    seal.update(`${path}\0${size} ${mtimeMs} ${ctimeMs} ${ino} ${dev}\n`);
  }
  return seal.digest('hex');
}

function statOrNone(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

// A pipe must not hold us. Windows has no such flag.
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

class FileReader {
  #buffer = new Uint8Array(1024 * 1024);

  /** Writes the hash of a file to `out`; gives what the file was when it was read, or why it was not. */
  hash(path: string, limit: number, out: Uint8Array, offset: number): Stats | string {
    let file: number | undefined;
    try {
      file = openSync(path, READ);
      const stat = fstatSync(file);
      if (!stat.isFile()) return 'is not a file';
      if (stat.size > limit) return `${stat.size} bytes, expected at most ${limit}`;
      const length = this.#read(file, stat.size);
      if (length !== stat.size) return 'changed while it was read';
      sha256Into(this.#buffer.subarray(0, length), out, offset);
      return stat;
    } catch (error) {
      return `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  /** How many bytes there are, one more than `size` at most: a short read of a file is its end. */
  #read(file: number, size: number): number {
    if (size >= this.#buffer.length) this.#buffer = new Uint8Array(2 * size);
    let length = 0;
    while (length <= size) {
      const asked = size + 1 - length;
      const read = readSync(file, this.#buffer, length, asked, null);
      length += read;
      if (read < asked) break;
    }
    return length;
  }
}
