// The file system of Node. Owner-only modes are given at creation and set again on the open descriptor, so that
// no umask changes them.

import { closeSync, constants, fstatSync, open as openWithCallback, read as readWithCallback } from 'node:fs';
import {
  type FileHandle,
  chmod,
  lstat,
  mkdir,
  open,
  readdir,
  rename,
  unlink,
  utimes,
} from 'node:fs/promises';
import { promisify } from 'node:util';
import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import type { FileSystem, FolderEntry } from './file-system.ts';

// Windows has neither flag; there a link needs a privilege that an ordinary user lacks.
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
const NO_WAIT = constants.O_NONBLOCK ?? 0;

export const nodeFileSystem: FileSystem = {
  async read(path, maxLength) {
    const file = await opened(path, constants.O_RDONLY | NO_FOLLOW | NO_WAIT);
    if (file === null) return null;
    try {
      const size = sizeOfFile(file, path);
      if (size > maxLength) {
        throw fail('STORE_NOT_A_FILE', `${shown(path)}: ${size} bytes, expected at most ${maxLength}`, {
          details: { local: true, path, length: size, limit: maxLength },
        });
      }
      return await readExactly(file, size);
    } catch (error) {
      throw unreadable(path, error);
    } finally {
      closeSync(file);
    }
  },

  async create(path, bytes) {
    let handle: FileHandle;
    try {
      handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw unwritable(path, error);
    }
    try {
      await handle.chmod(0o600);
      await handle.writeFile(bytes);
    } catch (error) {
      throw unwritable(path, error);
    } finally {
      await handle.close();
    }
    return true;
  },

  async sync(path, kind) {
    // Windows cannot open a folder, and keeps names in the journal by itself.
    if (kind === 'folder' && process.platform === 'win32') return;
    try {
      const flags = kind === 'folder' ? constants.O_RDONLY : constants.O_RDWR | NO_FOLLOW;
      const handle = await open(path, flags);
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw unwritable(path, error);
    }
  },

  async rename(from, to) {
    await rename(from, to).catch((error: unknown) => {
      throw unwritable(to, error);
    });
  },

  async remove(path) {
    await unlink(path).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw unwritable(path, error);
    });
  },

  async makeFolder(path) {
    try {
      if ((await mkdir(path, { recursive: true, mode: 0o700 })) === undefined) return false;
      await chmod(path, 0o700);
      return true;
    } catch (error) {
      // Something that is no folder stands there, or a link: checkFolder says so.
      if (codeOf(error) === 'EEXIST') return false;
      throw unwritable(path, error);
    }
  },

  async checkFolder(path) {
    const stats = await lstat(path).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null;
      throw unreadable(path, error);
    });
    if (stats === null) return false;
    if (!stats.isDirectory()) {
      throw fail('STORE_UNSAFE_FOLDER', `${shown(path)}: not a real folder, expected one`, {
        details: { path },
      });
    }
    const user = process.getuid?.();
    if (user !== undefined && (stats.uid !== user || (stats.mode & 0o022) !== 0)) {
      const mode = (stats.mode & 0o777).toString(8);
      throw fail(
        'STORE_UNSAFE_FOLDER',
        `${shown(path)}: mode ${mode} of user ${stats.uid}, expected ours alone`,
        {
          details: { path, mode, owner: stats.uid, user },
        },
      );
    }
    return true;
  },

  async list(path) {
    const entries = await Promise.all((await namesIn(path)).map(name => entryAt(path, name)));
    return entries.filter(entry => entry !== null);
  },

  names: namesIn,

  async touch(path) {
    const seconds = Date.now() / 1000;
    try {
      await utimes(path, seconds, seconds);
      return true;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw unwritable(path, error);
    }
  },
};

// A file handle of promises takes three times as long as a descriptor, of which only opening and reading wait for a disk.
const openFile = promisify(openWithCallback);
const readFile = promisify(readWithCallback);

async function opened(path: string, flags: number): Promise<number | null> {
  try {
    return await openFile(path, flags);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return null;
    if (code === 'ELOOP') throw notAFile(path, 'a link');
    throw unreadable(path, error);
  }
}

function sizeOfFile(file: number, path: string): number {
  const stats = fstatSync(file);
  if (stats.isFile()) return stats.size;
  throw notAFile(path, 'not a regular file');
}

function notAFile(path: string, what: string): Error {
  return fail('STORE_NOT_A_FILE', `${shown(path)}: ${what}, expected a file`, {
    details: { local: true, path },
  });
}

async function readExactly(file: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await readFile(file, bytes, filled, length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function entryAt(folder: string, name: string): Promise<FolderEntry | null> {
  try {
    const stats = await lstat(`${folder}/${name}`);
    const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
    return {
      name,
      kind,
      length: stats.size,
      written: stats.mtimeMs,
      used: Math.max(stats.atimeMs, stats.mtimeMs),
    };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function unreadable(path: string, error: unknown): Error {
  const code = codeOf(error);
  if (code.startsWith('STORE_')) return error as Error;
  return fail('STORE_UNREADABLE', `${shown(path)}: cannot read, ${code}`, {
    details: { path, code },
    cause: error,
  });
}

function unwritable(path: string, error: unknown): Error {
  const code = codeOf(error);
  return fail('STORE_UNWRITABLE', `${shown(path)}: cannot write, ${code}`, {
    details: { path, code },
    cause: error,
  });
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'UNKNOWN';
}

function shown(path: string): string {
  return escapeText(path);
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw unreadable(path, error);
  }
}
