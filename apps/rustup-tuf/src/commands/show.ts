import { print, printJson } from '@cargo-tuf/command-line';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { findActive } from '../home/active-toolchain.ts';
import { describeVerified, listToolchains } from '../overview.ts';
import { hostOf } from '../toolchain-choice.ts';

export function showCommand(context: Context): Command {
  return new Command('show')
    .description('show the toolchain that counts in this folder, why, and what is installed')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  rustup-tuf show\n')
    .action(async (options: { json?: boolean }) => {
      const host = await hostOf(context);
      const active = await findActive(context);
      const toolchains = await listToolchains(context);
      if (options.json) {
        const shown = active && { name: active.name, reason: active.reason };
        return printJson(context, { host, home: context.rustup.root, active: shown ?? null, toolchains });
      }
      print(context, `host    ${host}`);
      print(context, `home    ${context.rustup.root}`);
      print(context, `active  ${active === undefined ? 'none' : `${active.name} (${active.reason})`}`);
      const own = toolchains.find(({ isActive }) => isActive);
      if (active !== undefined && own === undefined) print(context, '        is not installed');
      for (const each of toolchains) {
        print(context, `${each.name} - ${describeVerified(each)}`);
        for (const name of each.components)
          print(context, `  ${name}${each.verified.includes(name) ? '' : ' (not verified)'}`);
      }
    });
}
