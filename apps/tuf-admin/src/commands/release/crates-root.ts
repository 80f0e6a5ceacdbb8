import { cratesRootPath, publishCratesRoot } from '@cargo-tuf/repository';
import { Command } from 'commander';
import { collect } from '../../arguments.ts';
import { type Context, print } from '../../context.ts';
import { fail } from '../../errors.ts';
import { isFolder, readExistingFile, readLocalFile } from '../../local-file.ts';
import { resolvePath } from '../../passphrase.ts';
import {
  changeReleases,
  type ReleaseKeyOptions,
  withReleaseKeyOptions,
} from '../../releases/releases-folder.ts';
import { resultJson, resultLine } from '../../releases/report.ts';
import { isDraft, withDraftOption, writeDraft } from '../../releases/write-draft.ts';

interface CratesRootOptions extends ReleaseKeyOptions {
  readonly registry: readonly string[];
  readonly reanchor?: boolean;
  readonly draft?: string;
  readonly json?: boolean;
}

const ROOT_BYTES = 512_000;

export function cratesRootCommand(context: Context): Command {
  return withDraftOption(withReleaseKeyOptions(new Command('crates-root')))
    .description('list every root of a crate registry, so that clients take no other')
    .argument('<dir>', 'the folder of the repository')
    .option(
      '--registry <path>',
      'the folder of the registry, what it serves, or its N.root.json files from 1 on; can be repeated',
      collect,
      [],
    )
    .option(
      '--reanchor',
      'list a root that the one before it did not sign: the keys of the registry are lost',
    )
    .addHelpText(
      'after',
      `
Example:
  tuf-admin release crates-root releases --registry registry

Needs the root keys. Run it after every rotation of the registry's root: clients want to end at the highest root that is listed.
`,
    )
    .action((dir: string, options: CratesRootOptions) => run(context, dir, options));
}

async function run(context: Context, dir: string, options: CratesRootOptions): Promise<void> {
  const roots: Uint8Array[] = [];
  for (const path of options.registry) roots.push(...(await readRoots(resolvePath(context, path))));
  if (roots.length === 0)
    throw fail('ADMIN_USAGE', 'crates-root: no root, expected --registry PATH with 1.root.json');
  const reanchor = options.reanchor ?? false;
  if (isDraft(options))
    return changeReleases(context, dir, { ...options, holders: [] }, publisher =>
      writeDraft(context, publisher, { kind: 'crates-root', roots, reanchor }, options),
    );
  const result = await changeReleases(context, dir, { ...options, holders: ['root'] }, ({ publisher }) =>
    publishCratesRoot(publisher, roots, { reanchor }),
  );
  const highest = cratesRootPath(roots.length);
  print(
    context,
    {
      text: [`${roots.length} roots are listed, the highest is ${highest}`, resultLine(result)],
      json: { roots: roots.length, highest, ...resultJson(result) },
    },
    options.json,
  );
}

async function readRoots(path: string): Promise<readonly Uint8Array[]> {
  if (!(await isFolderAt(path))) return [readExistingFile(path, ROOT_BYTES)];
  const folder = isFolder(`${path}/public`) ? `${path}/public/metadata` : `${path}/metadata`;
  const roots: Uint8Array[] = [];
  for (;;) {
    const root = readLocalFile(`${folder}/${roots.length + 1}.root.json`, ROOT_BYTES);
    if (root === null) return roots;
    roots.push(root);
  }
}

/** A file is no folder, and no error. */
async function isFolderAt(path: string): Promise<boolean> {
  return readLocalFile(path, ROOT_BYTES) === null && isFolder(path);
}
