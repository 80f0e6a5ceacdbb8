import { delimiter } from 'node:path';
import { isExecutable, runForeground } from '@cargo-tuf/command-line';
import { escapeText } from '@cargo-tuf/errors';
import type { Context } from './context.ts';
import { fail } from './errors.ts';
import type { ActiveToolchain } from './home/active-toolchain.ts';

/** A program of a toolchain: "cargo" to the path of its file. Throws `INSTALL_NO_COMMAND`. */
export function findProgram(toolchain: Pick<ActiveToolchain, 'name' | 'folder'>, command: string): string {
  const file = programIn(toolchain.folder, command);
  if (/^[^/\\]+$/.test(command) && isExecutable(file)) return file;
  throw fail(
    'INSTALL_NO_COMMAND',
    `${escapeText(command, 60)}: toolchain ${toolchain.name} has no such program`,
  );
}

/**
 * Runs a command as rustup runs it in a toolchain: its own program where it has one, else that of the path. Gives its exit code;
 * 128 and the number of the signal for one that was ended by it.
 */
export function runIn(
  context: Context,
  toolchain: Pick<ActiveToolchain, 'name' | 'folder'>,
  command: string,
  args: readonly string[],
): Promise<number> {
  const own = programIn(toolchain.folder, command);
  const program = /^[^/\\]+$/.test(command) && isExecutable(own) ? own : command;
  return runForeground(program, args, {
    cwd: context.workingFolder,
    env: environmentOf(context, toolchain),
    stdio: 'inherit',
  }).catch((cause: unknown) => {
    throw fail('INSTALL_NO_COMMAND', `${escapeText(command, 60)}: cannot be started`, { cause });
  });
}

/** What rustup sets for what it runs. */
function environmentOf(
  { environment, home, rustup }: Context,
  { name, folder }: Pick<ActiveToolchain, 'name' | 'folder'>,
): Record<string, string | undefined> {
  const libraries = process.platform === 'darwin' ? 'DYLD_FALLBACK_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  return {
    ...environment,
    CARGO_HOME: home.cargoHome,
    RUSTUP_HOME: rustup.root,
    RUSTUP_TOOLCHAIN: name,
    RUST_RECURSION_COUNT: `${(Number(environment['RUST_RECURSION_COUNT']) || 0) + 1}`,
    PATH: prepend(`${home.cargoHome}/bin`, environment['PATH']),
    [libraries]: prepend(`${folder}/lib`, environment[libraries]),
  };
}

function prepend(folder: string, path: string | undefined): string {
  const folders = path ? path.split(delimiter) : [];
  return folders.includes(folder) ? folders.join(delimiter) : [folder, ...folders].join(delimiter);
}

function programIn(folder: string, command: string): string {
  return `${folder}/bin/${command}${process.platform === 'win32' ? '.exe' : ''}`;
}
