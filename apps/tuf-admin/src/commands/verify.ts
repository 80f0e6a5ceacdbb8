import { openProgress, type Progress } from '@cargo-tuf/command-line';
import { openClient, openMemoryStore, type Source } from '@cargo-tuf/client';
import { openFolderSource } from '@cargo-tuf/http-transport';
import { formatTime } from '@cargo-tuf/metadata';
import { Command } from 'commander';
import { type Context, print } from '../context.ts';
import { fail } from '../errors.ts';
import { isFolder } from '../local-file.ts';
import { openForReading } from '../repository-folder.ts';
import { verifyPublished } from '../verify-published.ts';
import { verifySpares } from '../verify-spares.ts';

interface VerifyOptions {
  readonly json?: boolean;
}

export function verifyCommand(context: Context): Command {
  return new Command('verify')
    .description(
      'read everything that is published as a client with no memory does, every entry and every archive',
    )
    .argument('<dir>', 'the folder of the repository')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Example:
  tuf-admin verify registry

Where public/crates exists, every version's archive must be in it. The exit code is 4 when anything differs.
`,
    )
    .action((dir: string, options: VerifyOptions) => run(context, dir, options));
}

async function run(context: Context, dir: string, options: VerifyOptions): Promise<void> {
  const { bytes, publicFolder } = await openForReading(context, dir);
  const root = await bytes.get('metadata/1.root.json');
  if (root === null) throw fail('ADMIN_NO_REPOSITORY', 'metadata/1.root.json: no file');
  const folder = openFolderSource(publicFolder);
  // The roles themselves are read; the bundle of them is compared with them.
  const source: Source = {
    fetch: async (path, { maxLength }) =>
      path.endsWith('.bundle') ? null : folder.fetch(path, { maxLength }),
  };
  const client = openClient({ root: root.bytes, source, store: openMemoryStore(), clock: context.clock });
  const snapshot = await client.sync();
  await snapshot.fetchTarget('config.json');
  let progress: Progress | undefined;
  const report = await verifyPublished(snapshot, bytes, {
    archives: isFolder(`${publicFolder}/crates`),
    onProgress: (done, total, name) => {
      progress ??= openProgress(context, 'Verifying', total);
      progress.step(done, name);
    },
  }).finally(() => progress?.end());
  const { crates, versions, archives, deleted } = report;
  const differences = [...report.differences, ...(await verifySpares(snapshot, bytes))];
  const expires = formatTime(snapshot.expires);
  const text = [
    `${crates} crates, ${versions} versions, ${archives} archives${deleted > 0 ? `, ${deleted} deleted` : ''}`,
    `expires ${expires}`,
  ];
  if (differences.length === 0 || options.json) {
    print(
      context,
      {
        text: [...text, 'everything is as signed'],
        json: { ok: differences.length === 0, ...report, differences, expires },
      },
      options.json,
    );
  }
  if (differences.length === 0) return;
  for (const { subject, message } of differences)
    context.stderr.write(`tuf-admin: differs: ${subject}: ${message}\n`);
  throw fail(
    'ADMIN_DIFFERS',
    `verify: ${differences.length} differences in ${crates} crates and their archives`,
    {
      details: { differences: differences.map(each => each.subject) },
    },
  );
}
