// A signed git index with the real git and gpg: keys in files and in gpg-agent, a client that follows, and git as a witness.
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { openMemoryStore } from '@cargo-tuf/client';
import { parseObjectId } from '@cargo-tuf/git-object';
import { openGitRepository } from '@cargo-tuf/git-transport';
import { proposeAnchor, syncRegistry, type VerifiedRegistry } from '@cargo-tuf/registry-commits';
import { onTestFinished } from 'vitest';
import { type Gpg, openGpg } from '../../../packages/openpgp/test/gpg.ts';
import { type Outcome, openTrial, type Trial } from './trial.ts';

const WHO: Readonly<Record<string, string>> = {
  GIT_AUTHOR_NAME: 'Hand',
  GIT_AUTHOR_EMAIL: 'hand@example.org',
  GIT_COMMITTER_NAME: 'Hand',
  GIT_COMMITTER_EMAIL: 'hand@example.org',
};

export class GitTrial {
  readonly trial: Trial;
  readonly gpg: Gpg;

  constructor(trial: Trial, gpg: Gpg) {
    this.trial = trial;
    this.gpg = gpg;
    trial.env = { PATH: process.env['PATH'] ?? '', GNUPGHOME: gpg.home };
    trial.now = Date.now();
  }

  /** A key of gpg: its certificate in NAME.asc. */
  gpgKey(name: string, passphrase = ''): string {
    const user = `${name} <${name}@example.org>`;
    const options = ['--passphrase', passphrase, '--pinentry-mode', 'loopback'];
    this.gpg.run([...options, '--quick-generate-key', user, 'ed25519', 'sign', '0']);
    writeFileSync(this.trial.path(`${name}.asc`), this.gpg.run(['--armor', '--export', user]));
    return this.gpg.fingerprint(user);
  }

  /** A key in NAME.pem, which gpg knows as well, so that git verifies with it. */
  async fileKey(name: string): Promise<string> {
    const user = `${name} <${name}@example.org>`;
    const made = await this.trial.done(
      'git',
      'key',
      `${name}.pem`,
      '--user-id',
      user,
      '--unencrypted-keys',
      '--json',
    );
    this.gpg.run(['--import', this.trial.path(`${name}.asc`)]);
    return made.json['fingerprint'] as string;
  }

  admin(...words: readonly string[]): Promise<Outcome> {
    this.trial.now = Math.max(this.trial.now, Date.now());
    return this.trial.done('git', ...words);
  }

  refused(...words: readonly string[]): Promise<Outcome> {
    return this.trial.run('git', ...words);
  }

  git(folder: string, ...words: readonly string[]): string {
    const options = {
      cwd: this.trial.path(folder),
      env: this.#environment(),
      stdio: 'pipe',
      encoding: 'utf8',
    } as const;
    return execFileSync('git', words, options).trim();
  }

  gitStatus(
    folder: string,
    ...words: readonly string[]
  ): { readonly code: number | null; readonly stderr: string } {
    const options = { cwd: this.trial.path(folder), env: this.#environment(), encoding: 'utf8' } as const;
    const { status, stderr } = spawnSync('git', words, options);
    return { code: status, stderr };
  }

  #environment(): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: this.gpg.home,
      GNUPGHOME: this.gpg.home,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      ...WHO,
    };
  }

  /** git verifies all that is reachable: fsck, each commit above the one where signing began, each rotation tag. */
  witness(folder: string): void {
    this.git(folder, 'fsck', '--strict', '--no-dangling');
    for (const id of this.git(folder, 'rev-list', '--all').split('\n')) {
      if (this.git(folder, 'ls-tree', id, 'root.toml') !== '') this.git(folder, 'verify-commit', id);
    }
    for (const tag of this.git(folder, 'tag', '--list').split('\n').filter(Boolean))
      this.git(folder, 'verify-tag', tag);
  }

  /** A client that trusts what the index says of itself now. */
  async client(folder: string): Promise<() => Promise<VerifiedRegistry>> {
    const source = await openGitRepository(this.trial.path(folder));
    onTestFinished(() => source.close());
    const tip = () => parseObjectId(this.git(folder, 'rev-parse', 'HEAD'), source.format);
    const { bytes: anchor } = await proposeAnchor(source, tip(), { now: Date.now() });
    const store = openMemoryStore();
    return () => syncRegistry(tip(), { source, store, anchor, now: Math.max(Date.now(), this.trial.now) });
  }
}

export async function openGitTrial(): Promise<GitTrial> {
  const gpg = openGpg();
  onTestFinished(() => gpg.close());
  return new GitTrial(await openTrial(), gpg);
}
