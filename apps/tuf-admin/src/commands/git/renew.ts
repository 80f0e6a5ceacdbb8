import { formatTime } from '@cargo-tuf/metadata';
import { openVerifiedIndex, renewTimestamp } from '@cargo-tuf/registry-commits';
import { Command } from 'commander';
import { type Context, print } from '../../context.ts';
import { changeIndexRepository, readIndex } from '../../git/index-repository.ts';
import { parseDuration, type SigningOptions, withSigningOptions } from '../../git/options.ts';
import { outcomeReport } from '../../git/report.ts';

interface RenewOptions extends SigningOptions {
  readonly ifWithin?: string;
}

export function renewGitCommand(context: Context): Command {
  return withSigningOptions(new Command('renew'))
    .description('commit nothing but a later end of timestamp.toml')
    .argument('<dir>', 'the repository')
    .option('--if-within <time>', 'only when it ends within this time: 3d')
    .addHelpText(
      'after',
      `
Example:
  tuf-admin git renew index.git --if-within 3d --key bot.pem

Run it from cron, more often than the time given. It changes nothing while there is time left.
`,
    )
    .action((dir: string, options: RenewOptions) => run(context, dir, options));
}

async function run(context: Context, dir: string, options: RenewOptions): Promise<void> {
  if (options.ifWithin !== undefined) {
    const within = parseDuration('--if-within', options.ifWithin);
    const { expires, now } = await readIndex(context, dir, options, async ({ operator }) => ({
      expires: (await openVerifiedIndex(operator)).expires,
      now: operator.now,
    }));
    if (expires - now > within) {
      const text = [`Not renewed: timestamp.toml expires ${formatTime(expires)}`];
      print(
        context,
        { text, json: { published: false, renewed: false, expires: formatTime(expires) } },
        options.json,
      );
      return;
    }
  }
  const outcome = await changeIndexRepository(context, dir, options, [], ({ operator }) =>
    renewTimestamp(operator),
  );
  const { text, json } = outcomeReport('Renewed', outcome);
  print(context, { text, json: { ...json, renewed: outcome.kind === 'published' } }, options.json);
}
