import { formatTime } from '@cargo-tuf/metadata';
import { publish, readState, renewRoot } from '@cargo-tuf/repository';
import { Command } from 'commander';
import { withKeyOptions } from '../arguments.ts';
import { commitJson, commitLines } from '../commit-report.ts';
import { type Context, print } from '../context.ts';
import type { PassphraseOptions } from '../passphrase.ts';
import { changeRepository } from '../repository-folder.ts';

interface RenewOptions extends PassphraseOptions {
  readonly root?: boolean;
  readonly json?: boolean;
}

export function renewCommand(context: Context): Command {
  return withKeyOptions(new Command('renew'))
    .description('sign again with fresh expiry times; run it at least twice a day')
    .argument('<dir>', 'the folder of the repository')
    .option('--root', 'sign root again too; needs the root keys')
    .addHelpText(
      'after',
      `
Example:
  tuf-admin renew registry

Targets and claims are signed again when half of their period is over and their keys are in DIR/keys.
`,
    )
    .action((dir: string, options: RenewOptions) => renew(context, dir, options));
}

async function renew(context: Context, dir: string, options: RenewOptions): Promise<void> {
  const { result, state } = await changeRepository(
    context,
    dir,
    { ...options, roles: options.root ? ['root'] : [] },
    async ({ publisher }) => ({
      result: await (options.root ? renewRoot(publisher) : publish(publisher)),
      state: await readState(publisher.bytes, []),
    }),
  );
  const expires = Object.fromEntries(
    (['root', 'targets', 'claims', 'crates', 'snapshot', 'timestamp'] as const).map(role => [
      role,
      formatTime(state[role].value.expires),
    ]),
  );
  print(
    context,
    {
      text: [
        ...Object.entries(expires).map(([role, time]) => `${role.padEnd(9)}  expires ${time}`),
        ...commitLines(result),
      ],
      json: { expires, ...commitJson(result) },
    },
    options.json,
  );
}
