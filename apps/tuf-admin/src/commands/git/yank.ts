import {
  formatIndexEntry,
  indexPath,
  parseCrateName,
  parseIndexEntry,
  parseVersion,
} from '@cargo-tuf/crate-index';
import { changeIndex, openVerifiedIndex, type VerifiedIndex } from '@cargo-tuf/registry-commits';
import { Command } from 'commander';
import { parseCrateAtVersion } from '../../arguments.ts';
import { type Context, print } from '../../context.ts';
import { about, fail } from '../../errors.ts';
import { changeIndexRepository } from '../../git/index-repository.ts';
import { type SigningOptions, withSigningOptions } from '../../git/options.ts';
import { writePrepared } from '../../git/prepared.ts';
import { outcomeReport } from '../../git/report.ts';

interface YankOptions extends SigningOptions {
  readonly undo?: boolean;
  readonly prepare?: string;
}

export function yankGitCommand(context: Context): Command {
  return withSigningOptions(new Command('yank'))
    .description('mark a version as yanked: locked projects keep it, others no longer choose it')
    .argument('<dir>', 'the repository')
    .argument('<crate@version>', 'the version')
    .option('--undo', 'take the mark away')
    .option(
      '--prepare <folder>',
      'write the entry into a new folder for its owners to sign, and commit nothing',
    )
    .addHelpText('after', '\nExample:\n  tuf-admin git yank index.git itoa@1.0.0 --key bot.pem\n')
    .action((dir: string, crate: string, options: YankOptions) => run(context, dir, crate, options));
}

async function run(context: Context, dir: string, argument: string, options: YankOptions): Promise<void> {
  const { name, version } = await about('argument', () => {
    const parts = parseCrateAtVersion(argument);
    return { name: parseCrateName(parts.name).toLowerCase(), version: parseVersion(parts.version) };
  });
  const yanked = options.undo !== true;
  const { prepare } = options;
  await changeIndexRepository(context, dir, options, [], async ({ operator }) => {
    const index = await openVerifiedIndex(operator);
    const entry = await yankedEntry(index, name, version, yanked);
    const said = `${name} ${version} is ${entry === undefined ? 'already ' : ''}${yanked ? 'yanked' : 'not yanked'}`;
    const changed = entry !== undefined;
    const json = { crate: name, version, yanked, changed };
    if (entry === undefined)
      return print(context, { text: [said], json: { ...json, published: false } }, options.json);
    const files = new Map([[indexPath(name), entry]]);
    if (prepare !== undefined) return writePrepared(context, prepare, files, options.json);
    const message = `${yanked ? 'Yank' : 'Unyank'} ${name} ${version}`;
    const report = outcomeReport(said, await changeIndex(operator, { files, message, from: index.tip }));
    return print(context, { text: report.text, json: { ...json, ...report.json } }, options.json);
  });
}

/** Undefined when the entry says so already. */
async function yankedEntry(
  index: VerifiedIndex,
  name: string,
  version: string,
  yanked: boolean,
): Promise<Uint8Array | undefined> {
  const path = indexPath(name);
  const bytes = await index.read(path);
  const entry = bytes && parseIndexEntry(path, bytes);
  const found = entry?.versions.find(each => each.vers === version);
  if (entry === undefined || found === undefined) {
    throw fail('ADMIN_NO_VERSION', `${name} ${version}: not in the index`, {
      details: { crate: name, version },
    });
  }
  if (found.yanked === yanked) return undefined;
  return formatIndexEntry(entry.versions.map(each => (each === found ? { ...each, yanked } : each)));
}
