import { parseCrateName } from '@cargo-tuf/crate-index';
import { publish } from '@cargo-tuf/repository';
import { Command } from 'commander';
import { withKeyOptions } from '../arguments.ts';
import { commitJson, commitLines } from '../commit-report.ts';
import { type Context, print } from '../context.ts';
import { about } from '../errors.ts';
import type { PassphraseOptions } from '../passphrase.ts';
import { changeRepository } from '../repository-folder.ts';

interface DeleteOptions extends PassphraseOptions {
  readonly json?: boolean;
}

export function deleteCommand(context: Context): Command {
  return withKeyOptions(new Command('delete'))
    .description('delete a crate from the index; its name stays in the map as a tombstone')
    .argument('<dir>', 'the folder of the repository')
    .argument('<crate>', 'the crate')
    .addHelpText(
      'after',
      '\nExample:\n  tuf-admin delete registry itoa\n\nIts archives stay in public/crates until you remove them.\n',
    )
    .action((dir: string, crate: string, options: DeleteOptions) => remove(context, dir, crate, options));
}

async function remove(context: Context, dir: string, crate: string, options: DeleteOptions): Promise<void> {
  const name = (await about('argument', () => parseCrateName(crate))).toLowerCase();
  const result = await changeRepository(context, dir, options, ({ publisher }) =>
    publish(publisher, { deleted: [name] }),
  );
  print(
    context,
    {
      text: [`${name} is deleted from the index`, ...commitLines(result)],
      json: { crate: name, ...commitJson(result) },
    },
    options.json,
  );
}
