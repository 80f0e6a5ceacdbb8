export const SHELLS: readonly string[] = ['bash', 'zsh', 'fish'];

/** A script that completes the first argument of a program; undefined for a shell that has none. */
export function completionScript(
  shell: string,
  program: string,
  words: readonly string[],
): string | undefined {
  const list = words.join(' ');
  const name = `_${program.replaceAll('-', '_')}`;
  switch (shell) {
    case 'bash':
      return `${name}() {
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${list}" -- "\${COMP_WORDS[1]}"))
  fi
}
complete -o default -F ${name} ${program}`;
    case 'zsh':
      return `#compdef ${program}
_arguments '1:command:(${list})' '*::arguments:_default'`;
    case 'fish':
      return `complete -c ${program} -n "__fish_use_subcommand" -a "${list}"`;
    default:
      return undefined;
  }
}
