import { addCommands, type LazyCommands, type Outcome, runProgram } from '@cargo-tuf/command-line';
import { Command } from 'commander';
import type { Context } from './context.ts';
import { fail } from './errors.ts';
import { VERSION } from './version.ts';

const COMMANDS: LazyCommands<[Context, Outcome]> = {
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
  const frame = {
    name: 'rustup-tuf',
    stderr: context.stderr,
    trace: Boolean(context.environment['CARGO_TUF_TRACE']),
    usage: (message: string) => fail('INSTALL_USAGE', message),
  };
  return runProgram(frame, async () => {
    const program = await buildProgram(args, context, outcome);
    await program.parseAsync([...args], { from: 'user' });
    return outcome.exitCode;
  });
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
  await addCommands(program, COMMANDS, commandsFor(args), context, outcome);
  return program;
}
