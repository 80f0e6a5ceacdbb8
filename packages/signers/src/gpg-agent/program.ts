// Programs of GnuPG, run without a shell, with nothing of the caller's environment but what they need to find a home and a
// terminal.

import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { fail } from '../errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const OUTPUT_BYTES = 4096;
const MILLISECONDS = 20_000;

/** Standard output of `gpgconf`. Throws `SIGNER_AGENT_MISSING`. */
export async function runGpgconf(words: readonly string[], environment: Environment): Promise<string> {
  const program = await findProgram('gpgconf', environment);
  const options = { env: allowed(environment), cwd: '/', maxBuffer: OUTPUT_BYTES, timeout: MILLISECONDS };
  return new Promise((done, failed) => {
    execFile(program, [...words], { ...options, encoding: 'utf8' }, (cause, stdout) => {
      if (cause === null) done(stdout);
      else failed(fail('SIGNER_AGENT_MISSING', `gpgconf ${words[0] ?? ''}: failed`, { cause }));
    });
  });
}

/** The first in PATH; folders that are not absolute depend on where a program stands. */
async function findProgram(name: string, environment: Environment): Promise<string> {
  for (const folder of (environment['PATH'] ?? '').split(':').filter(isAbsolute)) {
    const path = resolve(folder, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  throw fail('SIGNER_AGENT_MISSING', `${name}: no program of this name in PATH`);
}

const NAMES: readonly string[] = ['PATH', 'HOME', 'GNUPGHOME', 'GPG_TTY', 'TERM', 'DISPLAY', 'XAUTHORITY'];

function allowed(environment: Environment): Record<string, string> {
  const named = NAMES.map(name => [name, environment[name]] as const);
  return Object.fromEntries(named.filter((pair): pair is [string, string] => pair[1] !== undefined));
}
