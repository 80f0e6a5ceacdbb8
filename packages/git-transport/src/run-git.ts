// One run of git: no shell, a process group of its own, bounded output and time. When the run must end, the group is
// asked (SIGTERM: git removes its lock files), and killed if it does not go.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { escapeText, type TufError } from '@cargo-tuf/errors';
import { fail, type GitErrorCode } from './errors.ts';
import type { GitLimits } from './limits.ts';

export interface GitRun {
  readonly program: string;
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: GitLimits;
  readonly input?: Uint8Array | string;
  readonly signal?: AbortSignal | undefined;
  /** Instead of `limits.commandMs`. */
  readonly milliseconds?: number;
  /** Bytes of standard output; 64 MiB by default. */
  readonly outputBytes?: number;
  /** Exit codes that are not an error; 0 by default. */
  readonly codes?: readonly number[];
  /** Called every 100 ms; an error that it gives ends the run. */
  readonly watch?: () => Promise<TufError<GitErrorCode> | undefined>;
}

export interface GitOutput {
  readonly code: number;
  readonly stdout: Buffer;
  /** Escaped. */
  readonly stderr: string;
}

/** Throws `GIT_FAILED`, `GIT_TIMEOUT`, `GIT_ABORTED` or `GIT_LIMIT`. */
export async function runGit(run: GitRun): Promise<GitOutput> {
  const { words, limits, signal, milliseconds = limits.commandMs, outputBytes = 1 << 26 } = run;
  const name = `git ${words[0]}`;
  if (signal?.aborted) throw aborted(name, signal);
  const child = spawnGit(run.program, words, run.environment);
  let stopped: TufError<GitErrorCode> | undefined;
  const stop = (reason: TufError<GitErrorCode>): void => {
    stopped ??= reason;
    endGroup(child);
  };
  const timer = setTimeout(
    () => stop(fail('GIT_TIMEOUT', `${name}: longer than ${milliseconds} ms`)),
    milliseconds,
  );
  const onAbort = (): void => stop(aborted(name, signal));
  signal?.addEventListener('abort', onAbort);
  const watcher =
    run.watch && setInterval(() => void run.watch?.().then(problem => problem && stop(problem)), 100);

  const stdout = collect(child.stdout, outputBytes, () =>
    stop(fail('GIT_LIMIT', `${name}: more than ${outputBytes} bytes of output`)),
  );
  const stderr = collect(child.stderr, STDERR_BYTES, () => undefined);
  child.stdin.on('error', () => undefined); // git may end before it has read all
  child.stdin.end(run.input ?? '');
  try {
    const code = await exitOf(child, name);
    if (stopped !== undefined) throw stopped;
    const output = { code, stdout: stdout(), stderr: escapeText(stderr().toString('utf8').trim(), 1000) };
    if (!(run.codes ?? [0]).includes(code)) throw failure(name, output);
    return output;
  } finally {
    clearTimeout(timer);
    clearInterval(watcher);
    signal?.removeEventListener('abort', onAbort);
    if (stopped !== undefined) killGroup(child);
  }
}

const STDERR_BYTES = 16_384;

export function failure(name: string, output: Pick<GitOutput, 'code' | 'stderr'>): TufError<GitErrorCode> {
  const code = COLLISION.test(output.stderr) ? 'GIT_COLLISION' : 'GIT_FAILED';
  return fail(code, `${name}: ended with ${output.code}: ${output.stderr}`, {
    details: { code: output.code, stderr: output.stderr },
  });
}

/** What git says of it when it receives or reads such an object. */
const COLLISION = /SHA-1 appears to be part of a collision attack/;

function aborted(name: string, signal: AbortSignal | undefined): TufError<GitErrorCode> {
  return fail('GIT_ABORTED', `${name}: stopped by the caller`, { cause: signal?.reason });
}

export function spawnGit(
  program: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChildProcessWithoutNullStreams {
  return spawn(program, words, {
    cwd: environment['GIT_DIR'] ?? '/',
    env: environment,
    shell: false,
    detached: process.platform !== 'win32',
    windowsHide: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Asks the group to end; kills it when it has not after two seconds. */
function endGroup(child: ChildProcessWithoutNullStreams): void {
  signalGroup(child, 'SIGTERM');
  if (child.exitCode !== null || child.signalCode !== null) return;
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), 2000);
  child.once('close', () => clearTimeout(timer));
}

/** For a git that only reads: it has nothing to put in order. */
export function killGroup(child: ChildProcessWithoutNullStreams): void {
  signalGroup(child, 'SIGKILL');
}

function signalGroup(child: ChildProcessWithoutNullStreams, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    child.kill(signal);
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}

function exitOf(child: ChildProcessWithoutNullStreams, name: string): Promise<number> {
  return new Promise((done, failed) => {
    child.once('error', cause => failed(fail('GIT_NOT_FOUND', `${name}: could not be started`, { cause })));
    child.once('close', (code, signal) => done(code ?? (signal === null ? 1 : 128)));
  });
}

function collect(stream: NodeJS.ReadableStream, limit: number, onMore: () => void): () => Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
    else onMore();
  });
  return () => Buffer.concat(chunks);
}
