import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { channelCommand } from './channel.ts';
import { cratesRootCommand } from './crates-root.ts';
import { initReleaseCommand } from './init.ts';
import { releaseKeyCommand } from './key.ts';
import { publishReleaseCommand } from './publish.ts';
import { renewReleaseCommand } from './renew.ts';
import { rotateReleaseCommand } from './rotate.ts';
import { rustupCommand } from './rustup.ts';
import { signCommand } from './sign.ts';
import { statusReleaseCommand } from './status.ts';
import { verifyReleaseCommand } from './verify.ts';

const COMMANDS: readonly ((context: Context) => Command)[] = [
  initReleaseCommand,
  channelCommand,
  rustupCommand,
  cratesRootCommand,
  renewReleaseCommand,
  rotateReleaseCommand,
  signCommand,
  publishReleaseCommand,
  releaseKeyCommand,
  verifyReleaseCommand,
  statusReleaseCommand,
];

export function releaseCommand(context: Context): Command {
  const release = new Command('release')
    .description('sign Rust releases: channels, rustup, and the roots of a crate registry')
    .addHelpText(
      'after',
      `
Example:
  tuf-admin release init releases --passphrase-file passphrase
  tuf-admin release channel releases build/channel-rust-stable.toml --artifacts build
  tuf-admin release rustup releases 1.29.0 --installer x86_64-unknown-linux-gnu=build/rustup-init
  tuf-admin release status releases
`,
    );
  for (const factory of COMMANDS) release.addCommand(factory(context));
  return release;
}
