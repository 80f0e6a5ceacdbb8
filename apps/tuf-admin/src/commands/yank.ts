import { formatIndexEntry, parseCrateName, parseVersion } from '@cargo-tuf/crate-index';
import { publish } from '@cargo-tuf/repository';
import { Command } from 'commander';
import { parseCrateAtVersion, withKeyOptions } from '../arguments.ts';
import { commitJson, commitLines } from '../commit-report.ts';
import { type Context, print } from '../context.ts';
import { about, fail } from '../errors.ts';
import type { PassphraseOptions } from '../passphrase.ts';
import { publishedEntries } from '../published-entries.ts';
import { changeRepository } from '../repository-folder.ts';

interface YankOptions extends PassphraseOptions {
  readonly undo?: boolean;
  readonly json?: boolean;
}

export function yankCommand(context: Context): Command {
  return withKeyOptions(new Command('yank'))
    .description('mark a version as yanked: locked projects keep it, others no longer choose it')
    .argument('<dir>', 'the folder of the repository')
    .argument('<crate@version>', 'the version')
    .option('--undo', 'take the mark away')
    .addHelpText('after', '\nExample:\n  tuf-admin yank registry itoa@1.0.0\n')
    .action((dir: string, crate: string, options: YankOptions) => yank(context, dir, crate, options));
}

async function yank(context: Context, dir: string, argument: string, options: YankOptions): Promise<void> {
  const { name, version } = await about('argument', () => {
    const parts = parseCrateAtVersion(argument);
    return { name: parseCrateName(parts.name).toLowerCase(), version: parseVersion(parts.version) };
  });
  const yanked = options.undo !== true;
  const { changed, result } = await changeRepository(
    context,
    dir,
    options,
    async ({ publisher, repository, state }) => {
      const published = await publishedEntries(repository.bytes, state, [name]);
      const entry = await published.entry(name);
      const found = entry?.versions.find(each => each.vers === version);
      if (entry === undefined || found === undefined) {
        throw fail('ADMIN_NO_VERSION', `${name} ${version}: not in the index`, {
          details: { crate: name, version },
        });
      }
      const versions = entry.versions.map(each => (each === found ? { ...each, yanked } : each));
      const entries = new Map(found.yanked === yanked ? [] : [[name, formatIndexEntry(versions)]]);
      const result = await publish(publisher, { entries, base: published.state });
      return { changed: found.yanked !== yanked, result };
    },
  );
  const said = `${name} ${version} is ${changed ? '' : 'already '}${yanked ? 'yanked' : 'not yanked'}`;
  print(
    context,
    {
      text: [said, ...commitLines(result)],
      json: { crate: name, version, yanked, changed, ...commitJson(result) },
    },
    options.json,
  );
}
