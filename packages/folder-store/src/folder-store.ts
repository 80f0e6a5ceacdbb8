// A folder of trusted state that survives crashes, other processes and lost power.
//
//   state.json            which documents are trusted (manifest.ts)
//   state.previous.json   the manifest before, for when the first is damaged
//   documents/<sha256>    their bytes (documents.ts)
//   cache/…               bytes that can be fetched again (cache.ts)
//   lock/<number>         who may change the state (lock.ts)
//   temporary/…           files that are not finished (atomic-write.ts)
//
// No name from outside becomes a path: document names stand inside the manifest, kinds and hashes have closed
// grammars.

import { resolve } from 'node:path';
import { escapeText, type TufError } from '@cargo-tuf/errors';
import { ensureFolder } from './atomic-write.ts';
import { Cache } from './cache.ts';
import { commitDocuments, loadDocuments, loadManifest } from './documents.ts';
import { fail, type StoreErrorCode } from './errors.ts';
import type { FileSystem } from './file-system.ts';
import { STORE_LIMITS } from './limits.ts';
import { acquireLock, type HeldLock, LOCK_TIMES, type LockTimes } from './lock.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { nodeProcesses, type Processes } from './processes.ts';
import { type Pruned, pruneCache } from './prune.ts';

/** Named documents of trusted state, replaced together or not at all. */
export interface TrustedDocuments {
  readonly revision: number;
  readonly documents: ReadonlyMap<string, Uint8Array>;
}

export interface FolderStore {
  /** The absolute path of the folder. */
  readonly folder: string;
  /** All trusted documents; none, with revision 0, at first use. A damaged document is left out and reported. */
  read(): Promise<TrustedDocuments>;
  /**
   * Sets (bytes) or removes (null) documents, atomically and durably, if the revision is still `expected`.
   * Returns the new revision, which is higher. Throws STORE_CONFLICT otherwise.
   */
  replace(expected: number, changes: ReadonlyMap<string, Uint8Array | null>): Promise<number>;
  /** Bytes kept under a kind (`[a-z]{1,16}`) and 64 hexadecimal digits, or null. The caller verifies them again. */
  cached(kind: string, hash: string): Promise<Uint8Array | null>;
  /**
   * Keeps bytes, in place of what was kept under that name. They can be read at once, and are written a moment later; what
   * cannot be written is not kept.
   */
  keep(kind: string, hash: string, bytes: Uint8Array): Promise<void>;
  /** Resolves when nothing that was to be kept waits to be written. */
  settled(): Promise<void>;
  /**
   * Runs `work` while no other process and no other caller runs theirs. `work` gets the store as it is under the lock: through that
   * one it changes documents, and calls `exclusive` again. Any other store of the folder waits for its end, no longer than for another
   * process: `STORE_LOCKED`.
   */
  exclusive<T>(work: (held: FolderStore) => Promise<T>): Promise<T>;
  /** Shrinks the cache to `maxBytes`; the least recently used goes first. */
  prune(options: { readonly maxBytes: number }): Promise<Pruned>;
}

export interface FolderStoreOptions {
  /** Nothing is made, locked or changed. */
  readonly readOnly?: boolean;
  /** Told of damage (STORE_DAMAGED) that was found and stepped over. */
  readonly onDamage?: (error: TufError<StoreErrorCode>) => void;
  readonly lockTimes?: Partial<LockTimes>;
  readonly fileSystem?: FileSystem;
  readonly processes?: Processes;
}

/** Opens the store in `folder`, which is made, with its parents, unless `readOnly`. */
export async function openFolderStore(
  folder: string,
  options: FolderStoreOptions = {},
): Promise<FolderStore> {
  const store = new Store(resolve(folder), options);
  await store.open();
  return store;
}

class Store implements FolderStore {
  readonly folder: string;
  readonly #options: FolderStoreOptions;
  readonly #fileSystem: FileSystem;
  readonly #cache: Cache;
  #exclusiveQueue: Promise<void> = Promise.resolve();

  constructor(folder: string, options: FolderStoreOptions) {
    this.folder = folder;
    this.#options = options;
    this.#fileSystem = options.fileSystem ?? nodeFileSystem;
    this.#cache = new Cache(this.#fileSystem, folder);
  }

  async open(): Promise<void> {
    if (this.#options.readOnly === true) await this.#fileSystem.checkFolder(this.folder);
    else await ensureFolder(this.#fileSystem, this.folder);
  }

  async read(): Promise<TrustedDocuments> {
    const { manifest, documents, damaged } = await loadDocuments(this.#fileSystem, this.folder);
    for (const name of damaged) this.#reportDamage(name);
    // Files are read without waiting (node-file-system.ts): who reads in a loop lets others have their turn.
    await new Promise<void>(resolve => setImmediate(resolve));
    return { revision: manifest.revision, documents };
  }

  async replace(expected: number, changes: ReadonlyMap<string, Uint8Array | null>): Promise<number> {
    this.#requireWritable();
    checkChanges(changes);
    return this.#inTurn(lock => this.commit(lock, expected, changes));
  }

  async cached(kind: string, hash: string): Promise<Uint8Array | null> {
    return this.#cache.cached(kind, hash);
  }

  async keep(kind: string, hash: string, bytes: Uint8Array): Promise<void> {
    this.#requireWritable();
    await this.#cache.keep(kind, hash, bytes);
  }

  settled(): Promise<void> {
    return this.#cache.settled();
  }

  async exclusive<T>(work: (held: FolderStore) => Promise<T>): Promise<T> {
    if (this.#options.readOnly === true) return work(this);
    return this.#inTurn(lock => work(new HeldStore(this, lock)));
  }

  async prune(options: { readonly maxBytes: number }): Promise<Pruned> {
    this.#requireWritable();
    await this.#cache.settled();
    const pruned = await pruneCache(this.#fileSystem, this.folder, options.maxBytes);
    this.#cache.forget();
    return pruned;
  }

  #inTurn<T>(work: (lock: HeldLock) => Promise<T>): Promise<T> {
    const times = { ...LOCK_TIMES, ...this.#options.lockTimes };
    const turn = inTime(this.#exclusiveQueue, times.waitMs).then(() => this.#runLocked(times, work));
    // Without what it gave. Whoever comes after one that gave up waits for the lock itself.
    this.#exclusiveQueue = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  async #runLocked<T>(times: LockTimes, work: (lock: HeldLock) => Promise<T>): Promise<T> {
    const { processes = nodeProcesses } = this.#options;
    const lock = await acquireLock(this.#fileSystem, `${this.folder}/lock`, processes, times);
    try {
      return await work(lock);
    } finally {
      await lock.release();
    }
  }

  async commit(
    lock: HeldLock,
    expected: number,
    changes: ReadonlyMap<string, Uint8Array | null>,
  ): Promise<number> {
    const before = await loadManifest(this.#fileSystem, this.folder);
    const { revision } = before.manifest;
    if (revision !== expected) {
      throw fail('STORE_CONFLICT', `state: revision ${revision}, expected ${expected}`, {
        details: { revision, expected },
      });
    }
    await lock.confirm();
    return commitDocuments(this.#fileSystem, this.folder, before, changes);
  }

  #requireWritable(): void {
    if (this.#options.readOnly !== true) return;
    throw fail('STORE_READ_ONLY', 'store: opened for reading, expected for changes', {
      details: { path: this.folder },
    });
  }

  #reportDamage(name: string): void {
    this.#options.onDamage?.(
      fail('STORE_DAMAGED', `${escapeText(name)}: bytes on disk are not what was written`, {
        details: { local: true, name, path: this.folder },
      }),
    );
  }
}

/** Waits for work of this process that never fails. Throws `STORE_LOCKED`. */
function inTime(before: Promise<void>, waitMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        fail('STORE_LOCKED', `lock: held by this process for more than ${waitMs} ms`, {
          details: { pid: process.pid, waitedMs: waitMs },
        }),
      );
    }, waitMs);
    void before.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** A store under its lock. */
class HeldStore implements FolderStore {
  readonly #store: Store;
  readonly #lock: HeldLock;
  #commits: Promise<unknown> = Promise.resolve();

  constructor(store: Store, lock: HeldLock) {
    this.#store = store;
    this.#lock = lock;
  }

  get folder(): string {
    return this.#store.folder;
  }

  async replace(expected: number, changes: ReadonlyMap<string, Uint8Array | null>): Promise<number> {
    checkChanges(changes);
    const commit = this.#commits.then(() => this.#store.commit(this.#lock, expected, changes));
    this.#commits = commit.catch(() => undefined);
    return commit;
  }

  exclusive<T>(work: (held: FolderStore) => Promise<T>): Promise<T> {
    return work(this);
  }

  read(): Promise<TrustedDocuments> {
    return this.#store.read();
  }

  cached(kind: string, hash: string): Promise<Uint8Array | null> {
    return this.#store.cached(kind, hash);
  }

  keep(kind: string, hash: string, bytes: Uint8Array): Promise<void> {
    return this.#store.keep(kind, hash, bytes);
  }

  settled(): Promise<void> {
    return this.#store.settled();
  }

  prune(options: { readonly maxBytes: number }): Promise<Pruned> {
    return this.#store.prune(options);
  }
}

function checkChanges(changes: ReadonlyMap<string, Uint8Array | null>): void {
  for (const [name, bytes] of changes) {
    if (name.length === 0 || name.length > STORE_LIMITS.nameLength || /\p{Cs}/u.test(name)) {
      throw fail(
        'STORE_ARGUMENT',
        `name: ${name.length} characters, expected 1 to ${STORE_LIMITS.nameLength}`,
        {
          details: { length: name.length, limit: STORE_LIMITS.nameLength },
        },
      );
    }
    if (bytes !== null && bytes.length > STORE_LIMITS.documentBytes) {
      throw fail('STORE_ARGUMENT', `${escapeText(name)}: ${bytes.length} bytes, expected fewer`, {
        details: { length: bytes.length, limit: STORE_LIMITS.documentBytes },
      });
    }
  }
}
