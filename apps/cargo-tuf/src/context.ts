import { type Home, openHome } from '@cargo-tuf/cargo-tuf-lib';
import type { Output } from '@cargo-tuf/command-line';

/** Everything outside the program that a command touches, so that tests can give their own. */
export interface Context {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Asks at the terminal; undefined where there is none. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly home: Home;
}

export interface ContextOptions extends Omit<Context, 'home'> {}

export function openContext(options: ContextOptions): Context {
  return { ...options, home: openHome(options.environment, options.workingFolder) };
}

/** A line for people, on standard error: standard output belongs to cargo and to `--json`. */
export function say(context: Context, line: string): void {
  context.stderr.write(`cargo-tuf: ${line}\n`);
}
