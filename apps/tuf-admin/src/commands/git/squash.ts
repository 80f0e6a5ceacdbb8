import { squashHistory } from '@cargo-tuf/registry-commits';
import { Command } from 'commander';
import { type Context, print } from '../../context.ts';
import { changeIndexRepository } from '../../git/index-repository.ts';
import { type SigningOptions, withSigningOptions } from '../../git/options.ts';
import { outcomeReport } from '../../git/report.ts';

interface SquashOptions extends SigningOptions {
  readonly keep?: string;
}

export function squashCommand(context: Context): Command {
  return withSigningOptions(new Command('squash'))
    .description('replace the history by one commit of the same files; clients follow')
    .argument('<dir>', 'the repository')
    .option('--keep <branch>', 'a new branch that keeps the history: snapshot-2026-11-28')
    .addHelpText(
      'after',
      `
Example:
  tuf-admin git squash index.git --keep snapshot-2026-11-28 --key bot.pem

Rotation tags stay; they are what clients follow to newer keys.
`,
    )
    .action((dir: string, options: SquashOptions) => run(context, dir, options));
}

async function run(context: Context, dir: string, options: SquashOptions): Promise<void> {
  const keep = options.keep === undefined ? {} : { keep: `refs/heads/${options.keep}` };
  const outcome = await changeIndexRepository(context, dir, options, [], ({ operator }) =>
    squashHistory(operator, keep),
  );
  print(context, outcomeReport('Squashed', outcome), options.json);
}
