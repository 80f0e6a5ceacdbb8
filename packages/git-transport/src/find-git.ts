// The git program: an absolute path, found once; its version; whether its SHA-1 detects collisions.

import { access, constants, stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { fencedEnvironment } from './environment.ts';
import type { GitLimits } from './limits.ts';
import { runGit } from './run-git.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** `program` is what the caller said, or undefined. Throws `GIT_NOT_FOUND`. */
export async function findGit(program: string | undefined, environment: Environment): Promise<string> {
  if (program !== undefined) {
    if (isAbsolute(program) && (await isExecutable(program))) return program;
    throw fail('GIT_NOT_FOUND', `git: no program at ${escapeText(program)}, expected an absolute path`);
  }
  for (const folder of searchPath(environment)) {
    const path = resolve(folder, process.platform === 'win32' ? 'git.exe' : 'git');
    if (await isExecutable(path)) return path;
  }
  throw fail('GIT_NOT_FOUND', 'git: no program of this name in PATH');
}

/** The absolute folders of PATH: a relative one depends on where a program stands. */
export function searchPath(environment: Environment): readonly string[] {
  const separator = process.platform === 'win32' ? ';' : ':';
  return (environment['PATH'] ?? '').split(separator).filter(folder => isAbsolute(folder));
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Versions of programs that were checked, each as the file that it was then: a process asks one program once. */
const checked = new Map<string, string>();

/** Throws `GIT_VERSION` for a git before 2.32, which reads the user's configuration, and for one with a plain SHA-1. */
export async function checkVersion(
  program: string,
  path: readonly string[],
  limits: GitLimits,
): Promise<string> {
  const { dev, ino, size, mtimeMs, ctimeMs } = await stat(program);
  const file = `${program}\0${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  const known = checked.get(file);
  if (known !== undefined) return known;
  const version = await askVersion(program, path, limits);
  checked.set(file, version);
  return version;
}

async function askVersion(program: string, path: readonly string[], limits: GitLimits): Promise<string> {
  const environment = fencedEnvironment({ path, limits });
  const { stdout } = await runGit({ program, words: ['version', '--build-options'], environment, limits });
  const text = stdout.toString('utf8');
  const [, version = '', major = '', minor = ''] = /^git version ((\d{1,4})\.(\d{1,4})\S*)/.exec(text) ?? [];
  if (Number(major) < 2 || (Number(major) === 2 && Number(minor) < 32) || version === '') {
    throw fail('GIT_VERSION', `git: version ${escapeText(version || text, 60)}, expected 2.32 or later`, {
      details: { version: escapeText(version, 60) },
    });
  }
  const [, sha1 = DETECTING] = /^SHA-1: (.*)$/m.exec(text) ?? [];
  if (!sha1.includes(DETECTING)) {
    throw fail('GIT_VERSION', `git: SHA-1 of ${escapeText(sha1, 60)}, expected ${DETECTING}`, {
      details: { sha1: escapeText(sha1, 60) },
    });
  }
  return version;
}

// What git's own build uses. Versions before 2.42 do not say, and use it unless their builder chose another.
const DETECTING = 'SHA1_DC';
