import { runForeground } from '@cargo-tuf/command-line';
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

/**
 * Runs a program without a shell. One that a signal ended gives 128 + the signal's number, as a shell does. Rejects where it
 * cannot be started.
 */
export async function runChild(
  context: Context,
  program: string,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<ChildResult> {
  const chunks: Buffer[] = [];
  let size = 0;
  const exitCode = await runForeground(program, args, {
    cwd: context.workingFolder,
    env: withoutProxyForLoopback(context.environment),
    stdio: ['inherit', options.capture ? 'pipe' : 'inherit', options.quiet ? 'ignore' : 'inherit'],
    onStart: child =>
      child.stdout?.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > CAPTURED_BYTES) child.kill();
        else chunks.push(chunk);
      }),
  });
  return { exitCode, stdout: Buffer.concat(chunks).toString('utf8') };
}

/** Cargo and rustup apply `http_proxy` to loopback too, unless they are told not to. */
function withoutProxyForLoopback(environment: Context['environment']): Record<string, string | undefined> {
  const known = environment['no_proxy'] ?? environment['NO_PROXY'];
  const value = known ? `${known},127.0.0.1,localhost` : '127.0.0.1,localhost';
  return { ...environment, no_proxy: value, NO_PROXY: value };
}
