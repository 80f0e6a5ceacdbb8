import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { constants as system } from 'node:os';
import { delimiter, isAbsolute } from 'node:path';

export interface ForegroundOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdio: StdioOptions;
  /** Called when it runs. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** The first program of that name on the path. A relative folder would mean another program in each place; it is passed over. */
export function findProgram(name: string, path: string | undefined): string | undefined {
  for (const folder of (path ?? '').split(delimiter)) {
    const file = `${folder}/${name}`;
    if (isAbsolute(folder) && isExecutable(file)) return file;
  }
  return undefined;
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a program without a shell, to its end, and hands on to it what would end this one. Gives its exit code: of one that a signal
 * ended 128 and the signal's number, as a shell does. Rejects with the system's error where it cannot be started.
 */
export function runForeground(
  program: string,
  args: readonly string[],
  { cwd, env, stdio, onStart }: ForegroundOptions,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio });
    onStart?.(child);
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
    for (const signal of FORWARDED) process.on(signal, forward);
    const end = (): void => {
      for (const signal of FORWARDED) process.off(signal, forward);
    };
    child.on('error', error => {
      end();
      reject(error);
    });
    child.on('close', (code, signal) => {
      end();
      resolve(code ?? 128 + (signal === null ? 0 : system.signals[signal]));
    });
  });
}

const FORWARDED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
