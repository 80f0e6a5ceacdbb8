import { print, printJson } from '@cargo-tuf/command-line';
import { readReleasesAnchor } from '@cargo-tuf/cargo-tuf-lib';
import { Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { ensureDaemon } from '../daemon.ts';
import { fail } from '../errors.ts';
import { readPort, rustupVariables } from '../proxy-address.ts';

interface EnvOptions {
  readonly shell: string;
  readonly json?: boolean;
}

const SHELLS: Readonly<Record<string, (name: string, value: string) => string>> = {
  sh: (name, value) => `export ${name}=${value}`,
  fish: (name, value) => `set -gx ${name} ${value}`,
  powershell: (name, value) => `$env:${name} = '${value}'`,
};

export function envCommand(context: Context): Command {
  return new Command('env')
    .description('print the variables that send plain rustup to the proxy, and start the proxy')
    .addOption(
      new Option('--shell <shell>', 'whose language to print').choices(Object.keys(SHELLS)).default('sh'),
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
rustup reads the address of its server from the environment alone. A rustup that runs without these variables, in another
shell or an editor, asks the server of the Rust project and verifies nothing; "cargo tuf rustup" sets them by itself.

Example, in ~/.profile:
  eval "$(cargo tuf env)"
`,
    )
    .action(async (options: EnvOptions) => {
      await readReleasesAnchor(context.home);
      await ensureDaemon(context);
      const variables = rustupVariables(await readPort(context));
      if (options.json) printJson(context, variables);
      else for (const line of shellLines(variables, options.shell)) print(context, line);
    });
}

export function shellLines(variables: Readonly<Record<string, string>>, shell: string): readonly string[] {
  const line = SHELLS[shell];
  if (line === undefined)
    throw fail('APP_USAGE', `shell: unknown, expected ${Object.keys(SHELLS).join(', ')}`);
  return Object.entries(variables).map(([name, value]) => line(name, value));
}
