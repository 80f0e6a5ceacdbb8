import { exitCodeOf, formatError, isTufError } from '@cargo-tuf/errors';
import { Command, CommanderError } from 'commander';
import { auditorsCommand } from './commands/auditors.ts';
import { deleteCommand } from './commands/delete.ts';
import { gitCommand } from './commands/git/index.ts';
import { initCommand } from './commands/init.ts';
import { mirrorCommand } from './commands/mirror.ts';
import { pruneCommand } from './commands/prune.ts';
import { publishCommand } from './commands/publish.ts';
import { raiseEpochCommand } from './commands/raise-epoch.ts';
import { releaseCommand } from './commands/release/index.ts';
import { renewCommand } from './commands/renew.ts';
import { rootCommand } from './commands/root.ts';
import { rotateCommand } from './commands/rotate.ts';
import { serveCommand } from './commands/serve.ts';
import { verifyCommand } from './commands/verify.ts';
import { yankCommand } from './commands/yank.ts';
import type { Context } from './context.ts';
import { fail } from './errors.ts';
import { VERSION } from './version.ts';

const COMMANDS: readonly ((context: Context) => Command)[] = [
  initCommand,
  publishCommand,
  yankCommand,
  deleteCommand,
  renewCommand,
  rotateCommand,
  raiseEpochCommand,
  auditorsCommand,
  rootCommand,
  pruneCommand,
  verifyCommand,
  mirrorCommand,
  serveCommand,
  gitCommand,
  releaseCommand,
];

/** Runs `tuf-admin …` and gives the exit code. */
export async function runAdmin(argv: readonly string[], context: Context): Promise<number> {
  try {
    await buildProgram(context).parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return reportUsage(error, context);
    context.stderr.write(formatError('tuf-admin', error));
    if (context.env['CARGO_TUF_TRACE'] && !isTufError(error))
      context.stderr.write(`${String((error as Error).stack)}\n`);
    return exitCodeOf(error);
  }
}

function buildProgram(context: Context): Command {
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
  for (const factory of COMMANDS) {
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
