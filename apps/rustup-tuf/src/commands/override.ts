import { print, printJson } from '@cargo-tuf/command-line';
import { resolve } from 'node:path';
import { stat } from 'node:fs/promises';
import { Command } from 'commander';
import { type Context, say } from '../context.ts';
import { fail } from '../errors.ts';
import { overrideKey, readSettings, setOverrides } from '../home/settings.ts';
import { folderName } from '../home/toolchain-name.ts';
import { hostOf, requireInstalled } from '../toolchain-choice.ts';

interface PathOptions {
  readonly path?: string;
}

export function overrideCommand(context: Context): Command {
  const override = new Command('override').description('choose another toolchain for a folder');
  override
    .command('set')
    .description('let a folder, and those in it, use an installed toolchain')
    .argument('<toolchain>')
    .option('--path <folder>', 'this one instead of the working folder')
    .addHelpText('after', '\nExample:\n  rustup-tuf override set nightly\n')
    .action(async (given: string, options: PathOptions) => {
      const name = folderName(given, await hostOf(context));
      await requireInstalled(context, name);
      const key = await keyOf(context, options);
      await setOverrides(context.rustup, new Map([[key, name]]));
      say(context, `override of ${key} set to ${name}`);
    });
  override
    .command('unset')
    .description('take the override of a folder away')
    .option('--path <folder>', 'this one instead of the working folder')
    .option('--nonexistent', 'those of all folders that are gone')
    .addHelpText('after', '\nExample:\n  rustup-tuf override unset\n')
    .action(async (options: PathOptions & { nonexistent?: boolean }) => {
      const { overrides } = await readSettings(context.rustup);
      const keys = options.nonexistent
        ? await goneFolders([...overrides.keys()])
        : [await keyOf(context, options)];
      const known = keys.filter(key => overrides.has(key));
      if (known.length === 0)
        throw fail('INSTALL_USAGE', `override: there is none${options.nonexistent ? '' : ` of ${keys[0]}`}`);
      await setOverrides(context.rustup, new Map(known.map(key => [key, undefined])));
      for (const key of known) say(context, `override of ${key} is taken away`);
    });
  override
    .command('list')
    .description('list the overrides')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  rustup-tuf override list --json\n')
    .action(async (options: { json?: boolean }) => {
      const { overrides } = await readSettings(context.rustup);
      if (options.json) return printJson(context, Object.fromEntries(overrides));
      for (const [folder, name] of overrides) print(context, `${folder}\t${name}`);
    });
  return override;
}

function keyOf(context: Context, { path = '.' }: PathOptions): Promise<string> {
  return overrideKey(resolve(context.workingFolder, path));
}

async function goneFolders(folders: readonly string[]): Promise<readonly string[]> {
  const present = await Promise.all(folders.map(folder => stat(folder).catch(() => undefined)));
  return folders.filter((_, index) => present[index] === undefined);
}
