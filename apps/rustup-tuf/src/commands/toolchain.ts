import { Command } from 'commander';
import type { Context } from '../context.ts';
import { installCommand } from './install.ts';
import { listCommand } from './list.ts';
import { uninstallCommand } from './uninstall.ts';

/** The same commands under the name that rustup has for them. */
export function toolchainCommand(context: Context): Command {
  return new Command('toolchain')
    .description('install, uninstall and list toolchains, as rustup spells it')
    .addCommand(installCommand(context))
    .addCommand(uninstallCommand(context))
    .addCommand(listCommand(context))
    .addHelpText('after', '\nExample:\n  rustup-tuf toolchain install nightly\n');
}
