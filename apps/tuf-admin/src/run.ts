import { exitCodeOf, formatError, isTufError } from '@cargo-tuf/errors';
import { Command, CommanderError } from 'commander';
import type { Context } from './context.ts';
import { fail } from './errors.ts';
import { VERSION } from './version.ts';

type CommandFactory = (context: Context) => Command;

/** A command's file is loaded when it may be asked for: a publish every few seconds shall not load what mirrors need. */
const COMMANDS: Readonly<Record<string, () => Promise<CommandFactory>>> = {
  init: async () => (await import('./commands/init.ts')).initCommand,
  publish: async () => (await import('./commands/publish.ts')).publishCommand,
  yank: async () => (await import('./commands/yank.ts')).yankCommand,
  delete: async () => (await import('./commands/delete.ts')).deleteCommand,
  renew: async () => (await import('./commands/renew.ts')).renewCommand,
  rotate: async () => (await import('./commands/rotate.ts')).rotateCommand,
  'raise-epoch': async () => (await import('./commands/raise-epoch.ts')).raiseEpochCommand,
  auditors: async () => (await import('./commands/auditors.ts')).auditorsCommand,
  root: async () => (await import('./commands/root.ts')).rootCommand,
  prune: async () => (await import('./commands/prune.ts')).pruneCommand,
  verify: async () => (await import('./commands/verify.ts')).verifyCommand,
  mirror: async () => (await import('./commands/mirror.ts')).mirrorCommand,
  serve: async () => (await import('./commands/serve.ts')).serveCommand,
  release: async () => (await import('./commands/release/index.ts')).releaseCommand,
  git: async () => (await import('./commands/git/index.ts')).gitCommand,
};

/** Runs `tuf-admin …` and gives the exit code. */
export async function runAdmin(argv: readonly string[], context: Context): Promise<number> {
  try {
    const program = await buildProgram(argv, context);
    await program.parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return reportUsage(error, context);
    context.stderr.write(formatError('tuf-admin', error));
    if (context.env['CARGO_TUF_TRACE'] && !isTufError(error))
      context.stderr.write(`${String((error as Error).stack)}\n`);
    return exitCodeOf(error);
  }
}

async function buildProgram([name = '']: readonly string[], context: Context): Promise<Command> {
  const program = new Command('tuf-admin')
    .description('Create, publish, renew, rotate and serve a signed registry.')
    .version(VERSION, '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({ writeOut: text => context.stdout.write(text), writeErr: () => undefined })
    .addHelpText(
      'after',
      `
Example:
  tuf-admin init registry --dl https://crates.example.org/crates --passphrase-file passphrase
  tuf-admin publish registry --crates target/package --passphrase-file passphrase
  tuf-admin serve registry
`,
    );
  const asked = Object.hasOwn(COMMANDS, name) ? [name] : Object.keys(COMMANDS);
  for (const each of asked) {
    const factory = await (COMMANDS[each] as () => Promise<CommandFactory>)();
    const command = factory(context);
    inherit(command, program);
    program.addCommand(command);
  }
  return program;
}

function inherit(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent);
  for (const each of command.commands) inherit(each, command);
}

function reportUsage(error: CommanderError, context: Context): number {
  if (error.exitCode === 0) return 0;
  const message = error.message.replace(/^error: /, '');
  const usage = fail(
    'ADMIN_USAGE',
    error.code === 'commander.help' ? 'command: none given' : `arguments: ${message}`,
  );
  context.stderr.write(formatError('tuf-admin', usage));
  return exitCodeOf(usage);
}
