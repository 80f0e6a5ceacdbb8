import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter } from 'node:path';
import type { Context } from './context.ts';
import { fail } from './errors.ts';

/** How a cargo process ended, and what it printed where that was asked for. */
export interface CargoResult {
  readonly exitCode: number;
  readonly stdout: string;
}

const CAPTURED_BYTES = 256 * 1024 * 1024;

/** The real cargo: `CARGO` as cargo sets it for its subcommands, else the first `cargo` on the path. */
export function findCargo(context: Context): string {
  const stated = context.environment['CARGO'];
  if (stated) return stated;
  for (const folder of (context.environment['PATH'] ?? '').split(delimiter)) {
    const path = `${folder}/cargo`;
    if (folder !== '' && isExecutable(path)) return path;
  }
  throw fail('APP_NO_CARGO', 'cargo: not found on the path');
}

/**
 * Runs cargo without a shell. `capture` takes its standard output; otherwise cargo has the terminal to itself. A cargo that
 * a signal ended gives 128 + the signal's number, as a shell does.
 */
export function runCargo(
  context: Context,
  args: readonly string[],
  options: { readonly capture?: boolean; readonly quiet?: boolean } = {},
): Promise<CargoResult> {
  const cargo = findCargo(context);
  return new Promise((resolve, reject) => {
    const child = spawn(cargo, args, {
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
      reject(fail('APP_NO_CARGO', `${cargo}: cannot be started`, { cause: error }));
    });
    child.on('close', (code, signal) => {
      end();
      const exitCode = code ?? 128 + (signal === null ? 0 : (SIGNALS[signal] ?? 0));
      resolve({ exitCode, stdout: Buffer.concat(chunks).toString('utf8') });
    });
  });
}

const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Cargo applies `http_proxy` to loopback too, unless it is told not to. */
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
