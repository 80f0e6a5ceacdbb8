import { addCommands, type LazyCommands, runProgram } from '@cargo-tuf/command-line';
import { Command } from 'commander';
import type { Context } from './context.ts';
import { fail } from './errors.ts';
import { VERSION } from './version.ts';

const COMMANDS: LazyCommands<[Context]> = {
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
export function runAdmin(argv: readonly string[], context: Context): Promise<number> {
  const frame = {
    name: 'tuf-admin',
    stderr: context.stderr,
    trace: Boolean(context.env['CARGO_TUF_TRACE']),
    usage: (message: string) => fail('ADMIN_USAGE', message),
  };
  return runProgram(frame, async () => {
    const program = await buildProgram(argv, context);
    await program.parseAsync([...argv], { from: 'user' });
    return 0;
  });
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
  const names = Object.hasOwn(COMMANDS, name) ? [name] : Object.keys(COMMANDS);
  await addCommands(program, COMMANDS, names, context);
  return program;
}
