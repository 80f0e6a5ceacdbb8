// The files of an installed component into a new toolchain: as second names of the same files, so that the old toolchain stays whole
// and nothing is copied. File systems without hard links get copies.

import { constants, copyFileSync, linkSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LooseComponent } from '../archive/unpack.ts';
import { fileError } from '../errors.ts';
import { readParts } from './installed.ts';

/** Undefined where the installed component is not whole: it is downloaded then. */
export async function takeOver(
  installed: string,
  component: string,
  folder: string,
): Promise<LooseComponent | undefined> {
  const parts = await readParts(installed, component);
  if (parts === undefined) return undefined;
  const made = new Set<string>();
  try {
    for (const { kind, path } of parts) {
      makeFolder(dirname(`${folder}/${path}`), made);
      if (kind === 'file') linkFile(`${installed}/${path}`, `${folder}/${path}`);
      else linkFolder(`${installed}/${path}`, `${folder}/${path}`);
    }
  } catch (error) {
    if (NOT_WHOLE.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw fileError(folder, error);
  }
  return { name: component, folder, parts };
}

const NOT_WHOLE = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'EINVAL']);
const NO_LINKS = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

function linkFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) linkFolder(`${from}/${entry.name}`, `${to}/${entry.name}`);
    else if (entry.isFile()) linkFile(`${from}/${entry.name}`, `${to}/${entry.name}`);
  }
}

function linkFile(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
}

function makeFolder(folder: string, made: Set<string>): void {
  if (made.has(folder)) return;
  mkdirSync(folder, { recursive: true });
  made.add(folder);
}
