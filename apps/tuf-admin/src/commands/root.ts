import { escapeText } from '@cargo-tuf/errors';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { formatTime } from '@cargo-tuf/metadata';
import { readState } from '@cargo-tuf/repository';
import { Command } from 'commander';
import { type Context, print } from '../context.ts';
import { writeNewFile } from '../local-file.ts';
import { resolvePath } from '../passphrase.ts';
import { openForReading } from '../repository-folder.ts';

interface RootOptions {
  readonly export?: string;
  readonly json?: boolean;
}

export function rootCommand(context: Context): Command {
  return new Command('root')
    .description('print the newest root.json and its fingerprint, which users compare before they trust it')
    .argument('<dir>', 'the folder of the repository')
    .option('--export <file>', 'write a copy of it, to hand out; the file must not exist')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  tuf-admin root registry --export root.json\n')
    .action((dir: string, options: RootOptions) => run(context, dir, options));
}

async function run(context: Context, dir: string, options: RootOptions): Promise<void> {
  const { bytes, publicFolder } = await openForReading(context, dir);
  const { root, repository } = await readState(bytes, []);
  const { version, expires } = root.value;
  const path = `${publicFolder}/metadata/${version}.root.json`;
  const fingerprint = encodeHex(sha256(root.bytes));
  const exported = options.export === undefined ? undefined : resolvePath(context, options.export);
  if (exported !== undefined) await writeNewFile(exported, root.bytes, 0o644);
  print(
    context,
    {
      text: [
        `root         ${escapeText(path, 1000)}`,
        `fingerprint  ${fingerprint}`,
        `version      ${version}`,
        `expires      ${formatTime(expires)}`,
        `repository   ${repository}`,
        ...(exported === undefined ? [] : [`exported     ${escapeText(exported, 1000)}`]),
      ],
      json: {
        root: path,
        fingerprint,
        version,
        expires: formatTime(expires),
        repository,
        ...(exported !== undefined && { exported }),
      },
    },
    options.json,
  );
}
