import { changeIndex, openVerifiedIndex, type VerifiedIndex } from '@cargo-tuf/registry-commits';
import { Command } from 'commander';
import { collect } from '../../arguments.ts';
import { type Context, print } from '../../context.ts';
import { listArchives, readArchive, type ScannedArchive } from '../../crate-folder.ts';
import { fail } from '../../errors.ts';
import { indexEntries } from '../../git/index-entries.ts';
import { changeIndexRepository } from '../../git/index-repository.ts';
import { type SigningOptions, withSigningOptions } from '../../git/options.ts';
import { deletedEntries, entryFiles, readPrepared, writePrepared } from '../../git/prepared.ts';
import { outcomeReport } from '../../git/report.ts';
import { resolvePath } from '../../passphrase.ts';
import { addArchives } from '../../publication.ts';

interface CommitOptions extends SigningOptions {
  readonly crates: readonly string[];
  readonly from: readonly string[];
  readonly entry: readonly string[];
  readonly delete: readonly string[];
  readonly registry?: string;
  readonly message?: string;
  readonly prepare?: string;
}

export function commitCommand(context: Context): Command {
  return withSigningOptions(new Command('commit'))
    .description('commit a change of the index, signed')
    .argument('<dir>', 'the repository')
    .option(
      '--crates <folder>',
      'add the versions of a folder of .crate archives; can be repeated',
      collect,
      [],
    )
    .option(
      '--from <folder>',
      'files as they are to stand in the index: entries, config.json, signatures',
      collect,
      [],
    )
    .option('--entry <file>', 'the whole entry of one crate; can be repeated', collect, [])
    .option('--delete <crate>', 'take the entry of a crate away; can be repeated', collect, [])
    .option(
      '--registry <url>',
      'the index URL of this registry: dependencies on crates.io then stay on crates.io',
    )
    .option('--message <text>', 'the message of the commit')
    .option('--prepare <folder>', 'write the files into a new folder, for owners to sign, and commit nothing')
    .addHelpText(
      'after',
      `
Examples:
  tuf-admin git commit index.git --crates target/package --key bot.pem

  tuf-admin git commit index.git --crates target/package --prepare work
  gpg --armor --detach-sign work/se/rd/serde
  tuf-admin git commit index.git --from work --key bot.pem

Signatures of several owners lie beside the entry as serde.alice.asc and serde.bob.asc; they are joined to serde.asc.
`,
    )
    .action((dir: string, options: CommitOptions) => run(context, dir, options));
}

async function run(context: Context, dir: string, options: CommitOptions): Promise<void> {
  const { crates, from, entry, delete: deleted, prepare } = options;
  if ([crates, from, entry, deleted].every(each => each.length === 0))
    throw fail('ADMIN_USAGE', 'commit: expected --crates, --from, --entry or --delete');
  const archives = await readArchives(context, options);
  const given = new Map([
    ...(await readPrepared(context, from)),
    ...(await entryFiles(context, entry)),
    ...(await deletedEntries(deleted)),
  ]);
  await changeIndexRepository(context, dir, options, [], async ({ operator }) => {
    const index = await openVerifiedIndex(operator);
    const { files, added } = await withArchives(index, archives, given);
    const changed = new Map<string, Uint8Array | null>();
    for (const [path, bytes] of files) if (!(await isThere(index, path, bytes))) changed.set(path, bytes);
    const json = { added, changed: [...changed.keys()] };
    if (changed.size === 0)
      return print(
        context,
        { text: ['Nothing to commit'], json: { ...json, published: false } },
        options.json,
      );
    if (prepare !== undefined) return writePrepared(context, prepare, changed, options.json);
    const message = options.message ?? messageOf(added, [...changed.keys()]);
    const outcome = await changeIndex(operator, { files: changed, message, from: index.tip });
    const report = outcomeReport(`${changed.size} files changed, ${added.length} versions added`, outcome);
    return print(context, { text: report.text, json: { ...json, ...report.json } }, options.json);
  });
}

async function readArchives(context: Context, options: CommitOptions): Promise<readonly ScannedArchive[]> {
  const archives: ScannedArchive[] = [];
  for (const folder of options.crates) {
    for (const file of await listArchives(resolvePath(context, folder)))
      archives.push(await readArchive(file, options.registry));
  }
  return archives;
}

async function withArchives(
  index: VerifiedIndex,
  archives: readonly ScannedArchive[],
  given: ReadonlyMap<string, Uint8Array | null>,
): Promise<{ readonly files: ReadonlyMap<string, Uint8Array | null>; readonly added: readonly string[] }> {
  if (archives.length === 0) return { files: given, added: [] };
  const published = await indexEntries(index, archives);
  const { entries, added } = await addArchives(published.entries, archives);
  const files = new Map(given);
  for (const [name, bytes] of entries) {
    const path = published.path(name);
    if (files.has(path)) throw fail('ADMIN_USAGE', `commit: ${path} both from --crates and as a file`);
    files.set(path, bytes);
  }
  return { files, added };
}

async function isThere(index: VerifiedIndex, path: string, bytes: Uint8Array | null): Promise<boolean> {
  const found = await index.read(path);
  if (bytes === null || found === undefined) return bytes === null && found === undefined;
  return Buffer.compare(found, bytes) === 0;
}

const NAMED = 3;

function messageOf(added: readonly string[], paths: readonly string[]): string {
  const names = added.length > 0 ? added : paths;
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `${added.length > 0 ? 'Publish' : 'Update'} ${names.slice(0, NAMED).join(', ')}${more}`;
}
