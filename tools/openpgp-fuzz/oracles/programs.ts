// gpg and sqv, a process for each question. Files lie in a folder of their own.

import { execFile } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import type { Input } from '../input.ts';
import type { Oracle, Verdict } from './oracle.ts';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What is not installed is undefined. */
export function openGpg(folder: string): Oracle | undefined {
  const version = versionOf('gpg');
  if (version === undefined) return undefined;
  const files = numbered(`${folder}/gpg`);
  const usual = ['--homedir', `${folder}/gpg-home`, '--batch', '--no-tty', '--no-options', '--no-autostart'];
  const gpg = (...words: readonly string[]) => run('gpg', [...usual, ...words]);
  const ready = mkdir(`${folder}/gpg-home`, { recursive: true, mode: 0o700 });
  return {
    name: 'gpg',
    version,
    names: 'key',
    verify: async input => {
      await ready;
      const paths = await writeInput(await files(), input);
      const keyrings: string[] = [];
      for (const [at, path] of paths.certificates.entries()) {
        if (typeof input.certificates[at] !== 'string') keyrings.push(path);
        else {
          // A keyring is not armored; gpg's own reader takes the armor off.
          const { code, stderr } = await gpg('--yes', '--output', `${path}.packets`, '--dearmor', path);
          if (code !== 0) return { signers: undefined, said: stderr };
          keyrings.push(`${path}.packets`);
        }
      }
      const words = keyrings.flatMap(path => ['--keyring', path]);
      const trust = ['--trust-model', 'always', '--no-auto-check-trustdb', '--status-fd', '1'];
      return readStatus(
        await gpg(...trust, '--no-default-keyring', ...words, '--verify', paths.signature, paths.payload),
      );
    },
    read: async certificate => {
      await ready;
      const path = `${await files()}/key`;
      await writeFile(path, certificate);
      const { code, stdout } = await gpg('--with-colons', '--show-keys', path);
      return code === 0 ? /^fpr:+([0-9A-F]{40}):/m.exec(stdout)?.[1] : undefined;
    },
  };
}

/** gpg ends with 0 for a good signature by a key that has expired: what counts are its words for each signature. */
function readStatus({ code, stdout, stderr }: Ended): Verdict {
  const count = (word: string) => [...stdout.matchAll(new RegExp(`^\\[GNUPG:\\] ${word}\\b`, 'gm'))].length;
  const made = [...stdout.matchAll(/^\[GNUPG:\] VALIDSIG ([0-9A-F]{40})/gm)].map(([, key = '']) =>
    key.slice(-16),
  );
  const isGood =
    code === 0 && made.length > 0 && [count('GOODSIG'), count('NEWSIG')].every(each => each === made.length);
  return { signers: isGood ? made : undefined, said: `${stdout}${stderr}` };
}

export function openSqv(folder: string): Oracle | undefined {
  const version = versionOf('sqv');
  if (version === undefined) return undefined;
  const files = numbered(`${folder}/sqv`);
  return {
    name: 'sqv',
    version,
    names: 'certificate',
    verify: async input => {
      const paths = await writeInput(await files(), input);
      const keyrings = paths.certificates.flatMap(path => ['--keyring', path]);
      const count = ['--signatures', String(input.threshold)];
      const ended = await run('sqv', [...count, ...keyrings, paths.signature, paths.payload]);
      const signers = ended.stdout.split('\n').filter(line => line !== '');
      return {
        signers: ended.code === 0 ? signers.map(fingerprint => fingerprint.slice(-16)) : undefined,
        said: ended.stderr,
      };
    },
  };
}

function versionOf(program: string): string | undefined {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 ? (/\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? 'unknown') : undefined;
}

function run(program: string, words: readonly string[]): Promise<Ended> {
  return new Promise(done => {
    execFile(
      program,
      words,
      { timeout: 20_000, env: { PATH: process.env['PATH'], LC_ALL: 'C' } },
      (error, stdout, stderr) => {
        const said = error?.killed === true ? `${stderr}(ended by force: it took too long)` : stderr;
        done({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr: said });
      },
    );
  });
}

/** Folders that are used in turn: at most so many questions are asked at once. */
function numbered(folder: string): () => Promise<string> {
  let count = 0;
  return async () => {
    count += 1;
    const path = `${folder}/${count % 64}`;
    await mkdir(path, { recursive: true });
    return path;
  };
}

async function writeInput(folder: string, { payload, signature, certificates }: Input) {
  const paths = {
    payload: `${folder}/payload`,
    signature: `${folder}/signature.asc`,
    certificates: certificates.map((_, at) => `${folder}/key-${at}`),
  };
  await Promise.all([
    writeFile(paths.payload, payload),
    writeFile(paths.signature, signature),
    ...paths.certificates.map((path, at) => writeFile(path, certificates[at] ?? '')),
  ]);
  return paths;
}
