import { openProgress, type Progress } from '@cargo-tuf/command-line';
import { DEFAULT_KEEP, LEAST_KEEP, prune, type PruneReport } from '@cargo-tuf/repository';
import { Command } from 'commander';
import { parseNumber } from '../arguments.ts';
import { type Context, print } from '../context.ts';
import { lockRepository } from '../repository-folder.ts';

interface PruneOptions {
  readonly keep: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const DAY = 24 * 60 * 60 * 1000;
const LEAST_DAYS = Math.ceil(LEAST_KEEP / DAY);
const MOST_DAYS = 36_500;
const VERBS = { read: 'Reading', sweep: 'Sweeping' } as const;

export function pruneCommand(context: Context): Command {
  return new Command('prune')
    .description('remove tiles, entries and roles that no client can ask for any more; needs no key')
    .argument('<dir>', 'the folder of the repository')
    .option(
      '--keep <days>',
      `days that a snapshot stays after its expiry, ${LEAST_DAYS} at least`,
      `${DEFAULT_KEEP / DAY}`,
    )
    .option('--dry-run', 'remove nothing, and tell what would be removed')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Example:
  tuf-admin prune registry --keep 14 --dry-run

Roots, archives and audits stay. Cut off anywhere, it is finished by the next run.
`,
    )
    .action((dir: string, options: PruneOptions) => run(context, dir, options));
}

async function run(context: Context, dir: string, options: PruneOptions): Promise<void> {
  const days = parseNumber('--keep', options.keep, LEAST_DAYS, MOST_DAYS);
  const dryRun = options.dryRun === true;
  let phase: keyof typeof VERBS | undefined;
  let progress: Progress | undefined;
  const report = await lockRepository(context, dir, ({ bytes }) =>
    prune(
      { bytes, clock: context.clock },
      {
        keep: days * DAY,
        dryRun,
        onProgress: (next, done, total) => {
          if (next !== phase) {
            progress?.end();
            progress = openProgress(context, VERBS[next], total);
          }
          phase = next;
          progress?.step(done, '');
        },
      },
    ),
  ).finally(() => progress?.end());
  print(context, { text: lines(report, dryRun), json: { dryRun, keepDays: days, ...report } }, options.json);
}

function lines(report: PruneReport, dryRun: boolean): readonly string[] {
  const { retained, retired, tiles, entries, files, bytes } = report;
  return [
    `${retained} snapshots stay, ${retired} ${dryRun ? 'would go' : 'went'}`,
    `${dryRun ? 'would remove' : 'removed'} ${files} files, ${bytes} bytes: ${tiles} tiles, ${entries} entries, ${files - tiles - entries} others`,
  ];
}
