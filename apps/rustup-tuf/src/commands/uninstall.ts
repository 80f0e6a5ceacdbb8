import { printJson } from '@cargo-tuf/command-line';
import { Command } from 'commander';
import { type Context, say } from '../context.ts';
import { folderName } from '../home/toolchain-name.ts';
import { hostOf, requireInstalled } from '../toolchain-choice.ts';
import { ToolchainState } from '../toolchain/state.ts';
import { takeAway } from '../toolchain/swap.ts';

export function uninstallCommand(context: Context): Command {
  return new Command('uninstall')
    .description('remove installed toolchains')
    .argument('<toolchain...>')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  rustup-tuf uninstall nightly-2026-11-20\n')
    .action(async (given: readonly string[], options: { json?: boolean }) => {
      const host = await hostOf(context);
      const names = given.map(name => folderName(name, host));
      for (const name of names) await requireInstalled(context, name);
      const state = await ToolchainState.open(context.rustup);
      for (const name of names) await state.exclusive(held => takeAway(context.rustup, held, name));
      if (options.json) printJson(context, { uninstalled: names });
      else for (const name of names) say(context, `${name} is uninstalled`);
    });
}
