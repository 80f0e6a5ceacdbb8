import { type Home, openHome } from '@cargo-tuf/cargo-tuf-lib';
import type { Output } from '@cargo-tuf/command-line';
import { openRustupHome, type RustupHome } from './home/rustup-home.ts';

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
  /** As Node names them: "linux", "x64". */
  readonly machine: { readonly platform: string; readonly arch: string };
  readonly home: Home;
  readonly rustup: RustupHome;
  /** What `+TOOLCHAIN` says, before the command. */
  readonly toolchain?: string | undefined;
}

export interface ContextOptions extends Omit<Context, 'home' | 'rustup' | 'toolchain'> {}

export function openContext(options: ContextOptions): Context {
  const { environment, workingFolder } = options;
  return {
    ...options,
    home: openHome(environment, workingFolder),
    rustup: openRustupHome(environment, workingFolder),
  };
}

/** A line for people, on standard error: standard output belongs to results. */
export function say(context: Context, line: string): void {
  context.stderr.write(`rustup-tuf: ${line}\n`);
}
