import { exitCodeOf, formatError, isTufError } from '@cargo-tuf/errors';
import { Command, CommanderError } from 'commander';
import type { Context } from './context.ts';
import { fail } from './errors.ts';
import type { Outcome } from './outcome.ts';
import { VERSION } from './version.ts';

type CommandFactory = (context: Context, outcome: Outcome) => Command;

/** A command's file is loaded when it may be asked for: most of the time that a short command takes is spent loading. */
const COMMANDS: Readonly<Record<string, () => Promise<CommandFactory>>> = {
  install: async () => (await import('./commands/install.ts')).installCommand,
  update: async () => (await import('./commands/update.ts')).updateCommand,
  check: async () => (await import('./commands/check.ts')).checkCommand,
  uninstall: async () => (await import('./commands/uninstall.ts')).uninstallCommand,
  list: async () => (await import('./commands/list.ts')).listCommand,
  toolchain: async () => (await import('./commands/toolchain.ts')).toolchainCommand,
  show: async () => (await import('./commands/show.ts')).showCommand,
  default: async () => (await import('./commands/default.ts')).defaultCommand,
  override: async () => (await import('./commands/override.ts')).overrideCommand,
  component: async () => (await import('./commands/component.ts')).componentCommand,
  target: async () => (await import('./commands/target.ts')).targetCommand,
  run: async () => (await import('./commands/run.ts')).runCommand,
  which: async () => (await import('./commands/which.ts')).whichCommand,
  self: async () => (await import('./commands/self.ts')).selfCommand,
  trust: async () => (await import('./commands/trust.ts')).trustCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  completions: async () => (await import('./commands/completions.ts')).completionsCommand,
};

/** Runs `rustup-tuf [+TOOLCHAIN] …` and gives the exit code. */
export async function run(argv: readonly string[], given: Context): Promise<number> {
  const toolchain = argv[0]?.startsWith('+') ? argv[0].slice(1) : undefined;
  const args = toolchain === undefined ? argv : argv.slice(1);
  const context = { ...given, toolchain };
  const outcome: Outcome = { exitCode: 0 };
  try {
    const program = await buildProgram(args, context, outcome);
    await program.parseAsync([...args], { from: 'user' });
    return outcome.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return reportUsage(error, context);
    context.stderr.write(formatError('rustup-tuf', error));
    if (context.environment['CARGO_TUF_TRACE'] && !isTufError(error))
      context.stderr.write(`${String((error as Error).stack)}\n`);
    return exitCodeOf(error);
  }
}

/** The command that these arguments name; for whoever wants a list of them, all. */
function commandsFor(args: readonly string[]): readonly string[] {
  const [first = ''] = args;
  return Object.hasOwn(COMMANDS, first) && first !== 'completions' ? [first] : Object.keys(COMMANDS);
}

async function buildProgram(args: readonly string[], context: Context, outcome: Outcome): Promise<Command> {
  const program = new Command('rustup-tuf')
    .description('Rust toolchains that were signed, installed as rustup lays them out.')
    .version(VERSION, '-V, --version', 'print the version')
    .usage('[+TOOLCHAIN] [options] [command]')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: text => context.stdout.write(text),
      writeErr: () => undefined,
    })
    .addHelpText(
      'after',
      `
Examples:
  rustup-tuf trust add --root root.json --mirror https://releases.example/
  rustup-tuf install stable          verify and install, for rustup and cargo to use
  rustup-tuf update                  bring every toolchain that follows a channel up to date
  rustup-tuf component add clippy
`,
    );
  // What a crash has left of a change is finished before anything looks at toolchains.
  program.hook('preAction', async () => {
    const { recover } = await import('./toolchain/swap.ts');
    await recover(context.rustup);
  });
  for (const name of commandsFor(args)) {
    const factory = await (COMMANDS[name] as () => Promise<CommandFactory>)();
    const command = factory(context, outcome);
    inheritSettings(command, program);
    program.addCommand(command);
  }
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
    'INSTALL_USAGE',
    error.code === 'commander.help' ? 'command: none given' : `arguments: ${message}`,
  );
  context.stderr.write(formatError('rustup-tuf', usage));
  return exitCodeOf(usage);
}
