/**
 * Where a repository's files are published. An implementation
 * - makes a file appear whole and durably, or not at all;
 * - answers `unknown`, or throws, only when it cannot tell; the caller reads again and compares;
 * - never overwrites in `putIfAbsent`.
 */
export interface PublishedBytes {
  /** The bytes at `path` and a tag that changes when they change, or null. */
  get(path: string): Promise<Published | null>;
  /** `done`: written; `same`: these bytes stand there already; `conflict`: other bytes stand there. */
  putIfAbsent(path: string, bytes: Uint8Array): Promise<'done' | 'same' | 'conflict' | 'unknown'>;
  /**
   * The same for many files to which nobody refers yet, in their order: each appears whole, and all of them are durable when it
   * returns. They are made while they are taken, once each. Left out where there is nothing faster than one after the other.
   */
  putManyIfAbsent?(files: Iterable<NewFile>): Promise<readonly ('done' | 'same' | 'conflict' | 'unknown')[]>;
  /** Replaces the bytes if their tag still is `tag` (null: if there are none). */
  compareAndSwap(
    path: string,
    bytes: Uint8Array,
    tag: string | null,
  ): Promise<'done' | 'conflict' | 'unknown'>;
}

/** The same where files can be taken away (prune.ts). No other publisher changes it meanwhile. */
export interface PrunableBytes extends PublishedBytes {
  /** Names of the files in a folder, in no order; none where there is no folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Bytes of the file, or null where there is none. */
  size(path: string): Promise<number | null>;
  /** Removes the file; where there is none, nothing happens. */
  remove(path: string): Promise<void>;
  /** What was removed before stays removed, whatever happens to the machine. */
  sync(): Promise<void>;
}

export interface NewFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface Published {
  readonly bytes: Uint8Array;
  readonly tag: string;
}
