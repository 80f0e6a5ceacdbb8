import type { Outcome } from '@cargo-tuf/command-line';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { requireActive } from '../home/active-toolchain.ts';
import { runIn } from '../program.ts';
import { requireFolder } from '../toolchain-choice.ts';

export function runCommand(context: Context, outcome: Outcome): Command {
  return new Command('run')
    .description('run a command with a toolchain')
    .argument('<toolchain>')
    .argument('<command>')
    .argument('[arguments...]')
    .passThroughOptions()
    .addHelpText(
      'after',
      "\nExits with the command's code.\n\nExample:\n  rustup-tuf run nightly cargo build\n",
    )
    .action(async (toolchain: string, command: string, args: readonly string[]) => {
      const active = await requireFolder(await requireActive(context, toolchain));
      outcome.exitCode = await runIn(context, active, command, args);
    });
}
