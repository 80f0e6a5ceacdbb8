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
      '\nExample:\n  cargo tuf completions bash > ~/.local/share/bash-completion/completions/cargo-tuf\n',
    )
    .action((shell: string) => {
      const own = (command.parent?.commands ?? []).map(each => each.name());
      const script = completionScript(shell, 'cargo-tuf', [...own, ...CARGO_COMMANDS]);
      if (script === undefined)
        throw fail('APP_USAGE', `shell: "${escapeText(shell, 40)}", expected ${SHELLS.join(', ')}`);
      print(context, script);
    });
  return command;
}

/** Cargo's commands that are worth completing. */
const CARGO_COMMANDS: readonly string[] = [
  'add',
  'bench',
  'build',
  'check',
  'clippy',
  'doc',
  'fetch',
  'fix',
  'generate-lockfile',
  'install',
  'metadata',
  'package',
  'remove',
  'run',
  'rustc',
  'test',
  'tree',
  'update',
  'vendor',
];
