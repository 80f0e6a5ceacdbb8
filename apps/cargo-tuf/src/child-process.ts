import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter } from 'node:path';
import type { Context } from './context.ts';

/** How a program ended, and what it printed where that was asked for. */
export interface ChildResult {
  readonly exitCode: number;
  readonly stdout: string;
}

export interface ChildOptions {
  /** Take its standard output; otherwise it has the terminal to itself. */
  readonly capture?: boolean;
  /** Drop its standard error. */
  readonly quiet?: boolean;
}

const CAPTURED_BYTES = 256 * 1024 * 1024;

/** The first program of that name on the path. */
export function findProgram(context: Context, name: string): string | undefined {
  for (const folder of (context.environment['PATH'] ?? '').split(delimiter)) {
    const path = `${folder}/${name}`;
    if (folder !== '' && isExecutable(path)) return path;
  }
  return undefined;
}

/**
 * Runs a program without a shell. One that a signal ended gives 128 + the signal's number, as a shell does. Rejects where it
 * cannot be started.
 */
export function runChild(
  context: Context,
  program: string,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<ChildResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: context.workingFolder,
      env: withoutProxyForLoopback(context.environment),
      stdio: ['inherit', options.capture ? 'pipe' : 'inherit', options.quiet ? 'ignore' : 'inherit'],
    });
    const chunks: Buffer[] = [];
    let size = 0;
    child.stdout?.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > CAPTURED_BYTES) child.kill();
      else chunks.push(chunk);
    });
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
    const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    const end = (): void => {
      for (const signal of signals) process.off(signal, forward);
    };
    child.on('error', error => {
      end();
      reject(error);
    });
    child.on('close', (code, signal) => {
      end();
      const exitCode = code ?? 128 + (signal === null ? 0 : (SIGNALS[signal] ?? 0));
      resolve({ exitCode, stdout: Buffer.concat(chunks).toString('utf8') });
    });
  });
}

const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Cargo and rustup apply `http_proxy` to loopback too, unless they are told not to. */
function withoutProxyForLoopback(environment: Context['environment']): Record<string, string | undefined> {
  const known = environment['no_proxy'] ?? environment['NO_PROXY'];
  const value = known ? `${known},127.0.0.1,localhost` : '127.0.0.1,localhost';
  return { ...environment, no_proxy: value, NO_PROXY: value };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
