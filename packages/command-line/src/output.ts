/** Where a program writes: a stream, or what a test gives in its place. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** A result line on standard output. */
export function print({ stdout }: { readonly stdout: Output }, line: string): void {
  stdout.write(`${line}\n`);
}

/** A result for programs, on standard output. */
export function printJson({ stdout }: { readonly stdout: Output }, value: unknown): void {
  stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
