// A whole index folder against what was signed: every file must be there with its hash, and no other. One pass: each file is
// read once, by worker threads, and compared when its folder is done.

import { isTufError } from '@cargo-tuf/errors';
import { type FolderPart, hashFolder } from '@cargo-tuf/hash-workers';
import { encodeHex, equalBytes } from '@cargo-tuf/keys';
import { fail } from './errors.ts';
import { type KeptProgress, openProgress } from './verify-progress.ts';

export interface IndexReport {
  /** Files that are as signed. */
  readonly verified: number;
  /** Files that differ from what was signed, by path. */
  readonly changed: readonly ChangedFile[];
  /** Index paths that were signed and are not there, in order. */
  readonly missing: readonly string[];
  /** Index paths that are there and were not signed, in order. */
  readonly unsigned: readonly string[];
}

export interface ChangedFile {
  readonly path: string;
  /** SHA-256, 64 hex digits. */
  readonly seen: string;
  readonly expected: string;
}

export interface FolderVerification {
  /** Signed files that are decided, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
  /**
   * A file that keeps the progress, so that an interrupted run can be gone on with. With it, what an earlier run of the same
   * snapshot and folder has verified is not read again where no path, size, time of change, inode or device has changed:
   * whoever can write this file, or set the clock and the times of files, is trusted. It is removed when a run comes to its end.
   */
  readonly progressFile?: string;
  /** Threads; 0: the caller's own. As many as there are cores if absent. */
  readonly workers?: number;
}

/** A file as it was signed. */
export interface SignedFile {
  readonly path: string;
  /** 32 bytes, or what gives them when the file is compared. */
  readonly sha256: Uint8Array | (() => Promise<Uint8Array>);
}

export interface Comparison extends FolderVerification {
  /** What the signed files belong to: one text for each state of an index. */
  readonly snapshot: string;
  /** Paths that may be there and are not compared. */
  readonly ignored: readonly string[];
}

const ENTRY_BYTES = 16 * 1024 * 1024;

export async function compareFolder(
  folder: string,
  signed: readonly SignedFile[],
  { snapshot, ignored, onProgress, progressFile, workers }: Comparison,
): Promise<IndexReport> {
  const progress = await openProgress(progressFile, snapshot, folder);
  const comparing = new FolderComparison(folder, signed, ignored, progress);
  try {
    // Without a file to keep them in, seals would cost time for nothing.
    const sealOf = progressFile === undefined ? undefined : (below: string) => progress.sealOf(below);
    await hashFolder(folder, { limit: ENTRY_BYTES, workers, sealOf }, async part => {
      await comparing.accept(part);
      onProgress?.(comparing.done, signed.length);
    });
  } catch (error) {
    if (isTufError(error)) throw error;
    throw fail('LIB_FILE', `${folder}: cannot be read`, { cause: error });
  }
  if (comparing.present === 0) throw fail('LIB_FILE', `${folder}: holds no index`);
  onProgress?.(signed.length, signed.length);
  await progress.end();
  return comparing.report();
}

class FolderComparison {
  readonly #folder: string;
  readonly #ignored: ReadonlySet<string>;
  readonly #progress: KeptProgress;
  /** By the folder that they lie in, and by path: those that were not seen yet. */
  readonly #waiting: Map<string, Map<string, SignedFile>> = new Map();
  readonly #changed: ChangedFile[] = [];
  readonly #unsigned: string[] = [];
  #verified = 0;
  /** Files that are there. */
  present = 0;

  constructor(
    folder: string,
    signed: readonly SignedFile[],
    ignored: readonly string[],
    progress: KeptProgress,
  ) {
    this.#folder = folder;
    this.#ignored = new Set(ignored);
    this.#progress = progress;
    for (const file of signed) {
      const top = topOf(file.path);
      const files = this.#waiting.get(top) ?? new Map<string, SignedFile>();
      this.#waiting.set(top, files.set(file.path, file));
    }
  }

  get done(): number {
    return this.#verified + this.#changed.length;
  }

  /** What is left when every part was accepted is missing. */
  report(): IndexReport {
    const missing = [...this.#waiting.values()].flatMap(files => [...files.keys()]);
    return {
      verified: this.#verified,
      changed: this.#changed.sort((left, right) => (left.path < right.path ? -1 : 1)),
      missing: missing.sort(),
      unsigned: this.#unsigned.sort(),
    };
  }

  async accept(part: FolderPart): Promise<void> {
    const files = this.#waiting.get(part.below) ?? new Map<string, SignedFile>();
    this.present += part.paths.length;
    const before = this.#changed.length + this.#unsigned.length;
    if (part.isUnchanged) this.#acceptUnchanged(part, files);
    else await this.#compare(part, files);
    // Only what is as signed, file for file, need not be read again.
    const isWell = files.size === 0 && before === this.#changed.length + this.#unsigned.length;
    await this.#progress.keep(part.below, isWell ? part.seal : undefined);
  }

  /** The seal says that these are the files of a run in which all of this part was as signed. */
  #acceptUnchanged({ paths }: FolderPart, files: Map<string, SignedFile>): void {
    for (const path of paths) {
      if (files.delete(path)) this.#verified += 1;
      else this.#noteUnsigned(path);
    }
  }

  async #compare(part: FolderPart, files: Map<string, SignedFile>): Promise<void> {
    const unread = part.unread.find(({ path }) => files.has(path));
    if (unread !== undefined) throw fail('LIB_FILE', `${this.#folder}/${unread.path}: ${unread.reason}`);
    let asked: Promise<void>[] = [];
    for (const [index, path] of part.paths.entries()) {
      const file = files.get(path);
      if (file === undefined) {
        this.#noteUnsigned(path);
        continue;
      }
      const seen = part.hashes.subarray(32 * index, 32 * (index + 1));
      files.delete(path);
      if (typeof file.sha256 !== 'function') {
        this.#note(path, seen, file.sha256);
        continue;
      }
      asked.push(file.sha256().then(expected => this.#note(path, seen, expected)));
      if (asked.length < PARALLEL) continue;
      await Promise.all(asked);
      asked = [];
    }
    await Promise.all(asked);
  }

  #note(path: string, seen: Uint8Array, expected: Uint8Array): void {
    if (equalBytes(seen, expected)) this.#verified += 1;
    else this.#changed.push({ path, seen: encodeHex(seen), expected: encodeHex(expected) });
  }

  #noteUnsigned(path: string): void {
    if (!this.#ignored.has(path)) this.#unsigned.push(path);
  }
}

/** Files whose signed hashes are asked for at once. */
const PARALLEL = 64;

/** The part that `hashFolder` gives a path in. */
function topOf(path: string): string {
  const end = path.indexOf('/');
  return end < 0 ? '' : path.slice(0, end);
}
