import { completionScript, print, SHELLS } from '@cargo-tuf/command-line';
import { escapeText } from '@cargo-tuf/errors';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { fail } from '../errors.ts';

export function completionsCommand(context: Context): Command {
  const command: Command = new Command('completions')
    .description('print a completion script for a shell')
    .argument('<shell>', SHELLS.join(', '))
    .addHelpText(
      'after',
      '\nExample:\n  rustup-tuf completions bash > ~/.local/share/bash-completion/completions/rustup-tuf\n',
    )
    .action((shell: string) => {
      const own = (command.parent?.commands ?? []).map(each => each.name());
      const script = completionScript(shell, 'rustup-tuf', own);
      if (script === undefined)
        throw fail('INSTALL_USAGE', `shell: "${escapeText(shell, 40)}", expected ${SHELLS.join(', ')}`);
      print(context, script);
    });
  return command;
}
