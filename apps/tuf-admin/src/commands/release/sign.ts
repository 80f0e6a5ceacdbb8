import { rename } from 'node:fs/promises';
import { draftHash, readReleases, signDraft } from '@cargo-tuf/repository';
import { Command } from 'commander';
import { collect, withKeyOptions } from '../../arguments.ts';
import { type Context, print } from '../../context.ts';
import { fail } from '../../errors.ts';
import { openKeyFile } from '../../key-folder.ts';
import { writeNewFile } from '../../local-file.ts';
import { type PassphraseOptions, readPassphrase, resolvePath } from '../../passphrase.ts';
import { formatDraftFile, readDraftFile } from '../../releases/draft-file.ts';
import { describeDraft, draftProgress } from '../../releases/draft-words.ts';
import { openForReading } from '../../repository-folder.ts';

interface SignOptions extends PassphraseOptions {
  readonly key: readonly string[];
  readonly hash?: string;
  readonly published?: string;
  readonly json?: boolean;
}

export function signCommand(context: Context): Command {
  return withKeyOptions(new Command('sign'))
    .description('show what a draft would publish, and sign it')
    .argument('<draft>', 'the file that --draft made')
    .option('--published <dir>', 'a folder of the repository: what differs from it is shown, and no more')
    .option('--key <file>', 'a private key of a role of the draft; can be repeated', collect, [])
    .option('--hash <sha256>', 'the hash that was shown; needed to sign')
    .addHelpText(
      'after',
      `
Example:
  tuf-admin release sign stable.draft --published releases
  tuf-admin release sign stable.draft --key alice.pem --hash 4f1c…

The first shows what is in the draft, and its hash; the second adds a signature to the file. Compare what is shown with what you
expect, such as the sha256 of a manifest that you built yourself.
`,
    )
    .action((file: string, options: SignOptions) => run(context, file, options));
}

async function run(context: Context, file: string, options: SignOptions): Promise<void> {
  const path = resolvePath(context, file);
  const read = await readDraftFile(path);
  const published =
    options.published === undefined
      ? undefined
      : await readReleases((await openForReading(context, options.published)).bytes);
  const hash = draftHash(read.draft);
  let { draft } = read;
  if (options.key.length > 0) {
    assertShown(hash, options.hash);
    const passphrase = await readPassphrase(context, options);
    for (const key of options.key)
      draft = await signDraft(draft, await openKeyFile(resolvePath(context, key), passphrase));
    await replaceFile(path, formatDraftFile({ ...read, draft }));
  }
  const progress = draftProgress(draft);
  print(
    context,
    {
      text: [
        ...describeDraft(draft, published),
        options.key.length > 0
          ? `signed with ${options.key.length} keys`
          : `sign it with --key FILE --hash ${hash}`,
      ],
      json: { hash, signed: options.key.length, roles: progress },
    },
    options.json,
  );
}

/** Who signs has seen what is signed. */
function assertShown(hash: string, shown: string | undefined): void {
  if (shown === hash) return;
  throw fail(
    'ADMIN_USAGE',
    `--hash: ${shown === undefined ? 'not given' : 'another one'}, expected that of this draft`,
    {
      hint: 'look at the draft first: `tuf-admin release sign DRAFT` shows what is in it, and its hash',
    },
  );
}

async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.temporary`;
  await writeNewFile(temporary, bytes, 0o644);
  await rename(temporary, path);
}
