// The gpg of this machine, in a home of its own. Its agent listens on a socket in that home, whose path must be short.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { TestContext } from 'vitest';

/** The longest path of a socket is 108 octets on Linux and 104 elsewhere; gpg adds up to 21. */
const LONGEST_HOME = 80;

export const hasGpg: boolean = spawnSync('gpg', ['--version']).status === 0;

export function needGpg(context: TestContext): void {
  if (hasGpg) return;
  console.log('skipped: there is no gpg on this machine');
  context.skip('no gpg');
}

export interface Gpg {
  readonly home: string;
  /** Standard output. Throws when gpg fails. */
  run(words: readonly string[], input?: string | Uint8Array): Buffer;
  /** The status lines of a run, whether it fails or not. */
  status(words: readonly string[]): { readonly code: number | null; readonly lines: readonly string[] };
  /** The path of a file of these bytes. */
  file(bytes: string | Uint8Array): string;
  fingerprint(userId: string): string;
  close(): void;
}

export function openGpg(): Gpg {
  const base = tmpdir().length < LONGEST_HOME - 10 ? tmpdir() : '/tmp';
  const home = mkdtempSync(`${base}/pg-`);
  const usual = [
    '--homedir',
    home,
    '--batch',
    '--no-tty',
    '--quiet',
    '--passphrase',
    '',
    '--pinentry-mode',
    'loopback',
  ];
  let files = 0;
  const run = (words: readonly string[], input: string | Uint8Array = '') =>
    execFileSync('gpg', [...usual, ...words], { input, stdio: ['pipe', 'pipe', 'pipe'] });
  return {
    home,
    run,
    status: words => {
      const { status, stdout } = spawnSync('gpg', [...usual, '--status-fd', '1', ...words]);
      const lines = stdout
        .toString()
        .split('\n')
        .filter(line => line.startsWith('[GNUPG:]'));
      return { code: status, lines: lines.map(line => line.split(' ').slice(1).join(' ')) };
    },
    file: bytes => {
      files += 1;
      const path = `${home}/file-${files}`;
      writeFileSync(path, bytes);
      return path;
    },
    fingerprint: userId => {
      const listed = run(['--with-colons', '--list-keys', `=${userId}`]).toString();
      return /^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1] ?? '';
    },
    close: () => {
      spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
