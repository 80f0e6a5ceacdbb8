// A path inside a crate, relative to its folder: "src/lib.rs". It must lead to the same place on every system that
// cargo runs on, and never outside.
//
// - segments between single slashes; none is empty, "." or ".."
// - no control character, and none of < > : " | ? * \ (cargo itself packages no such name)
// - no segment ends in a dot or a space (Windows drops them)
// - at most 4096 bytes

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';

/** Throws `CRATE_PATH`. */
export function checkCratePath(path: string, pathBytes: number): void {
  const problem = problemOf(path, pathBytes);
  if (problem === undefined) return;
  throw fail('CRATE_PATH', `${escapeText(path)}: ${problem}`, { details: { path, problem } });
}

function problemOf(path: string, pathBytes: number): string | undefined {
  if (new TextEncoder().encode(path).length > pathBytes) return `longer than ${pathBytes} bytes`;
  if (/\p{Cs}/u.test(path)) return 'not Unicode text';
  if (/[<>:"|?*\\]|\p{Cc}/u.test(path)) return 'character that not every system allows';
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.' || segment === '..') return `segment "${segment}"`;
    if (/[. ]$/.test(segment)) return 'segment ends in a dot or a space';
  }
  return undefined;
}

/**
 * The path below the crate's folder; '' for the folder itself. A folder's trailing slash is dropped.
 * Throws `CRATE_PATH`.
 */
export function relativePath(
  path: string,
  folder: string,
  kind: 'file' | 'folder',
  pathBytes: number,
): string {
  const bare = kind === 'folder' && path.endsWith('/') ? path.slice(0, -1) : path;
  if (bare === folder && kind === 'folder') return '';
  if (!bare.startsWith(`${folder}/`)) {
    throw fail('CRATE_PATH', `${escapeText(path)}: outside ${escapeText(folder)}/`, {
      details: { path, folder },
    });
  }
  const relative = bare.slice(folder.length + 1);
  checkCratePath(relative, pathBytes);
  return relative;
}

/** What paths share that a file system without case, or with another Unicode normal form, takes for one. */
export function foldPath(path: string): string {
  return path.normalize('NFKD').toUpperCase().toLowerCase().normalize('NFKD');
}
