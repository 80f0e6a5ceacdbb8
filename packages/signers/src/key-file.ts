// Reading and writing the file that holds a private key. It is its owner's alone from its first moment, whatever
// the umask, and no link is followed: somebody who can plant one must not choose which file is read or written.

import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';

/** A PEM private key is a few hundred bytes. */
const KEY_FILE_BYTES = 16_384;

/** Makes the file, mode 0600, on the disk when this returns. Never overwrites. */
export async function writeKeyFile(path: string, text: string): Promise<void> {
  const handle = await created(path);
  try {
    await handle.chmod(0o600);
    await handle.writeFile(text, 'latin1');
    await handle.sync();
  } catch (error) {
    await unlink(path).catch(() => undefined);
    throw unreadable(path, error);
  } finally {
    await handle.close();
  }
  await syncFolder(dirname(path));
}

/** The text of a key file that only its owner, who we are, can read. */
export async function readKeyFile(path: string): Promise<string> {
  const handle = await opened(path);
  try {
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size > KEY_FILE_BYTES) throw unsafe(path, 'not a small regular file');
    checkOwner(path, stats.uid, stats.mode);
    return await handle.readFile('latin1');
  } finally {
    await handle.close();
  }
}

// Windows has neither users by number nor such modes.
function checkOwner(path: string, owner: number, mode: number): void {
  const user = process.getuid?.();
  if (user === undefined) return;
  if (owner !== user) throw unsafe(path, `of user ${owner}, expected ${user}`);
  if ((mode & 0o077) !== 0) throw unsafe(path, `mode ${(mode & 0o777).toString(8)}, expected 600`);
}

async function created(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw unreadable(path, error);
    throw fail('SIGNER_EXISTS', `${escapeText(path)}: exists, expected no file`, { details: { path } });
  }
}

async function opened(path: string): Promise<FileHandle> {
  // O_NONBLOCK: a pipe must not hold us. Windows has neither flag.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  try {
    return await open(path, flags);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ELOOP') throw unsafe(path, 'a link, expected the file itself');
    if (code === 'ENOENT')
      throw fail('SIGNER_MISSING', `${escapeText(path)}: no file`, { details: { path } });
    throw unreadable(path, error);
  }
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function unsafe(path: string, what: string): Error {
  return fail('SIGNER_UNSAFE_FILE', `${escapeText(path)}: ${what}`, { details: { local: true, path } });
}

function unreadable(path: string, error: unknown): Error {
  const code = codeOf(error);
  return fail('SIGNER_UNREADABLE', `${escapeText(path)}: ${code}`, { details: { path, code }, cause: error });
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'UNKNOWN';
}
