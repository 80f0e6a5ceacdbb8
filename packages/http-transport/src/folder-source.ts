// A repository or mirror in a local folder: a carried disk, an air-gapped machine.

import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { escapeText } from '@cargo-tuf/errors';
import { isSafeSegment } from './addresses.ts';
import { fail } from './errors.ts';
import { abortedError, errorCode } from './request.ts';
import type { DownloadOptions, Source } from './source.ts';

/** Files of `folder` and its subfolders alone: a link that leads out is refused. */
export function openFolderSource(folder: string): Source {
  const base = resolve(folder);
  return {
    fetch: async (path, options) => {
      const file = await openFile(base, path, options.maxLength);
      return file && (await reading(base, path, () => readWhole(file)));
    },
    download: (path, options) => readPieces(base, path, options),
  };
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly size: number;
}

const PIECE_BYTES = 256 * 1024;

async function* readPieces(
  base: string,
  path: string,
  options: DownloadOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await openFile(base, path, options.maxLength);
  if (file === null)
    throw fail('HTTP_NOT_FOUND', `${path}: not there, expected a file`, { details: { path } });
  const { handle, size } = file;
  try {
    if (options.expectedLength !== undefined && size !== options.expectedLength) {
      throw fail('HTTP_WRONG_LENGTH', `${path}: ${size} bytes, expected ${options.expectedLength}`, {
        details: { path, length: size, expected: options.expectedLength },
      });
    }
    // A file that grows meanwhile ends where it ended when it was opened.
    for (let received = options.resume ?? 0; received < size; ) {
      if (options.signal?.aborted === true) throw abortedError(path, options.signal);
      const piece = new Uint8Array(Math.min(PIECE_BYTES, size - received));
      const { bytesRead } = await reading(base, path, () => handle.read(piece, 0, piece.length, received));
      if (bytesRead === 0) return;
      received += bytesRead;
      options.onProgress?.({ url: path, received, total: size });
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** Null when there is no such file. */
async function openFile(base: string, path: string, maxLength: number): Promise<OpenFile | null> {
  const segments = path.split('/');
  // A server would decode a percent sign; a folder has no such names.
  if (!segments.every(isSafeSegment) || path.includes('%')) {
    throw fail('HTTP_ADDRESS', `path: ${escapeText(path)} is not a relative path of a repository`, {
      details: { path },
    });
  }
  return reading(base, path, async () => {
    const root = await realpath(base);
    const file = await realpath(`${root}/${path}`).catch(nullWhenAbsent);
    if (file === null) return null;
    if (!file.startsWith(root.endsWith(sep) ? root : root + sep)) {
      throw fail('HTTP_UNREADABLE', `${path}: a link that leads out of the folder`, {
        details: { path, folder: base },
      });
    }
    return openRegular(file, path, maxLength);
  });
}

/** Errors of the system become ours. */
async function reading<T>(base: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = errorCode(error);
    if (code.startsWith('HTTP_')) throw error;
    throw fail('HTTP_UNREADABLE', `${path}: ${code}`, {
      details: { path, folder: base, code },
      cause: error,
    });
  }
}

function nullWhenAbsent(error: unknown): null {
  if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return null;
  throw error;
}

async function openRegular(file: string, path: string, maxLength: number): Promise<OpenFile> {
  // O_NONBLOCK: a pipe must not hold us. Windows has neither flag.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const handle = await open(file, flags);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw fail('HTTP_UNREADABLE', `${path}: not a regular file`, { details: { path } });
    if (stats.size > maxLength) {
      throw fail('HTTP_TOO_LONG', `${path}: ${stats.size} bytes, expected at most ${maxLength}`, {
        details: { path, length: stats.size, limit: maxLength },
      });
    }
    return { handle, size: stats.size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readWhole({ handle, size }: OpenFile): Promise<Uint8Array> {
  try {
    const bytes = new Uint8Array(size);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
