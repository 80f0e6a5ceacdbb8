// The file system of Node. Owner-only modes are given at creation and set again on the open descriptor, so that
// no umask changes them. Calls on small files are made without waiting: a promise costs several times what they do, and a
// commit makes dozens of them. Only the disk is waited for.

import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { lstat, readdir, utimes } from 'node:fs/promises';
import { promisify } from 'node:util';
import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import type { FileSystem, FolderEntry } from './file-system.ts';

// Windows has neither flag; there a link needs a privilege that an ordinary user lacks.
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
const NO_WAIT = constants.O_NONBLOCK ?? 0;

export const nodeFileSystem: FileSystem = {
  async read(path, maxLength) {
    const file = opened(path, constants.O_RDONLY | NO_FOLLOW | NO_WAIT);
    if (file === null) return null;
    try {
      const { size } = ownFile(file, path);
      if (size > maxLength) {
        throw fail('STORE_NOT_A_FILE', `${shown(path)}: ${size} bytes, expected at most ${maxLength}`, {
          details: { local: true, path, length: size, limit: maxLength },
        });
      }
      return readExactly(file, size);
    } catch (error) {
      throw unreadable(path, error);
    } finally {
      closeSync(file);
    }
  },

  async create(path, bytes) {
    let file: number;
    try {
      file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw unwritable(path, error);
    }
    try {
      fchmodSync(file, 0o600);
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    } catch (error) {
      throw unwritable(path, error);
    } finally {
      closeSync(file);
    }
    return true;
  },

  async sync(path, kind) {
    // Windows cannot open a folder, and keeps names in the journal by itself.
    if (kind === 'folder' && process.platform === 'win32') return;
    try {
      const flags = kind === 'folder' ? constants.O_RDONLY : constants.O_RDWR | NO_FOLLOW;
      const file = openSync(path, flags);
      try {
        await toDisk(file);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      throw unwritable(path, error);
    }
  },

  async rename(from, to) {
    try {
      renameSync(from, to);
    } catch (error) {
      throw unwritable(to, error);
    }
  },

  async remove(path) {
    try {
      unlinkSync(path);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw unwritable(path, error);
    }
  },

  async makeFolder(path) {
    try {
      if (mkdirSync(path, { recursive: true, mode: 0o700 }) === undefined) return false;
      chmodSync(path, 0o700);
      return true;
    } catch (error) {
      // Something that is no folder stands there, or a link: checkFolder says so.
      if (codeOf(error) === 'EEXIST') return false;
      throw unwritable(path, error);
    }
  },

  async checkFolder(path) {
    const stats = statsOf(path);
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

const toDisk = promisify(fsync);

function opened(path: string, flags: number): number | null {
  try {
    return openSync(path, flags);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return null;
    if (code === 'ELOOP') throw notAFile(path, 'a link');
    throw unreadable(path, error);
  }
}

function statsOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw unreadable(path, error);
  }
}

function ownFile(file: number, path: string): { size: number } {
  const stats = fstatSync(file);
  if (stats.isFile()) return stats;
  throw notAFile(path, 'not a regular file');
}

function notAFile(path: string, what: string): Error {
  return fail('STORE_NOT_A_FILE', `${shown(path)}: ${what}, expected a file`, {
    details: { local: true, path },
  });
}

function readExactly(file: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const read = readSync(file, bytes, filled, length - filled, filled);
    if (read === 0) break;
    filled += read;
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
