// The real git, in a folder of its own, without the configuration of this machine.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import type { ObjectFormat, ObjectType } from '@cargo-tuf/git-object';

export interface RealGit {
  readonly folder: string;
  /** Standard output; throws when git does. */
  run(words: readonly string[], input?: Uint8Array | string, environment?: NodeJS.ProcessEnv): Buffer;
  text(...words: readonly string[]): string;
  object(id: string): { readonly type: ObjectType; readonly bytes: Uint8Array };
  remove(): void;
}

export function openRealGit(format: ObjectFormat): RealGit {
  const folder = mkdtempSync(resolve(tmpdir(), 'git-object-'));
  const base: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'Ferris Crab',
    GIT_AUTHOR_EMAIL: 'ferris@example.org',
    GIT_AUTHOR_DATE: '1763712000 +0100',
    GIT_COMMITTER_NAME: 'Jürgen Größe',
    GIT_COMMITTER_EMAIL: 'juergen@example.org',
    GIT_COMMITTER_DATE: '1763712001 -0330',
  };
  const git: RealGit = {
    folder,
    run: (words, input, environment) =>
      execFileSync('git', words, {
        cwd: folder,
        env: { ...base, ...environment },
        maxBuffer: 1 << 26,
        stdio: ['pipe', 'pipe', 'pipe'],
        ...(input !== undefined && { input }),
      }),
    text: (...words) => git.run(words).toString('utf8').trim(),
    object(id) {
      const type = git.text('cat-file', '-t', id) as ObjectType;
      return { type, bytes: new Uint8Array(git.run(['cat-file', type, id])) };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  git.run(['init', '--quiet', `--object-format=${format}`, '--initial-branch=main']);
  return git;
}

/** A key for signing, with a gpg of its own; undefined where there is no gpg. */
export function openGpg(): { readonly home: string; readonly key: string; close(): void } | undefined {
  const home = mkdtempSync(resolve(tmpdir(), 'gpg-'));
  const gpg = (...words: readonly string[]): string =>
    execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', ...words], {
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  try {
    gpg('--passphrase', '', '--quick-generate-key', 'Index <index@example.org>', 'ed25519', 'sign', '0');
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const fingerprint = /^fpr:+([0-9A-F]{40}):$/m.exec(gpg('--with-colons', '--list-keys'));
  return {
    home,
    key: fingerprint?.[1] ?? '',
    close() {
      execFileSync('gpgconf', ['--homedir', home, '--kill', 'gpg-agent']);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
