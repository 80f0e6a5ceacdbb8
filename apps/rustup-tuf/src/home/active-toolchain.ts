// Which toolchain counts in a folder, in rustup's order: `+TOOLCHAIN` on the command line, `RUSTUP_TOOLCHAIN`, then upwards from
// the folder an override or a rust-toolchain file, the default at last.

import { dirname, isAbsolute } from 'node:path';
import type { Context } from '../context.ts';
import { fail } from '../errors.ts';
import { hostTriple } from './host.ts';
import { overrideKey, readSettings, type Settings } from './settings.ts';
import { readToolchainFile, type ToolchainFile } from './toolchain-file.ts';
import { folderName } from './toolchain-name.ts';

export interface ActiveToolchain {
  /** The name of its folder below `toolchains`, or an absolute path. */
  readonly name: string;
  readonly folder: string;
  /** Why it is this one, for people. */
  readonly reason: string;
  /** The file that asks for it. */
  readonly file: ToolchainFile | undefined;
}

/** Undefined where nothing says which. `stated`: what the command line says. */
export async function findActive(
  context: Context,
  stated: string | undefined = context.toolchain,
): Promise<ActiveToolchain | undefined> {
  const settings = await readSettings(context.rustup);
  const host = hostTriple(context, settings.defaultHost);
  const named = (text: string, reason: string, file?: ToolchainFile): ActiveToolchain =>
    isAbsolute(text)
      ? { name: text, folder: text, reason, file }
      : { ...place(context, folderName(text, host)), reason, file };
  if (stated !== undefined) return named(stated, 'named on the command line');
  const ofEnvironment = context.environment['RUSTUP_TOOLCHAIN'];
  if (ofEnvironment) return named(ofEnvironment, 'environment variable RUSTUP_TOOLCHAIN');
  for (let folder = context.workingFolder; ; folder = dirname(folder)) {
    const override = settings.overrides.get(await overrideKey(folder));
    if (override !== undefined) return named(override, `override of ${folder}`);
    const file = await readToolchainFile(folder);
    if (file !== undefined) return named(nameIn(file, settings), file.file, file);
    if (dirname(folder) === folder) break;
  }
  const { defaultToolchain } = settings;
  return defaultToolchain === undefined ? undefined : named(defaultToolchain, 'the default');
}

/** Throws `INSTALL_NO_TOOLCHAIN` where nothing says which. */
export async function requireActive(context: Context, stated?: string): Promise<ActiveToolchain> {
  const active = await findActive(context, stated);
  if (active !== undefined) return active;
  throw fail('INSTALL_NO_TOOLCHAIN', 'toolchain: none is chosen, and there is no default');
}

function place(context: Context, name: string): { readonly name: string; readonly folder: string } {
  return { name, folder: `${context.rustup.toolchains}/${name}` };
}

/** A file without a channel asks for components of the default. */
function nameIn(file: ToolchainFile, settings: Settings): string {
  const name = file.path ?? file.channel ?? settings.defaultToolchain;
  if (name !== undefined) return name;
  throw fail('INSTALL_NO_TOOLCHAIN', `${file.file}: has no channel, and there is no default`);
}
