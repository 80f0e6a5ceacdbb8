import { copyPlainFiles, publishTargets } from '@cargo-tuf/repository';
import { Command } from 'commander';
import { type Context, print, say } from '../../context.ts';
import { fail } from '../../errors.ts';
import { resolvePath } from '../../passphrase.ts';
import { type Artifacts, beforeWriting, copyArtifacts, findArtifacts } from '../../releases/artifacts.ts';
import { type ChannelFiles, readChannelFiles } from '../../releases/channel-files.ts';
import { type DraftRequest, isDraft, withDraftOption, writeDraft } from '../../releases/write-draft.ts';
import {
  changeReleases,
  type ReleaseKeyOptions,
  withReleaseKeyOptions,
} from '../../releases/releases-folder.ts';
import { resultJson, resultLine } from '../../releases/report.ts';
import { openForReading } from '../../repository-folder.ts';

interface ChannelOptions extends ReleaseKeyOptions {
  readonly channel?: string;
  readonly artifacts?: string;
  readonly partial?: boolean;
  readonly draft?: string;
  readonly json?: boolean;
}

export function channelCommand(context: Context): Command {
  return withDraftOption(withReleaseKeyOptions(new Command('channel')))
    .description('publish the manifest of a channel, and the archives that it names')
    .argument('<dir>', 'the folder of the repository')
    .argument('<manifest>', 'channel-rust-stable.toml, or that of beta or nightly')
    .option('--channel <name>', 'stable, beta or nightly, where the name of the file does not say it')
    .option(
      '--artifacts <folder>',
      'the archives: each is compared with the manifest and copied to public/dist',
    )
    .option('--partial', 'publish though archives are missing in that folder: they stand elsewhere')
    .addHelpText(
      'after',
      `
Example:
  tuf-admin release channel releases build/channel-rust-stable.toml --artifacts build
  tuf-admin release channel releases build/channel-rust-stable.toml --artifacts build --draft stable.draft

Stable and beta need the keys of release, nightly those of nightly alone; both need snapshot and timestamp. Without --artifacts no
archive is looked at: copy them to public/dist before, since rustup asks for them as soon as the manifest is published.
`,
    )
    .action((dir: string, manifest: string, options: ChannelOptions) => run(context, dir, manifest, options));
}

async function run(context: Context, dir: string, file: string, options: ChannelOptions): Promise<void> {
  const release = await readChannelFiles(resolvePath(context, file), options.channel);
  const artifacts = await readArtifacts(context, dir, release, options);
  const { role, files, channel, manifest } = release;
  if (isDraft(options)) return draft(context, dir, release, artifacts, options);
  const result = await changeReleases(
    context,
    dir,
    { ...options, holders: [role] },
    async ({ repository, publisher }) => {
      // Archives stand before a manifest names them, and after it is known that it will be signed.
      const bytes = beforeWriting(publisher.bytes, async () => {
        if (artifacts !== undefined) await copyArtifacts(context, repository.bytes, artifacts);
      });
      const published = await publishTargets({ ...publisher, bytes }, { role, files });
      await copyPlainFiles(repository.bytes, files.keys());
      return published;
    },
  );
  for (const path of artifacts?.missing ?? [])
    say(context, `not copied: ${path}: not in the folder of artifacts`);
  const copied = artifacts?.found.size ?? 0;
  print(
    context,
    {
      text: [
        `${channel} of ${manifest.date} is published: ${[...files.keys()].join(', ')}`,
        ...(artifacts === undefined
          ? []
          : [`${copied} archives copied, ${artifacts.standing} were there already`]),
        resultLine(result),
      ],
      json: {
        channel,
        date: manifest.date,
        role,
        paths: [...files.keys()],
        ...(artifacts && { archives: { copied, standing: artifacts.standing, missing: artifacts.missing } }),
        ...resultJson(result),
      },
    },
    options.json,
  );
}

/** The archives are copied already: nobody is led to them before the draft is published. */
async function draft(
  context: Context,
  dir: string,
  { role, files }: ChannelFiles,
  artifacts: Artifacts | undefined,
  options: ChannelOptions & DraftRequest,
): Promise<void> {
  if (role === 'nightly')
    throw fail('ADMIN_USAGE', '--draft: nightly is signed by one key online, expected stable or beta');
  await changeReleases(context, dir, { ...options, holders: [] }, async publisher => {
    await writeDraft(context, publisher, { kind: 'targets', role, files }, options);
    if (artifacts !== undefined) await copyArtifacts(context, publisher.repository.bytes, artifacts);
  });
}

async function readArtifacts(
  context: Context,
  dir: string,
  { manifest }: ChannelFiles,
  options: ChannelOptions,
): Promise<Artifacts | undefined> {
  if (options.artifacts === undefined) return undefined;
  const { publicFolder } = await openForReading(context, dir);
  const artifacts = await findArtifacts(
    context,
    publicFolder,
    resolvePath(context, options.artifacts),
    manifest,
  );
  const [first] = artifacts.missing;
  if (first === undefined || options.partial) return artifacts;
  throw fail(
    'ADMIN_FILE',
    `${first}: no file in the folder of artifacts; ${artifacts.missing.length} are missing`,
    {
      details: { missing: artifacts.missing },
      hint: 'put the archives there that the manifest names, or say --partial where they stand elsewhere',
    },
  );
}
