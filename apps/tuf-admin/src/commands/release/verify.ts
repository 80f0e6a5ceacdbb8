import { openProgress, type Progress } from '@cargo-tuf/command-line';
import { openClient, openMemoryStore } from '@cargo-tuf/client';
import { openFolderSource } from '@cargo-tuf/http-transport';
import { formatTime } from '@cargo-tuf/metadata';
import { Command } from 'commander';
import { type Context, print } from '../../context.ts';
import { fail } from '../../errors.ts';
import { verifyReleases } from '../../releases/verify-releases.ts';
import { openForReading } from '../../repository-folder.ts';

interface VerifyOptions {
  readonly json?: boolean;
}

export function verifyReleaseCommand(context: Context): Command {
  return new Command('verify')
    .description(
      'read all that is published as a client with no memory does, with every copy and every archive',
    )
    .argument('<dir>', 'the folder of the repository')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Example:
  tuf-admin release verify releases

Archives that manifests name and that are not in public/dist are counted: they can stand elsewhere. The exit code is 4 when anything
differs.
`,
    )
    .action((dir: string, options: VerifyOptions) => run(context, dir, options));
}

async function run(context: Context, dir: string, options: VerifyOptions): Promise<void> {
  const { bytes, publicFolder } = await openForReading(context, dir);
  const root = await bytes.get('metadata/1.root.json');
  if (root === null) throw fail('ADMIN_NO_REPOSITORY', 'metadata/1.root.json: no file');
  const source = openFolderSource(publicFolder);
  const client = openClient({ root: root.bytes, source, store: openMemoryStore(), clock: context.clock });
  const snapshot = await client.sync();
  let progress: Progress | undefined;
  const report = await verifyReleases(snapshot, bytes, publicFolder, (done, total, name) => {
    progress ??= openProgress(context, 'Verifying', total);
    progress.step(done, name);
  }).finally(() => progress?.end());
  const { targets, copies, archives, absent, differences } = report;
  const expires = formatTime(snapshot.expires);
  if (differences.length === 0 || options.json) {
    print(
      context,
      {
        text: [
          `${targets} targets, ${copies} copies, ${archives} archives${absent > 0 ? `, ${absent} archives are not here` : ''}`,
          `expires ${expires}`,
          'everything is as signed',
        ],
        json: { ok: differences.length === 0, ...report, expires },
      },
      options.json,
    );
  }
  if (differences.length === 0) return;
  for (const { subject, message } of differences)
    context.stderr.write(`tuf-admin: differs: ${subject}: ${message}\n`);
  throw fail(
    'ADMIN_DIFFERS',
    `verify: ${differences.length} differences in ${targets} targets, their copies and archives`,
    {
      details: { differences: differences.map(each => each.subject) },
    },
  );
}
