import { Command } from 'commander';
import { type Context, print } from '../context.ts';
import { fail } from '../errors.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

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
      const write = SCRIPTS[shell];
      if (write === undefined) throw fail('APP_USAGE', `shell: unknown, expected ${SHELLS.join(', ')}`);
      print(context, write([...own, ...CARGO_COMMANDS]));
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

const SCRIPTS: Readonly<Record<string, (commands: readonly string[]) => string>> = {
  bash: commands => `_cargo_tuf() {
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.join(' ')}" -- "\${COMP_WORDS[1]}"))
  fi
}
complete -o default -F _cargo_tuf cargo-tuf`,
  zsh: commands => `#compdef cargo-tuf
_arguments '1:command:(${commands.join(' ')})' '*::arguments:_default'`,
  fish: commands => `complete -c cargo-tuf -n "__fish_use_subcommand" -a "${commands.join(' ')}"`,
};
