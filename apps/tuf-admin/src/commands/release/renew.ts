import { formatTime } from '@cargo-tuf/metadata';
import {
  copyPlainFiles,
  holderOf,
  readReleases,
  RELEASE_ROLES,
  type ReleaseRole,
  renewReleases,
} from '@cargo-tuf/repository';
import { Command } from 'commander';
import { collect } from '../../arguments.ts';
import { type Context, print } from '../../context.ts';
import {
  changeReleases,
  type ReleaseKeyOptions,
  withReleaseKeyOptions,
} from '../../releases/releases-folder.ts';
import { resultJson, resultLine } from '../../releases/report.ts';
import { parseRoleName, roleIn } from '../../releases/roles.ts';
import { isDraft, withDraftOption, writeDraft } from '../../releases/write-draft.ts';

interface RenewOptions extends ReleaseKeyOptions {
  readonly role: readonly string[];
  readonly draft?: string;
  readonly json?: boolean;
}

export function renewReleaseCommand(context: Context): Command {
  return withDraftOption(withReleaseKeyOptions(new Command('renew')))
    .description('sign again with fresh expiry times; run it at least twice a day')
    .argument('<dir>', 'the folder of the repository')
    .option('--role <role>', 'a role to sign again whatever its age; can be repeated', collect, [])
    .addHelpText(
      'after',
      `
Example:
  tuf-admin release renew releases
  tuf-admin release renew releases --role root --role targets --role crates-root --key alice.pem --key bob.pem

Snapshot and timestamp are signed each time; the others when half of their period is over and their keys are in DIR/keys. Copies in
public/dist and public/rustup that differ from what is signed are written again.
`,
    )
    .action((dir: string, options: RenewOptions) => run(context, dir, options));
}

async function run(context: Context, dir: string, options: RenewOptions): Promise<void> {
  const asked = options.role.map(parseRoleName);
  if (isDraft(options))
    return changeReleases(context, dir, { ...options, holders: [] }, publisher =>
      writeDraft(context, publisher, { kind: 'renewal', roles: asked }, options),
    );
  const { result, state, copies } = await changeReleases(
    context,
    dir,
    { ...options, holders: asked.map(holderOf) },
    async ({ publisher, repository }) => ({
      result: await renewReleases(publisher, asked),
      copies: await copyPlainFiles(repository.bytes),
      state: await readReleases(repository.bytes),
    }),
  );
  const expires = Object.fromEntries(
    RELEASE_ROLES.map((role: ReleaseRole) => [role, formatTime(roleIn(state, role).value.expires)]),
  );
  print(
    context,
    {
      text: [
        ...Object.entries(expires).map(([role, time]) => `${role.padEnd(11)}  expires ${time}`),
        ...copies.map(path => `copied       ${path}`),
        resultLine(result),
      ],
      json: { expires, copies, ...resultJson(result) },
    },
    options.json,
  );
}
