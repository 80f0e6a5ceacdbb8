import { addCommands, type LazyCommands, type Outcome, runProgram } from '@cargo-tuf/command-line';
import { Command } from 'commander';
import { cargoCommand } from './commands/cargo.ts';
import type { Context } from './context.ts';
import { fail } from './errors.ts';
import { VERSION } from './version.ts';

const COMMANDS: LazyCommands<[Context, Outcome]> = {
  sync: async () => (await import('./commands/sync.ts')).syncCommand,
  verify: async () => (await import('./commands/verify.ts')).verifyCommand,
  clone: async () => (await import('./commands/clone.ts')).cloneCommand,
  download: async () => (await import('./commands/download.ts')).downloadCommand,
  explain: async () => (await import('./commands/explain.ts')).explainCommand,
  trust: async () => (await import('./commands/trust.ts')).trustCommand,
  enable: async () => (await import('./commands/enable.ts')).enableCommand,
  disable: async () => (await import('./commands/enable.ts')).disableCommand,
  rustup: async () => (await import('./commands/rustup.ts')).rustupCommand,
  env: async () => (await import('./commands/env.ts')).envCommand,
  status: async () => (await import('./commands/status.ts')).statusCommand,
  proxy: async () => (await import('./commands/proxy.ts')).proxyCommand,
  monitor: async () => (await import('./commands/monitor.ts')).monitorCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  config: async () => (await import('./commands/config.ts')).configCommand,
  clean: async () => (await import('./commands/clean.ts')).cleanCommand,
  completions: async () => (await import('./commands/completions.ts')).completionsCommand,
};

/** Runs `cargo tuf …` and gives the exit code. Cargo calls `cargo-tuf tuf …`; the first "tuf" is dropped. */
export async function run(argv: readonly string[], context: Context): Promise<number> {
  const args = argv[0] === 'tuf' ? argv.slice(1) : argv;
  const outcome: Outcome = { exitCode: 0 };
  const frame = {
    name: 'cargo-tuf',
    stderr: context.stderr,
    trace: Boolean(context.environment['CARGO_TUF_TRACE']),
    usage: (message: string) => fail('APP_USAGE', message),
  };
  return runProgram(frame, async () => {
    const program = await buildProgram(args, context, outcome);
    await program.parseAsync([...args], { from: 'user' });
    return outcome.exitCode;
  });
}

/** The commands that these arguments can mean; for whoever wants a list of them, all. */
function commandsFor(args: readonly string[]): readonly string[] {
  const named = Object.keys(COMMANDS).filter(name => args.includes(name));
  const listed = args.length === 0 || args[0] === 'help' || named.includes('completions');
  if (listed || (named.length === 0 && /^(-h|--help)$/.test(args[0] ?? ''))) return Object.keys(COMMANDS);
  return named;
}

async function buildProgram(args: readonly string[], context: Context, outcome: Outcome): Promise<Command> {
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
  await addCommands(program, COMMANDS, commandsFor(args), context, outcome);
  cargoCommand(program, context, outcome);
  return program;
}
