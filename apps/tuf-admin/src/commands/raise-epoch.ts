import { raiseEpoch, readState } from '@cargo-tuf/repository';
import { Command } from 'commander';
import { withKeyOptions } from '../arguments.ts';
import { commitJson, commitLines } from '../commit-report.ts';
import { type Context, print } from '../context.ts';
import type { PassphraseOptions } from '../passphrase.ts';
import { changeRepository } from '../repository-folder.ts';

interface RaiseEpochOptions extends PassphraseOptions {
  readonly json?: boolean;
}

export function raiseEpochCommand(context: Context): Command {
  return withKeyOptions(new Command('raise-epoch'))
    .description('recover after a thief of the online keys signed too high versions; needs the root keys')
    .argument('<dir>', 'the folder of the repository')
    .addHelpText(
      'after',
      `
Example:
  tuf-admin raise-epoch registry

Rotate crates, snapshot and timestamp first, so that the stolen keys sign nothing more.
`,
    )
    .action((dir: string, options: RaiseEpochOptions) => run(context, dir, options));
}

async function run(context: Context, dir: string, options: RaiseEpochOptions): Promise<void> {
  const { result, epoch } = await changeRepository(
    context,
    dir,
    { ...options, roles: ['root'] },
    async ({ publisher }) => {
      const done = await raiseEpoch(publisher);
      const { index } = (await readState(publisher.bytes, [])).root.value;
      return { result: done, epoch: index?.kind === 'map' ? index.epoch : 0 };
    },
  );
  print(
    context,
    { text: [`epoch ${epoch}`, ...commitLines(result)], json: { epoch, ...commitJson(result) } },
    options.json,
  );
}
