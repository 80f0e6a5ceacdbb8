// What the arguments of a cargo command mean for verification. Cargo parses them; only a few matter here.

/** Cargo's own commands that need no crates: no snapshot is pinned for them. */
const WITHOUT_CRATES: ReadonlySet<string> = new Set([
  'new',
  'init',
  'help',
  'version',
  'login',
  'logout',
  'locate-project',
  'read-manifest',
  'verify-project',
  'pkgid',
  'uninstall',
  'fmt',
  'owner',
  'yank',
  'search',
]);

export interface CargoArguments {
  /** "build"; undefined when only options are given. */
  readonly command: string | undefined;
  readonly needsCrates: boolean;
  /** `--offline` or `--frozen`: cargo may make no request, and neither may we. */
  readonly offline: boolean;
  readonly locked: boolean;
  readonly manifestPath: string | undefined;
}

export function readCargoArguments(args: readonly string[]): CargoArguments {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  const command = firstCommand(own);
  const informs = own.some(arg => ['--version', '-V', '--help', '-h', '--list', '--explain'].includes(arg));
  const frozen = own.includes('--frozen');
  return {
    command,
    needsCrates: command !== undefined && !informs && !WITHOUT_CRATES.has(command),
    offline: frozen || own.includes('--offline'),
    locked: frozen || own.includes('--locked'),
    manifestPath: optionValue(own, '--manifest-path'),
  };
}

/** The arguments for cargo: `vendor` must be told to keep to the configured sources. */
export function completeArguments(args: readonly string[]): readonly string[] {
  const { command } = readCargoArguments(args);
  if (command !== 'vendor' || args.includes('--respect-source-config')) return args;
  const at = args.indexOf('vendor') + 1;
  return [...args.slice(0, at), '--respect-source-config', ...args.slice(at)];
}

/** Cargo's options before its command that take a value. */
const VALUE_OPTIONS: ReadonlySet<string> = new Set(['--config', '-C', '-Z', '--color', '--explain']);

function firstCommand(args: readonly string[]): string | undefined {
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string;
    if (VALUE_OPTIONS.has(arg)) index += 1;
    else if (!arg.startsWith('-') && !arg.startsWith('+')) return arg;
  }
  return undefined;
}

function optionValue(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  if (at >= 0) return args[at + 1];
  return args.find(arg => arg.startsWith(`${name}=`))?.slice(name.length + 1);
}
