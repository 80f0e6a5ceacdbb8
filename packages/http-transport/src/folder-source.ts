// A repository or mirror in a local folder: a carried disk, an air-gapped machine.

import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { escapeText } from '@cargo-tuf/errors';
import { isSafeSegment } from './addresses.ts';
import { fail } from './errors.ts';
import { errorCode } from './request.ts';
import type { FetchOptions, Source } from './source.ts';

/** Files of `folder` and its subfolders alone: a link that leads out is refused. */
export function openFolderSource(folder: string): Source {
  const base = resolve(folder);
  return { fetch: (path, options) => readFile(base, path, options) };
}

async function readFile(base: string, path: string, options: FetchOptions): Promise<Uint8Array | null> {
  const segments = path.split('/');
  // A server would decode a percent sign; a folder has no such names.
  if (!segments.every(isSafeSegment) || path.includes('%')) {
    throw fail('HTTP_ADDRESS', `path: ${escapeText(path)} is not a relative path of a repository`, {
      details: { path },
    });
  }
  try {
    const root = await realpath(base);
    const file = await realpath(`${root}/${path}`).catch(nullWhenAbsent);
    if (file === null) return null;
    if (!file.startsWith(root.endsWith(sep) ? root : root + sep)) {
      throw fail('HTTP_UNREADABLE', `${path}: a link that leads out of the folder`, {
        details: { path, folder: base },
      });
    }
    return await readRegular(file, path, options.maxLength);
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

async function readRegular(file: string, path: string, maxLength: number): Promise<Uint8Array> {
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
    const bytes = new Uint8Array(stats.size);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
