// Small files, written one by one without waiting: many of them cost a fraction of what promises cost.

import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  linkSync,
  openSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { systemCode } from './errors.ts';
import { unusable } from './local-file.ts';

export interface BulkFile {
  /** Where it shall stand; its folder is there. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

/**
 * Gives each file its name if nothing has it, and tells for each whether it did. A file appears whole: it is written as
 * `temporary`, on the same file system, and then linked.
 */
export function linkAll(files: readonly BulkFile[], temporary: string): readonly boolean[] {
  return files.map(({ file, bytes }) => {
    writeTemporary(temporary, bytes);
    try {
      linkSync(temporary, file);
      return true;
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw unusable(file, error);
    } finally {
      unlinkSync(temporary);
    }
  });
}

/** Readable for a server of another user. */
const MODE = 0o644;

function writeTemporary(temporary: string, bytes: Uint8Array): void {
  try {
    const file = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, MODE);
    try {
      fchmodSync(file, MODE);
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      // Windows syncs a file by a handle that may write, and has no other program for it.
      if (process.platform === 'win32') fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unusable(temporary, error);
  }
}
