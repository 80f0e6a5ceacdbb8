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
      '\nExample:\n  rustup-tuf completions bash > ~/.local/share/bash-completion/completions/rustup-tuf\n',
    )
    .action((shell: string) => {
      const write = SCRIPTS[shell];
      if (write === undefined) throw fail('INSTALL_USAGE', `shell: unknown, expected ${SHELLS.join(', ')}`);
      print(context, write((command.parent?.commands ?? []).map(each => each.name())));
    });
  return command;
}

const SCRIPTS: Readonly<Record<string, (commands: readonly string[]) => string>> = {
  bash: commands => `_rustup_tuf() {
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.join(' ')}" -- "\${COMP_WORDS[1]}"))
  fi
}
complete -o default -F _rustup_tuf rustup-tuf`,
  zsh: commands => `#compdef rustup-tuf
_arguments '1:command:(${commands.join(' ')})' '*::arguments:_default'`,
  fish: commands => `complete -c rustup-tuf -n "__fish_use_subcommand" -a "${commands.join(' ')}"`,
};
