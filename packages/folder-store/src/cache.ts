// Bytes that can be fetched again: tiles, targets, crates, bins. Short ones that were kept lately stand together in
// `cache/recent` (recent.ts), the others in files of their own: `cache/<kind>/<first two digits>/<hash>`.
//
// Nothing in here is trusted: the caller verifies what it reads. That is why these writes are not put on the disk, and
// why they are made behind the caller, who needs the bytes and not the file. What a process that was killed had not
// written yet, what another process wrote over, and a file torn by a loss of power is fetched again.

import { isTufError } from '@cargo-tuf/errors';
import { ensureFolder, moveIntoPlace } from './atomic-write.ts';
import { fail } from './errors.ts';
import type { FileSystem } from './file-system.ts';
import { STORE_LIMITS } from './limits.ts';
import { isSha256 } from './manifest.ts';
import { decodeRecent, encodeRecent, type Entries, partsOf } from './recent.ts';

/** Writing begins when nothing was kept for so many milliseconds: the disk is not in the way of who fetches more. */
const QUIET = 150;
/** Bytes that wait in memory before a caller has to wait for the disk. */
const WAITING = 32 * 1024 * 1024;

export class Cache {
  readonly #fileSystem: FileSystem;
  readonly #folder: string;
  readonly #waiting = new Map<string, Uint8Array>();
  #size = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #recent: Promise<Entries> | undefined;
  /** What stands below `cache/<kind>`, by kind: nearly all that is asked for first was never kept. */
  readonly #listed = new Map<string, Promise<ReadonlySet<string>>>();
  /** Folders that were made, or found to be real ones of ours: they need no second look. */
  readonly #known = new Set<string>();

  constructor(fileSystem: FileSystem, folder: string) {
    this.#fileSystem = fileSystem;
    this.#folder = folder;
  }

  /** A copy: who was given the same bytes before may change them. */
  async cached(kind: string, hash: string): Promise<Uint8Array | null> {
    const name = nameOf(kind, hash);
    this.#recent ??= this.#readRecent();
    const known = this.#waiting.get(name) ?? (await this.#recent).get(name);
    if (known !== undefined) return new Uint8Array(known);
    const listed = this.#listed.get(kind) ?? this.#list(kind);
    return (await listed).has(hash.slice(0, 2)) ? this.#read(pathOf(name), STORE_LIMITS.cachedBytes) : null;
  }

  async keep(kind: string, hash: string, bytes: Uint8Array): Promise<void> {
    const name = nameOf(kind, hash);
    this.#size += bytes.length - (this.#waiting.get(name)?.length ?? 0);
    this.#waiting.set(name, bytes);
    if (this.#size > WAITING) return this.settled();
    this.#timer ??= setTimeout(() => void this.settled(), QUIET);
    this.#timer.refresh();
  }

  /** Resolves when everything that was kept is written, or could not be. */
  settled(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.size > 0) this.#writing ??= this.#writeAll();
    return this.#writing ?? Promise.resolve();
  }

  #list(kind: string): Promise<ReadonlySet<string>> {
    const listed = this.#fileSystem.names(`${this.#folder}/cache/${kind}`).then(names => new Set(names));
    this.#listed.set(kind, listed);
    listed.catch(() => this.#listed.delete(kind));
    return listed;
  }

  /** After files were removed. */
  forget(): void {
    this.#recent = undefined;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = new Map(this.#waiting);
      await this.#write(batch).catch(() => undefined);
      for (const [name, bytes] of batch) {
        if (this.#waiting.get(name) !== bytes) continue;
        this.#waiting.delete(name);
        this.#size -= bytes.length;
      }
    }
    this.#writing = undefined;
  }

  async #write(batch: Entries): Promise<void> {
    const recent = new Map(await this.#readRecent());
    for (const [name, bytes] of batch) {
      recent.delete(name);
      if (bytes.length <= STORE_LIMITS.shortBytes) recent.set(name, bytes);
      else await this.#place(pathOf(name), bytes);
    }
    let size = 0;
    for (const bytes of recent.values()) size += bytes.length;
    if (size > STORE_LIMITS.recentBytes) {
      for (const [name, bytes] of recent) {
        if (size <= STORE_LIMITS.recentBytes / 2) break;
        await this.#place(pathOf(name), bytes);
        recent.delete(name);
        size -= bytes.length;
      }
    }
    await this.#place(RECENT, encodeRecent(recent));
    this.#recent = Promise.resolve(recent);
  }

  /** What another process wrote since is in it. */
  async #readRecent(): Promise<Entries> {
    const file = await this.#read(RECENT, STORE_LIMITS.recentBytes * 2);
    return file === null ? new Map() : decodeRecent(file);
  }

  async #read(path: string, maxLength: number): Promise<Uint8Array | null> {
    try {
      return await this.#fileSystem.read(`${this.#folder}/${path}`, maxLength);
    } catch (error) {
      if (isTufError(error, 'STORE_NOT_A_FILE')) return null;
      throw error;
    }
  }

  /** Each folder above is checked: a link planted at one of them would carry the file elsewhere. */
  async #place(path: string, bytes: Uint8Array, again = true): Promise<void> {
    const segments = path.split('/').slice(0, -1);
    const levels = ['temporary', ...segments.map((_, at) => segments.slice(0, at + 1).join('/'))];
    for (const level of levels) {
      if (this.#known.has(level)) continue;
      await ensureFolder(this.#fileSystem, `${this.#folder}/${level}`);
      this.#known.add(level);
      this.#listed.clear();
    }
    try {
      await moveIntoPlace(this.#fileSystem, this.#folder, `${this.#folder}/${path}`, bytes, false);
    } catch (error) {
      if (!again) throw error;
      // Somebody may have removed a folder meanwhile.
      this.#known.clear();
      await this.#place(path, bytes, false);
    }
  }
}

const RECENT = 'cache/recent';

/** Both have closed grammars, so that the name is safe in a path. */
function nameOf(kind: string, hash: string): string {
  if (!/^[a-z]{1,16}$/.test(kind)) {
    throw fail('STORE_ARGUMENT', 'kind: not 1 to 16 letters a to z', { details: { length: kind.length } });
  }
  if (!isSha256(hash)) {
    throw fail('STORE_ARGUMENT', 'hash: not 64 lower-case hexadecimal digits', {
      details: { length: hash.length },
    });
  }
  return `${kind}/${hash}`;
}

function pathOf(name: string): string {
  const [kind, hash] = partsOf(name);
  return `cache/${kind}/${hash.slice(0, 2)}/${hash}`;
}
