// Files that an operator names. Links are refused: who can plant one in a shared folder must not choose what is read,
// signed or published.

import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { mkdir, open, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { escapeText } from '@cargo-tuf/errors';
import { fail, systemCode } from './errors.ts';

/**
 * The bytes of a regular file, or null where there is none. Read without waiting: a publish reads thousands of small files, and
 * promises cost several times what the reading does.
 */
export function readLocalFile(path: string, limit: number): Uint8Array | null {
  const file = openForReading(path);
  if (file === null) return null;
  try {
    const stats = fstatSync(file);
    if (stats.isDirectory()) return null;
    if (!stats.isFile())
      throw fail('ADMIN_LINK', `${escapeText(path)}: not a regular file`, { details: { path } });
    if (stats.size > limit) {
      throw fail('ADMIN_INPUT', `${escapeText(path)}: ${stats.size} bytes, expected at most ${limit}`, {
        details: { local: true, path, length: stats.size, limit },
      });
    }
    return readWhole(file, stats.size);
  } finally {
    closeSync(file);
  }
}

/** At most `length` bytes. */
function readWhole(file: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let used = 0;
  while (used < length) {
    const count = readSync(file, bytes, used, length - used, null);
    if (count === 0) return bytes.slice(0, used);
    used += count;
  }
  return bytes;
}

/** As `readLocalFile`; a file that is not there is an error. */
export function readExistingFile(path: string, limit: number): Uint8Array {
  const bytes = readLocalFile(path, limit);
  if (bytes !== null) return bytes;
  throw fail('ADMIN_FILE', `${escapeText(path)}: no file`, { details: { path, code: 'ENOENT' } });
}

/** Writes a file that must not exist; it is on the disk, name included, when this returns. */
export async function writeNewFile(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  await writeContent(path, bytes, mode);
  await syncPath(dirname(path));
}

/** The same for a file that gets another name: its content is on the disk, its name may not be. */
export async function writeContent(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  try {
    const handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
    try {
      await handle.chmod(mode);
      await handle.writeFile(bytes);
      await handle.datasync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unusable(path, error);
  }
}

/** The same for content that comes in pieces. What `chunks` throws is thrown; the file is then to be removed. */
export async function writeChunks(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  mode: number,
): Promise<void> {
  const handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
  try {
    for await (const chunk of chunks) await handle.writeFile(chunk);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** Makes the names in a folder, or the bytes of a file, durable. */
export async function syncPath(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** True for a folder, false where nothing stands; anything else is refused. */
export function isFolder(path: string): boolean {
  try {
    const stats = lstatSync(path);
    if (stats.isDirectory()) return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw unusable(path, error);
  }
  throw fail('ADMIN_LINK', `${escapeText(path)}: a link or file, expected a folder`, { details: { path } });
}

/** Throws `ADMIN_NOT_EMPTY` for a folder with something in it. */
export async function makeEmptyFolder(folder: string): Promise<void> {
  try {
    if (!isFolder(folder)) {
      await mkdir(folder, { recursive: true });
      return;
    }
    if ((await readdir(folder)).length === 0) return;
  } catch (error) {
    throw unusable(folder, error);
  }
  throw fail('ADMIN_NOT_EMPTY', `${escapeText(folder)}: is not empty`, { details: { path: folder } });
}

/** True for a file, false where nothing stands; a link is refused. */
export function isRegularFile(path: string): boolean {
  const file = openForReading(path);
  if (file === null) return false;
  try {
    return fstatSync(file).isFile();
  } finally {
    closeSync(file);
  }
}

export function unusable(path: string, error: unknown): Error {
  const code = systemCode(error);
  if (code === 'UNKNOWN') return error as Error;
  return fail('ADMIN_FILE', `${escapeText(path)}: ${code}`, { cause: error, details: { path, code } });
}

function openForReading(path: string): number | null {
  // O_NONBLOCK: a pipe must not hold us. Windows has neither flag.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  try {
    return openSync(path, flags);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    if (code === 'ELOOP') {
      throw fail('ADMIN_LINK', `${escapeText(path)}: a link, expected the file itself`, {
        details: { path },
      });
    }
    throw unusable(path, error);
  }
}
