import {
  copyPlainFiles,
  type Draft,
  mergeDrafts,
  publishCratesRoot,
  publishTargets,
  type ReleaseChange,
  type ReleaseHolder,
  type ReleasesResult,
  renewReleases,
  rotateReleases,
} from '@cargo-tuf/repository';
import { Command } from 'commander';
import { type Context, print } from '../../context.ts';
import { retireKeys } from '../../key-folder.ts';
import { resolvePath } from '../../passphrase.ts';
import { type DraftFile, readDraftFile } from '../../releases/draft-file.ts';
import {
  changeReleases,
  type ReleaseKeyOptions,
  type ReleasesPublisher,
  withReleaseKeyOptions,
} from '../../releases/releases-folder.ts';
import { resultJson, resultLine } from '../../releases/report.ts';

interface PublishOptions extends ReleaseKeyOptions {
  readonly json?: boolean;
}

export function publishReleaseCommand(context: Context): Command {
  return withReleaseKeyOptions(new Command('publish'))
    .description('publish a draft that enough keys have signed')
    .argument('<dir>', 'the folder of the repository')
    .argument('<drafts...>', 'the draft; of one that was signed apart, all its copies')
    .addHelpText(
      'after',
      `
Example:
  tuf-admin release publish releases stable.draft
  tuf-admin release publish releases alice/stable.draft bob/stable.draft carol/stable.draft

Needs the keys of snapshot and timestamp, and of nightly where the draft is of its rotation.
`,
    )
    .action((dir: string, drafts: readonly string[], options: PublishOptions) =>
      run(context, dir, drafts, options),
    );
}

async function run(
  context: Context,
  dir: string,
  files: readonly string[],
  options: PublishOptions,
): Promise<void> {
  const copies: DraftFile[] = [];
  for (const file of files) copies.push(await readDraftFile(resolvePath(context, file)));
  const [first, ...others] = copies as [DraftFile, ...DraftFile[]];
  const draft = mergeDrafts(
    first.draft,
    others.map(each => each.draft),
  );
  const { change } = first;
  const online: readonly ReleaseHolder[] = change.kind === 'rotation' ? [change.role] : [];
  const result = await changeReleases(context, dir, { ...options, holders: online }, publisher =>
    publish(publisher, change, draft),
  );
  print(
    context,
    {
      text: [`published: ${wordsOf(change)}`, resultLine(result)],
      json: {
        kind: change.kind,
        ...('role' in change && { role: change.role }),
        ...(change.kind === 'targets' && { paths: [...change.files.keys()] }),
        ...resultJson(result),
      },
    },
    options.json,
  );
}

function wordsOf(change: ReleaseChange): string {
  switch (change.kind) {
    case 'targets':
      return [...change.files.keys()].join(', ');
    case 'rotation':
      return `other keys of ${change.role}`;
    case 'renewal':
      return `${change.roles.join(', ')}, signed again`;
    case 'crates-root':
      return `${change.roots.length} roots of the registry`;
  }
}

async function publish(
  { publisher, repository, keys }: ReleasesPublisher,
  change: ReleaseChange,
  draft: Draft,
): Promise<ReleasesResult> {
  const context = { ...publisher, draft };
  if (change.kind === 'targets') {
    const result = await publishTargets(context, change);
    await copyPlainFiles(repository.bytes, change.files.keys());
    return result;
  }
  if (change.kind === 'renewal') return renewReleases(context, change.roles);
  if (change.kind === 'crates-root') return publishCratesRoot(context, change.roots, change);
  const result = await rotateReleases(context, change);
  const staying = new Set(change.publicKeys.map(key => key.identity));
  const retired = (keys.get(change.role) ?? []).filter(key => !staying.has(key.signer.publicKey.identity));
  await retireKeys(
    repository.keysFolder,
    retired.map(key => key.file),
  );
  return result;
}
