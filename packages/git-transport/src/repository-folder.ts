// A folder that is a repository and nothing more: what would lead git to other folders, or make it believe other
// objects, is refused.

import { lstat, readFile, readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { escapeText } from '@cargo-tuf/errors';
import type { ObjectFormat } from '@cargo-tuf/git-object';
import { checkConfig } from './config-file.ts';
import { fail } from './errors.ts';

export interface RepositoryFolder {
  /** Of the repository itself: bare, or the `.git` of a working tree. */
  readonly folder: string;
  readonly format: ObjectFormat;
  /** The folder around a `.git`. */
  readonly workTree: string | undefined;
}

/** Throws `GIT_REPOSITORY` when there is none, and `GIT_REPOSITORY_UNSAFE`. */
export async function inspectRepository(given: string): Promise<RepositoryFolder> {
  const folder = await repositoryOf(resolve(given));
  for (const [name, kind] of PARTS) {
    if ((await kindOf(`${folder}/${name}`)) !== kind)
      throw fail('GIT_REPOSITORY', `${escapeText(folder)}: no ${name}, expected a repository`);
  }
  for (const [name, why] of REFUSED) {
    if ((await kindOf(`${folder}/${name}`)) !== undefined) throw unsafe(folder, `${name}, which ${why}`);
  }
  const config = await readFile(`${folder}/config`);
  if (config.length > CONFIG_BYTES) throw unsafe(folder, `a config of ${config.length} bytes`);
  const workTree = folder.endsWith('/.git') ? folder.slice(0, -'/.git'.length) : undefined;
  return { folder, format: checkConfig(config.toString('utf8')), workTree };
}

type Kind = 'file' | 'folder' | 'other';

const PARTS: readonly (readonly [string, Kind])[] = [
  ['HEAD', 'file'],
  ['config', 'file'],
  ['objects', 'folder'],
  ['refs', 'folder'],
];
const REFUSED: readonly (readonly [string, string])[] = [
  ['commondir', 'leads to another repository'],
  ['config.worktree', 'holds more settings'],
  ['objects/info/alternates', 'leads to objects elsewhere'],
  ['objects/info/http-alternates', 'leads to objects elsewhere'],
  ['info/grafts', 'changes the parents of commits'],
  ['shallow', 'hides the parents of commits'],
];
const CONFIG_BYTES = 65_536;

async function repositoryOf(folder: string): Promise<string> {
  const inside = await kindOf(`${folder}/.git`);
  if (inside === undefined) return folder;
  if (inside !== 'folder') throw unsafe(folder, 'a .git that is no folder, which leads elsewhere');
  return `${folder}/.git`;
}

function unsafe(folder: string, what: string) {
  return fail('GIT_REPOSITORY_UNSAFE', `${escapeText(folder)}: ${what}, expected a plain repository`, {
    details: { folder: escapeText(folder) },
  });
}

/** Links are not followed: they are "other". */
async function kindOf(path: string): Promise<Kind | undefined> {
  try {
    const found = await lstat(path);
    return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw fail('GIT_REPOSITORY', `${escapeText(path)}: could not be read`, { cause: error });
  }
}

/** Throws `GIT_REPOSITORY` unless nothing stands at `folder`, or an empty folder. */
export async function checkEmpty(folder: string): Promise<void> {
  const names = (await kindOf(folder)) === undefined ? [] : await readdir(folder);
  if (names.length > 0)
    throw fail('GIT_REPOSITORY', `${escapeText(folder)}: not empty, expected an empty folder`);
}
