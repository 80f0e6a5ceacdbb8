// A file that a download goes to. Beside `rust.tar.xz` stand
//
//   rust.tar.xz.4711.0f3c9a….part   what process 4711 writes (0600); it gets the file's name once it is verified
//   rust.tar.xz.part                what a download that was cut off has left
//
// A process writes only files that it made. What is left over is copied: its maker, or whoever planted it, may still have it
// open, and could change it after it was verified.

import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Destination } from '@cargo-tuf/client';
import { createSha256, encodeHex } from '@cargo-tuf/keys';
import { isMissing, syncFolder, unreadable, unwritable } from './files.ts';

const PIECE_BYTES = 256 * 1024;
const DAY = 24 * 60 * 60 * 1000;

export interface FileSettings {
  /** Permission bits of the file; 0600 unless given. */
  readonly mode?: number;
  /** False: the file need not outlive lost power. For one that is verified again before it is used, or that can be fetched again. */
  readonly durable?: boolean;
}

/** The file's folder is made as needed. Throws `LIB_FILE`. */
export function openFileDestination(path: string, settings: FileSettings = {}): Destination {
  return new FileDestination(resolve(path), settings);
}

/** 64 hex digits; undefined where there is no file, as which a link counts. Throws `LIB_FILE` where it cannot be read. */
export async function sha256OfFile(path: string): Promise<string | undefined> {
  const file = await openRegular(path);
  if (file === undefined) return undefined;
  const hash = createSha256();
  for await (const piece of readPieces(file.handle, path)) hash.update(piece);
  return encodeHex(hash.digest());
}

interface Part {
  readonly handle: FileHandle;
  readonly path: string;
}

class FileDestination implements Destination {
  readonly #path: string;
  readonly #settings: FileSettings;
  #part: Part | undefined;
  #writing: Promise<void> | undefined;
  #written = 0;
  #leftOverBytes = 0;

  constructor(path: string, settings: FileSettings) {
    this.#path = path;
    this.#settings = settings;
  }

  async present(length: number | undefined): Promise<AsyncIterable<Uint8Array> | null> {
    const file = await openRegular(this.#path);
    if (file !== undefined && file.size === (length ?? file.size)) return readPieces(file.handle, this.#path);
    await file?.handle.close();
    return null;
  }

  /** The largest part that is no longer than the file. */
  async leftOver(length: number = Number.POSITIVE_INFINITY): Promise<AsyncIterable<Uint8Array> | null> {
    let best: { readonly handle: FileHandle; readonly size: number; readonly path: string } | undefined;
    for (const path of await this.#parts()) {
      const file = await openRegular(path);
      if (file === undefined) continue;
      if (file.size > length || file.size <= (best?.size ?? 0)) {
        await file.handle.close();
        continue;
      }
      await best?.handle.close();
      best = { ...file, path };
    }
    if (best === undefined) return null;
    this.#leftOverBytes = best.size;
    return readPieces(best.handle, best.path, best.size);
  }

  /** The next bytes are fetched and hashed while these are written. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.#writing;
    const part = (this.#part ??= await this.#create());
    this.#writing = this.#append(part, bytes);
    this.#writing.catch(() => undefined);
  }

  async #append({ handle, path }: Part, bytes: Uint8Array): Promise<void> {
    try {
      await handle.writeFile(bytes);
    } catch (error) {
      throw unwritable(path, error);
    }
    this.#written += bytes.length;
  }

  async restart(): Promise<void> {
    await this.#drop();
    await this.#removeAbandoned();
    this.#leftOverBytes = 0;
  }

  async complete(): Promise<void> {
    await this.#writing;
    const { handle, path } = (this.#part ??= await this.#create());
    const { mode, durable = true } = this.#settings;
    try {
      if (mode !== undefined) await handle.chmod(mode);
      if (durable) await handle.sync();
      await handle.close();
      await rename(path, this.#path);
      this.#part = undefined;
      if (durable) await syncFolder(dirname(this.#path));
    } catch (error) {
      throw unwritable(this.#path, error);
    }
    await this.#removeAbandoned();
  }

  /** Whatever fails here leaves a file that the next download of this one finds. */
  async abandon({ keep }: { readonly keep: boolean }): Promise<void> {
    await this.#writing?.catch(() => undefined);
    const kept = keep && this.#written > 0 && this.#written >= this.#leftOverBytes;
    if (kept || !keep) await this.#removeAbandoned();
    const part = this.#part;
    if (!kept || part === undefined) return this.#drop();
    this.#part = undefined;
    await part.handle.close().catch(() => undefined);
    await rename(part.path, `${this.#path}.part`).catch(() => undefined);
  }

  async #create(): Promise<Part> {
    const path = `${this.#path}.${process.pid}.${randomBytes(8).toString('hex')}.part`;
    try {
      await mkdir(dirname(path), { recursive: true });
      return { path, handle: await open(path, 'wx', 0o600) };
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  async #drop(): Promise<void> {
    await this.#writing?.catch(() => undefined);
    this.#writing = undefined;
    const part = this.#part;
    this.#part = undefined;
    this.#written = 0;
    await part?.handle.close().catch(() => undefined);
    if (part !== undefined) await rm(part.path, { force: true }).catch(() => undefined);
  }

  /** What no process writes. */
  async #removeAbandoned(): Promise<void> {
    for (const path of await this.#parts()) {
      if (path === this.#part?.path || !(await isAbandoned(path))) continue;
      await rm(path, { force: true }).catch(() => undefined);
    }
  }

  async #parts(): Promise<readonly string[]> {
    const folder = dirname(this.#path);
    const name = basename(this.#path);
    const names = await readdir(folder).catch(error => {
      if (isMissing(error)) return [];
      throw unreadable(folder, error);
    });
    return names
      .filter(each => each.startsWith(name) && PART.test(each.slice(name.length)))
      .map(each => `${folder}/${each}`);
  }
}

const PART = /^(\.([1-9][0-9]{0,8})\.[0-9a-f]{16})?\.part$/;

async function isAbandoned(path: string): Promise<boolean> {
  const id = /\.([1-9][0-9]{0,8})\.[0-9a-f]{16}\.part$/.exec(path)?.[1];
  if (id === undefined || !isRunning(Number(id))) return true;
  // A number that another process has by now.
  const written = await stat(path).catch(() => undefined);
  return written !== undefined && Date.now() - written.mtimeMs > DAY;
}

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

// A pipe must not hold us, a link must not lead elsewhere. Windows has neither flag.
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** Undefined for what is not there, no file, or not ours to read: it is written anew. */
async function openRegular(path: string): Promise<{ handle: FileHandle; size: number } | undefined> {
  const handle = await open(path, READ).catch(() => undefined);
  const status = await handle?.stat();
  if (handle !== undefined && status?.isFile() === true) return { handle, size: status.size };
  await handle?.close();
  return undefined;
}

/** At most `length` bytes: who still writes the file does not make us read on. */
async function* readPieces(
  handle: FileHandle,
  path: string,
  length: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for (let position = 0; position < length; ) {
      const piece = new Uint8Array(Math.min(PIECE_BYTES, length - position));
      const { bytesRead } = await handle.read(piece, 0, piece.length, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      yield piece.subarray(0, bytesRead);
    }
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    await handle.close();
  }
}
