import { readManagedPart, removeManagedPart, writeManagedPart } from '../managed-config.ts';
import { openSecret, stopProxy } from '@cargo-tuf/local-proxy';
import { Command } from 'commander';
import { configFile } from '../config-file.ts';
import { type Context, say } from '../context.ts';
import { ensureDaemon, proxyState } from '../daemon.ts';
import { fail } from '../errors.ts';
import { parsePort, readPort, rustupVariables, secretPath, writePort } from '../proxy-address.ts';
import { openTrusted } from '../releases.ts';
import { replacementLines } from '../source-replacement.ts';
import { shellLines } from './env.ts';

interface EnableOptions {
  readonly project?: boolean;
  readonly port?: string;
}

export function enableCommand(context: Context): Command {
  return new Command('enable')
    .description('let plain cargo, editors and nested cargo take every trusted registry from the proxy')
    .option('--project', 'write into this project’s .cargo/config.toml instead of the user’s')
    .option('--port <number>', 'the port of the proxy')
    .addHelpText(
      'after',
      `
Writes a marked part into cargo's configuration and starts the proxy in the background. While the proxy does not run,
cargo fails and says so: it never falls back to an unverified source. Every "cargo tuf" command starts it again.

rustup has no configuration for its server. Where its releases are trusted, the two variables that it reads are printed:
put them, or eval "$(cargo tuf env)", into the profile of your shell.

Example:
  cargo tuf enable && cargo build
`,
    )
    .action(async (options: EnableOptions) => enable(context, options));
}

export function disableCommand(context: Context): Command {
  return new Command('disable')
    .description('remove the managed part of cargo’s configuration and stop the proxy')
    .option('--project', 'the project’s configuration instead of the user’s')
    .addHelpText('after', '\nExample:\n  cargo tuf disable\n')
    .action(async (options: EnableOptions) => disable(context, options));
}

async function enable(context: Context, options: EnableOptions): Promise<void> {
  const trusted = await openTrusted(context);
  try {
    if (options.port !== undefined) await writePort(context, parsePort(options.port));
    const port = await readPort(context);
    if ((await proxyState(context, port)) === 'stranger') {
      throw fail('APP_PORT_TAKEN', `port ${port}: taken by a program that is not this user's proxy`);
    }
    const file = configFile(context, options.project === true);
    await writeManagedPart(file, replacementLines(trusted.registries, port));
    say(context, `wrote ${file}`);
    const started = await ensureDaemon(context);
    say(context, `the proxy ${started ? 'was started' : 'runs'} on port ${port}`);
    if (trusted.releases === undefined) return;
    say(context, 'for plain rustup, in the profile of your shell:');
    for (const line of shellLines(rustupVariables(port), 'sh')) say(context, `  ${line}`);
  } finally {
    await trusted.close();
  }
}

async function disable(context: Context, options: EnableOptions): Promise<void> {
  const file = configFile(context, options.project === true);
  if (!(await removeManagedPart(file))) throw fail('APP_NOT_ENABLED', `${file}: has no managed part`);
  say(context, `removed the managed part of ${file}`);
  const other = configFile(context, options.project !== true);
  if ((await readManagedPart(other)) !== undefined) return;
  const port = await readPort(context);
  if ((await proxyState(context, port)) !== 'running') return;
  await stopProxy(port, await openSecret(secretPath(context)));
  say(context, 'the proxy was stopped');
}
