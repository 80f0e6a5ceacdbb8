import { exitCodeOf, formatError, isTufError } from '@cargo-tuf/errors';
import { Command, CommanderError } from 'commander';
import { cargoCommand } from './commands/cargo.ts';
import { cleanCommand } from './commands/clean.ts';
import { completionsCommand } from './commands/completions.ts';
import { configCommand } from './commands/config.ts';
import { doctorCommand } from './commands/doctor.ts';
import { downloadCommand } from './commands/download.ts';
import { disableCommand, enableCommand } from './commands/enable.ts';
import { explainCommand } from './commands/explain.ts';
import { proxyCommand } from './commands/proxy.ts';
import { statusCommand } from './commands/status.ts';
import { syncCommand } from './commands/sync.ts';
import { trustCommand } from './commands/trust.ts';
import { verifyCommand } from './commands/verify.ts';
import type { Context } from './context.ts';
import { fail } from './errors.ts';
import type { Outcome } from './outcome.ts';
import { VERSION } from './version.ts';

type CommandFactory = (context: Context, outcome: Outcome) => Command;

const COMMANDS: readonly CommandFactory[] = [
  syncCommand,
  verifyCommand,
  downloadCommand,
  explainCommand,
  trustCommand,
  enableCommand,
  disableCommand,
  statusCommand,
  proxyCommand,
  doctorCommand,
  configCommand,
  cleanCommand,
  completionsCommand,
];

/** Runs `cargo tuf …` and gives the exit code. Cargo calls `cargo-tuf tuf …`; the first "tuf" is dropped. */
export async function run(argv: readonly string[], context: Context): Promise<number> {
  const args = argv[0] === 'tuf' ? argv.slice(1) : argv;
  const outcome: Outcome = { exitCode: 0 };
  try {
    await buildProgram(context, outcome).parseAsync([...args], { from: 'user' });
    return outcome.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return reportUsage(error, context);
    context.stderr.write(formatError('cargo-tuf', error));
    if (context.environment['CARGO_TUF_TRACE'] && !isTufError(error))
      context.stderr.write(`${String((error as Error).stack)}\n`);
    return exitCodeOf(error);
  }
}

function buildProgram(context: Context, outcome: Outcome): Command {
  const program = new Command('cargo tuf')
    .description('The unmodified cargo gets only what was signed.')
    .version(VERSION, '-V, --version', 'print the version')
    .usage('[options] <cargo command> [arguments]\n       cargo tuf [options] <command>')
    .enablePositionalOptions()
    .passThroughOptions()
    .allowUnknownOption()
    .exitOverride()
    .configureOutput({
      writeOut: text => context.stdout.write(text),
      writeErr: () => undefined,
    });
  for (const factory of COMMANDS) {
    const command = factory(context, outcome);
    inheritSettings(command, program);
    program.addCommand(command);
  }
  cargoCommand(program, context, outcome);
  return program;
}

function inheritSettings(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inheritSettings(child, command);
}

function reportUsage(error: CommanderError, context: Context): number {
  if (error.exitCode === 0) return 0;
  const message = error.message.replace(/^error: /, '');
  const usage = fail(
    'APP_USAGE',
    error.code === 'commander.help' ? 'command: none given' : `arguments: ${message}`,
  );
  context.stderr.write(formatError('cargo-tuf', usage));
  return exitCodeOf(usage);
}
