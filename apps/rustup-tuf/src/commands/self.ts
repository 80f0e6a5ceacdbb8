import { delimiter, dirname } from 'node:path';
import { printJson } from '@cargo-tuf/command-line';
import { Command } from 'commander';
import { type Context, say } from '../context.ts';
import { withReleases } from '../releases.ts';
import { updateRustup } from '../rustup-program.ts';

export function selfCommand(context: Context): Command {
  const self = new Command('self').description('verify and update the rustup of this machine');
  self
    .command('update')
    .description('install the newest signed rustup in $CARGO_HOME/bin; rustup-tuf itself is updated with npm')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Where there is no rustup yet, it is installed, with cargo, rustc and the others as links to it.

Example:
  rustup-tuf self update
`,
    )
    .action(async (options: { json?: boolean }) => {
      const update = await withReleases(context, updateRustup);
      if (options.json) return printJson(context, update);
      const { file, before, version, status } = update;
      if (status === 'unchanged') say(context, `rustup ${version} is up to date, and as signed: ${file}`);
      else if (before === undefined) {
        const onPath = (context.environment['PATH'] ?? '').split(delimiter).includes(dirname(file));
        say(
          context,
          `rustup ${version} is installed: ${file}${onPath ? '' : '; put its folder on the path'}`,
        );
      } else say(context, `rustup ${version} is installed, in place of ${before}: ${file}`);
    });
  return self;
}
