import { print } from '@cargo-tuf/command-line';
import { Command } from 'commander';
import { type Context, say } from '../context.ts';
import { fail } from '../errors.ts';
import { readSettings, setDefaultToolchain } from '../home/settings.ts';
import { folderName } from '../home/toolchain-name.ts';
import { hostOf, requireInstalled } from '../toolchain-choice.ts';

export function defaultCommand(context: Context): Command {
  return new Command('default')
    .description('show or set the default toolchain, which has to be installed; none takes it away')
    .argument('[toolchain]')
    .addHelpText('after', '\nExample:\n  rustup-tuf default stable\n')
    .action(async (given: string | undefined) => {
      const { rustup } = context;
      if (given === undefined) {
        const { defaultToolchain } = await readSettings(rustup);
        if (defaultToolchain === undefined) throw fail('INSTALL_NO_TOOLCHAIN', 'default: there is none');
        return print(context, defaultToolchain);
      }
      const name = given === 'none' ? undefined : folderName(given, await hostOf(context));
      if (name !== undefined) await requireInstalled(context, name);
      await setDefaultToolchain(rustup, name);
      say(context, name === undefined ? 'there is no default toolchain' : `default toolchain set to ${name}`);
    });
}
