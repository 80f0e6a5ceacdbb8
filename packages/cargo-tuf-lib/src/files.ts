import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail } from './errors.ts';

// A pipe must not hold us. Windows has no such flag.
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** The bytes of a local file of at most `limit` bytes, or undefined when there is none. Throws `LIB_FILE`. */
export async function readLocalFile(path: string, limit: number): Promise<Uint8Array | undefined> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, READ);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fail('LIB_FILE', `${path}: cannot be opened`, { cause: error });
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw fail('LIB_FILE', `${path}: is not a file`);
    if (stat.size > limit) throw fail('LIB_FILE', `${path}: ${stat.size} bytes, expected at most ${limit}`);
    return new Uint8Array(await file.readFile());
  } finally {
    await file.close();
  }
}

/** Writes a whole file durably: its readers see the old bytes or these. Folders are made as needed. */
export async function writeLocalFile(path: string, bytes: Uint8Array, mode = 0o600): Promise<void> {
  const temporary = await writeTemporary(path, bytes, mode);
  try {
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw unwritable(path, error);
  }
}

/** Writes a file that must not exist yet; false when it does. */
export async function createLocalFile(path: string, bytes: Uint8Array, mode = 0o600): Promise<boolean> {
  const temporary = await writeTemporary(path, bytes, mode);
  try {
    await link(temporary, path);
    await syncFolder(dirname(path));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw unwritable(path, error);
  } finally {
    await rm(temporary, { force: true });
  }
}

export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

async function writeTemporary(path: string, bytes: Uint8Array, mode: number): Promise<string> {
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: mode & 0o077 ? 0o755 : 0o700 });
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    return temporary;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw unwritable(path, error);
  }
}

/** A name is as durable as its folder. Systems that cannot open folders have nothing to sync. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY).catch(() => undefined);
  try {
    await handle?.sync();
  } finally {
    await handle?.close();
  }
}

export function unreadable(path: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  return fail('LIB_FILE', `${path}: cannot be read (${code})`, { cause: error });
}

export function unwritable(path: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  return fail('LIB_FILE', `${path}: cannot be written (${code})`, { cause: error });
}
