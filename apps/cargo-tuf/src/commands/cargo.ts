import type { Outcome } from '@cargo-tuf/command-line';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { CargoOptions } from '../verified-run.ts';

export function cargoCommand(program: Command, context: Context, outcome: Outcome): void {
  program
    .argument('[arguments...]', 'a cargo command and its arguments, or -- and anything')
    .option(
      '--allow <source>',
      'let a source without an anchor through, by name; can be repeated',
      collect,
      [],
    )
    .option('--port <number>', 'the port of the local proxy')
    .addHelpText(
      'after',
      `
Examples:
  cargo tuf build --release          build with the unmodified cargo, everything verified
  cargo tuf -- nextest run           any other command of cargo, after --
  cargo tuf sync                     verify and fetch what Cargo.lock names
  cargo tuf explain serde            from the root key to the file
`,
    )
    .action(async (args: readonly string[], options: CargoOptions) => {
      if (args.length === 0) program.help({ error: false });
      else {
        const { runVerified } = await import('../verified-run.ts');
        outcome.exitCode = await runVerified(context, args, options);
      }
    });
}

function collect(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}
