import { discardProposals } from '@cargo-tuf/registry-commits';
import { Command } from 'commander';
import { type Context, print } from '../../context.ts';
import { readIndex } from '../../git/index-repository.ts';
import { type IndexOptions, withIndexOptions } from '../../git/options.ts';

export function discardCommand(context: Context): Command {
  return withIndexOptions(new Command('discard'))
    .description('forget what waits for signatures')
    .argument('<dir>', 'the repository')
    .addHelpText('after', '\nExample:\n  tuf-admin git discard index\n')
    .action((dir: string, options: IndexOptions) => run(context, dir, options));
}

async function run(context: Context, dir: string, options: IndexOptions): Promise<void> {
  const { tip, rotation, rotationTag } = await readIndex(context, dir, options, ({ operator }) =>
    discardProposals(operator),
  );
  const found = [tip, rotation, rotationTag].filter(each => each !== undefined);
  print(
    context,
    {
      text: found.length === 0 ? ['Nothing waits for signatures'] : found.map(id => `discarded  ${id}`),
      json: { discarded: found },
    },
    options.json,
  );
}
