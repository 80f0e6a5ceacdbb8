import type { Output } from '@cargo-tuf/command-line';

/** Everything outside the program that a command touches, so that tests can give their own. */
export interface Context {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Paths on the command line are relative to this folder. */
  readonly cwd: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Ends `serve`. */
  readonly signal?: AbortSignal;
}

/** A line for people, on standard error. */
export function say(context: Context, line: string): void {
  context.stderr.write(`tuf-admin: ${line}\n`);
}

export interface Report {
  /** The lines for people. */
  readonly text: readonly string[];
  /** The same for programs. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** The result of a command, on standard output: lines, or one JSON object. */
export function print(context: Context, report: Report, asJson: boolean | undefined): void {
  if (asJson) context.stdout.write(`${JSON.stringify(report.json, undefined, 2)}\n`);
  else for (const line of report.text) context.stdout.write(`${line}\n`);
}
