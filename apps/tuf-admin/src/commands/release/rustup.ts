import { escapeText } from '@cargo-tuf/errors';
import { formatRustupRelease, isTriple, RUSTUP_RELEASE, rustupInitPath } from '@cargo-tuf/release-channel';
import { copyPlainFiles, publishTargets } from '@cargo-tuf/repository';
import { Command } from 'commander';
import { collect } from '../../arguments.ts';
import { type Context, print } from '../../context.ts';
import { about, fail } from '../../errors.ts';
import { readExistingFile } from '../../local-file.ts';
import { resolvePath } from '../../passphrase.ts';
import {
  changeReleases,
  type ReleaseKeyOptions,
  withReleaseKeyOptions,
} from '../../releases/releases-folder.ts';
import { resultJson, resultLine } from '../../releases/report.ts';
import { isDraft, withDraftOption, writeDraft } from '../../releases/write-draft.ts';

interface RustupOptions extends ReleaseKeyOptions {
  readonly installer: readonly string[];
  readonly draft?: string;
  readonly json?: boolean;
}

const INSTALLER_BYTES = 64 * 1024 * 1024;

export function rustupCommand(context: Context): Command {
  return withDraftOption(withReleaseKeyOptions(new Command('rustup')))
    .description('publish a version of rustup: its installers, and that it is the newest')
    .argument('<dir>', 'the folder of the repository')
    .argument('<version>', 'as 1.29.0')
    .option('--installer <triple=file>', 'rustup-init of a machine; can be repeated', collect, [])
    .addHelpText(
      'after',
      `
Example:
  tuf-admin release rustup releases 1.29.0 --installer x86_64-unknown-linux-gnu=build/rustup-init

Needs the keys of rustup.
`,
    )
    .action((dir: string, version: string, options: RustupOptions) => run(context, dir, version, options));
}

async function run(context: Context, dir: string, version: string, options: RustupOptions): Promise<void> {
  const newest = await about('version', () => formatRustupRelease(version));
  if (options.installer.length === 0)
    throw fail('ADMIN_USAGE', 'rustup: no installer, expected --installer TRIPLE=FILE');
  const files = new Map<string, Uint8Array>();
  for (const text of options.installer) {
    const at = text.indexOf('=');
    const triple = text.slice(0, Math.max(0, at));
    if (!isTriple(triple))
      throw fail('ADMIN_USAGE', `--installer: "${escapeText(text, 200)}", expected TRIPLE=FILE`);
    const file = resolvePath(context, text.slice(at + 1));
    files.set(rustupInitPath(version, triple), readExistingFile(file, INSTALLER_BYTES));
  }
  files.set(RUSTUP_RELEASE, newest);
  if (isDraft(options))
    return changeReleases(context, dir, { ...options, holders: [] }, publisher =>
      writeDraft(context, publisher, { kind: 'targets', role: 'rustup', files }, options),
    );
  const result = await changeReleases(
    context,
    dir,
    { ...options, holders: ['rustup'] },
    async ({ repository, publisher }) => {
      const published = await publishTargets(publisher, { role: 'rustup', files });
      await copyPlainFiles(repository.bytes, files.keys());
      return published;
    },
  );
  const paths = [...files.keys()];
  print(
    context,
    {
      text: [`rustup ${version} is published: ${paths.join(', ')}`, resultLine(result)],
      json: { version, paths, ...resultJson(result) },
    },
    options.json,
  );
}
