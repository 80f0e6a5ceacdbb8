import { openProgress } from '@cargo-tuf/command-line';
import {
  type CheckedEntry,
  type CommitResult,
  type NewFile,
  ONLINE_ROLES,
  publish,
  type PublishedBytes,
  type PublishedState,
  type RoleName,
} from '@cargo-tuf/repository';
import { Command } from 'commander';
import { collect, parseNumber, withKeyOptions } from '../arguments.ts';
import { commitJson, commitLines } from '../commit-report.ts';
import { type Context, print, say } from '../context.ts';
import { archivePath, listArchives, readArchive, type ScannedArchive } from '../crate-folder.ts';
import { fail } from '../errors.ts';
import type { OpenKey } from '../key-folder.ts';
import { readIndexFolder } from '../index-source.ts';
import { KeptMap } from '../kept-map.ts';
import { type PassphraseOptions, resolvePath } from '../passphrase.ts';
import { publishInBatches } from '../publish-batches.ts';
import { type Addition, addArchives, addIndex } from '../publication.ts';
import { publishedEntries } from '../published-entries.ts';
import {
  changeRepository,
  type ChangeOptions,
  type Publisher,
  type RepositoryFolder,
} from '../repository-folder.ts';
import { SeenFiles, type Taking } from '../seen-files.ts';

interface PublishOptions extends PassphraseOptions {
  readonly crates: readonly string[];
  readonly index?: string;
  readonly registry?: string;
  readonly every?: string;
  readonly json?: boolean;
}

export function publishCommand(context: Context): Command {
  return withKeyOptions(new Command('publish'))
    .description('publish crates from .crate archives, or an index that exists already')
    .argument('<dir>', 'the folder of the repository')
    .option('--crates <folder>', 'a folder of .crate archives; can be repeated', collect, [])
    .option('--index <folder>', 'a folder of index entries, to be published as they are')
    .option(
      '--registry <url>',
      'the index URL of this registry: dependencies on crates.io then stay on crates.io',
    )
    .option('--every <seconds>', 'keep running, and publish in batches what has come into the folders since')
    .addHelpText(
      'after',
      `
Examples:
  tuf-admin publish registry --crates target/package
  tuf-admin publish registry --index /srv/index --crates /srv/crates
  tuf-admin publish registry --crates /srv/incoming --every 5

With --crates alone, every archive is scanned and its index line is made from its Cargo.toml. With --index, entries are
taken byte for byte, and of the archives those that an entry names by name, version and checksum.

With --every, files that are as they were published are not read again: rename finished files into the folders. A batch that is
refused is told of once and tried again; what is about to expire is signed again. With --json, one line a batch.
`,
    )
    .action((dir: string, options: PublishOptions) => run(context, dir, options));
}

async function run(context: Context, dir: string, options: PublishOptions): Promise<void> {
  if (options.crates.length === 0 && options.index === undefined) {
    throw fail('ADMIN_USAGE', 'publish: expected --crates FOLDER, --index FOLDER, or both');
  }
  if (options.every === undefined)
    return report(
      context,
      options,
      await publishInput(context, dir, options, await readInput(context, options)),
    );
  const seconds = parseNumber('--every', options.every, 1, 86_400);
  const seen = new SeenFiles();
  const opened = new Map<RoleName, readonly OpenKey[]>();
  const map = new KeptMap();
  await publishInBatches(context, seconds, {
    publish: async isDue => {
      const start = performance.now();
      const taking = seen.begin();
      const input = await readInput(context, options, taking);
      if (!isDue && input.archives.length + (input.index?.size ?? 0) === 0) return undefined;
      const batch = await publishInput(context, dir, { ...options, opened }, input, map);
      taking.published();
      report(context, options, { ...batch, milliseconds: Math.round(performance.now() - start) });
      return batch.renewAt;
    },
    // They may have been rotated meanwhile.
    refused: () => opened.clear(),
  });
}

interface Input {
  readonly archives: readonly ScannedArchive[];
  readonly index: ReadonlyMap<string, Uint8Array> | undefined;
}

/** What is in the folders; with `taking`, what is new to it. */
async function readInput(context: Context, options: PublishOptions, taking?: Taking): Promise<Input> {
  const archives = await readArchives(context, options, taking);
  const folder = options.index && resolvePath(context, options.index);
  return { archives, index: folder === undefined ? undefined : await readIndexFolder(folder, taking) };
}

type AnyAddition = Addition<Uint8Array | CheckedEntry>;

interface Published {
  readonly addition: AnyAddition;
  readonly result: CommitResult;
  /** When half of the shortest period of the online roles is over. */
  readonly renewAt: number;
  readonly milliseconds?: number;
}

function publishInput(
  context: Context,
  dir: string,
  options: ChangeOptions,
  { archives, index }: Input,
  map?: KeptMap,
): Promise<Published> {
  return changeRepository(context, dir, options, async publisher => {
    const state = map?.of(publisher.state) ?? publisher.state;
    const { addition, base } = await compare(context, { ...publisher, state }, archives, index);
    await putArchives(context, publisher.repository, addition.archives);
    const result = await publishEntries(context, publisher, addition.entries, base);
    map?.keep(result, base, archives.length + (index?.size ?? 0));
    const { policy } = publisher.publisher;
    const renewAt = context.clock() + Math.min(...ONLINE_ROLES.map(role => policy[role].period)) / 2;
    return { addition, result, renewAt };
  });
}

function report(
  context: Context,
  options: PublishOptions,
  { addition, result, milliseconds }: Published,
): void {
  for (const file of addition.ignored) say(context, `not published: ${file}: the index does not list it`);
  const { entries, added, unchanged, ignored } = addition;
  const json = { added, crates: [...entries.keys()], unchanged, ignored, ...commitJson(result) };
  if (milliseconds !== undefined && options.json) {
    context.stdout.write(`${JSON.stringify({ ...json, milliseconds })}\n`);
    return;
  }
  const text = [
    `${added.length} versions added in ${entries.size} crates, ${unchanged} unchanged`,
    ...commitLines(result),
  ];
  print(context, { text, json }, options.json);
}

async function readArchives(
  context: Context,
  options: PublishOptions,
  taking: Taking | undefined,
): Promise<readonly ScannedArchive[]> {
  const files: string[] = [];
  for (const folder of options.crates)
    for (const file of await listArchives(resolvePath(context, folder)))
      if (taking?.take(file) !== false) files.push(file);
  const progress = openProgress(context, 'Scanning', files.length);
  const archives: ScannedArchive[] = [];
  try {
    for (const file of files) {
      progress.step(archives.length, file.slice(file.lastIndexOf('/') + 1));
      archives.push(await readArchive(file, options.registry));
    }
  } finally {
    progress.end();
  }
  return archives;
}

async function compare(
  context: Context,
  { repository, state }: Publisher,
  archives: readonly ScannedArchive[],
  index: ReadonlyMap<string, Uint8Array> | undefined,
): Promise<{ readonly addition: AnyAddition; readonly base: PublishedState }> {
  const names = index === undefined ? archives.map(({ line }) => line.name) : index.keys();
  const published = await publishedEntries(repository.bytes, state, names);
  const base = published.state;
  if (index === undefined) return { addition: await addArchives(published, archives), base };
  const progress = openProgress(context, 'Comparing', index.size);
  let done = 0;
  try {
    const addition = await addIndex(published, index, archives, name => progress.step(done++, name));
    return { addition, base };
  } finally {
    progress.end();
  }
}

async function publishEntries(
  context: Context,
  { publisher }: Publisher,
  entries: ReadonlyMap<string, Uint8Array | CheckedEntry>,
  base: PublishedState,
): Promise<CommitResult> {
  const progress = openProgress(context, 'Publishing', entries.size);
  let done = 0;
  const { bytes: written } = publisher;
  const tell = (path: string): void => {
    if (path.startsWith('targets/')) progress.step(done++, path.slice(path.lastIndexOf('.') + 1));
  };
  const bytes: PublishedBytes = {
    ...written,
    putIfAbsent: (path, content) => {
      tell(path);
      return written.putIfAbsent(path, content);
    },
    ...(written.putManyIfAbsent && {
      putManyIfAbsent: async (files: Iterable<NewFile>) =>
        (await written.putManyIfAbsent?.(telling(files, tell))) ?? [],
    }),
  };
  try {
    return await publish({ ...publisher, bytes }, { entries, base });
  } finally {
    progress.end();
  }
}

function* telling(files: Iterable<NewFile>, tell: (path: string) => void): Generator<NewFile> {
  for (const file of files) {
    tell(file.path);
    yield file;
  }
}

/** Archives stand before the index names them. */
async function putArchives(
  context: Context,
  repository: RepositoryFolder,
  archives: readonly ScannedArchive[],
): Promise<void> {
  const progress = openProgress(context, 'Copying', archives.length);
  try {
    for (const [index, { line, bytes }] of archives.entries()) {
      progress.step(index, line.name);
      const path = archivePath(line);
      if ((await repository.bytes.putIfAbsent(path, bytes)) !== 'conflict') continue;
      throw fail(
        'ADMIN_VERSION_EXISTS',
        `public/${path}: other bytes stand there, expected none or sha256 ${line.cksum}`,
        {
          details: { path, expected: line.cksum },
          hint: 'raise the version; if it was never published, remove that file and publish again',
        },
      );
    }
  } finally {
    progress.end();
  }
}
