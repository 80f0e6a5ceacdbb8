import type { Outcome } from '@cargo-tuf/command-line';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { runVerifiedRustup } from '../verified-rustup.ts';

export function rustupCommand(context: Context, outcome: Outcome): Command {
  return new Command('rustup')
    .description('run the unmodified rustup on signed releases')
    .argument('<arguments...>', 'a command of rustup and its arguments, or -- and anything')
    .passThroughOptions()
    .allowUnknownOption()
    .addHelpText(
      'after',
      `
Toolchains, components and rustup itself come from the mirrors of rust-releases, each of them verified before it is used.
Exits as rustup does.

Examples:
  cargo tuf rustup toolchain install stable
  cargo tuf rustup update
  cargo tuf rustup self update
  cargo tuf rustup -- --version
`,
    )
    .action(async (args: readonly string[]) => {
      outcome.exitCode = await runVerifiedRustup(context, args);
    });
}
