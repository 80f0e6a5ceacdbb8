import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { commitCommand } from './commit.ts';
import { countersignCommand } from './countersign.ts';
import { delegateCommand } from './delegate.ts';
import { discardCommand } from './discard.ts';
import { initGitCommand } from './init.ts';
import { keyCommand } from './key.ts';
import { pushCommand } from './push.ts';
import { renewGitCommand } from './renew.ts';
import { rotateGitCommand } from './rotate.ts';
import { squashCommand } from './squash.ts';
import { statusCommand } from './status.ts';
import { trustCommand } from './trust.ts';
import { verifyGitCommand } from './verify.ts';
import { yankGitCommand } from './yank.ts';

const COMMANDS: readonly ((context: Context) => Command)[] = [
  keyCommand,
  initGitCommand,
  trustCommand,
  commitCommand,
  yankGitCommand,
  renewGitCommand,
  rotateGitCommand,
  delegateCommand,
  countersignCommand,
  discardCommand,
  squashCommand,
  verifyGitCommand,
  statusCommand,
  pushCommand,
];

export function gitCommand(context: Context): Command {
  const git = new Command('git')
    .description('sign an index that is a git repository, with OpenPGP keys')
    .addHelpText(
      'after',
      `
Example:
  tuf-admin git key bot.pem --user-id 'Index <index@example.org>' --passphrase-file passphrase
  tuf-admin git init index.git --root root.asc --timestamp bot.asc --key bot.pem --dl https://crates.example.org/crates
  tuf-admin git commit index.git --crates target/package --key bot.pem
  tuf-admin git status index.git --json
`,
    );
  for (const factory of COMMANDS) git.addCommand(factory(context));
  return git;
}
