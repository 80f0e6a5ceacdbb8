import { print, printJson } from '@cargo-tuf/command-line';
import { Command } from 'commander';
import { type Context, say } from '../context.ts';
import { describeVerified, listToolchains } from '../overview.ts';

export function listCommand(context: Context): Command {
  return new Command('list')
    .description('list installed toolchains, and whether they are verified')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  rustup-tuf list --json\n')
    .action(async (options: { json?: boolean }) => {
      const toolchains = await listToolchains(context);
      if (options.json) return printJson(context, toolchains);
      if (toolchains.length === 0) say(context, 'no toolchain is installed');
      for (const each of toolchains) {
        const marks = [...(each.isActive ? ['active'] : []), ...(each.isDefault ? ['default'] : [])];
        const marked = marks.length === 0 ? each.name : `${each.name} (${marks.join(', ')})`;
        print(context, `${marked} - ${describeVerified(each)}`);
      }
    });
}
