import { findProgram } from '@cargo-tuf/command-line';
import { type ChildOptions, type ChildResult, runChild } from './child-process.ts';
import type { Context } from './context.ts';
import { fail } from './errors.ts';

/** The real cargo: `CARGO` as cargo sets it for its subcommands, else the first `cargo` on the path. */
export function findCargo(context: Context): string {
  const cargo = context.environment['CARGO'] || findProgram('cargo', context.environment['PATH']);
  if (cargo !== undefined) return cargo;
  throw fail('APP_NO_CARGO', 'cargo: not found on the path');
}

export async function runCargo(
  context: Context,
  args: readonly string[],
  options?: ChildOptions,
): Promise<ChildResult> {
  const cargo = findCargo(context);
  return runChild(context, cargo, args, options).catch((cause: unknown) => {
    throw fail('APP_NO_CARGO', `${cargo}: cannot be started`, { cause });
  });
}
