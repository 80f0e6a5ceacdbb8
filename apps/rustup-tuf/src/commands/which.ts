import { print } from '@cargo-tuf/command-line';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { requireActive } from '../home/active-toolchain.ts';
import { findProgram } from '../program.ts';
import { requireFolder } from '../toolchain-choice.ts';

export function whichCommand(context: Context): Command {
  return new Command('which')
    .description('print the path of a program of the active toolchain')
    .argument('<command>')
    .option('--toolchain <name>', 'of another one')
    .addHelpText('after', '\nExample:\n  rustup-tuf which rustc\n')
    .action(async (command: string, options: { toolchain?: string }) => {
      const active = await requireFolder(await requireActive(context, options.toolchain));
      print(context, findProgram(active, command));
    });
}
