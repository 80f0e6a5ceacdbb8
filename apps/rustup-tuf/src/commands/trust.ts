import { groupDigits, print, printJson } from '@cargo-tuf/command-line';
import { readAnchor, removeAnchor, RUST_RELEASES } from '@cargo-tuf/cargo-tuf-lib';
import { Command } from 'commander';
import { type Context, say } from '../context.ts';
import { type AddOptions, addTrust } from './trust-add.ts';

export function trustCommand(context: Context): Command {
  const trust = new Command('trust').description('choose the root that signed releases are trusted by');
  trust
    .command('add')
    .description('trust the releases by their root.json')
    .requiredOption('--root <file>', 'the root.json that you got and checked')
    .requiredOption(
      '--mirror <url>',
      'where the files come from; can be repeated, in order of preference',
      (value: string, values: readonly string[] | undefined) => [...(values ?? []), value],
    )
    .option('--fingerprint <sha256>', 'the fingerprint that the root must have; replaces the question')
    .addHelpText(
      'after',
      `
The fingerprint is the SHA-256 of the exact bytes of the root. Compare it with one that you got another way: from the
project's site, a colleague, a printed page. Without --fingerprint, the question is asked at the terminal. The anchor is the one
that \`cargo tuf trust add rust-releases\` makes.

Example:
  rustup-tuf trust add --root root.json --mirror https://releases.example/
`,
    )
    .action(async (options: AddOptions) => addTrust(context, options));
  trust
    .command('list')
    .description('show what the releases are trusted by')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  rustup-tuf trust list --json\n')
    .action(async (options: { json?: boolean }) => {
      const anchor = await readAnchor(context.home, RUST_RELEASES);
      const shown = anchor && { fingerprint: anchor.fingerprint, mirrors: anchor.mirrors };
      if (options.json) return printJson(context, shown ?? null);
      if (shown === undefined) return say(context, 'the releases are not trusted yet');
      print(context, `fingerprint ${groupDigits(shown.fingerprint)}`);
      print(context, `mirrors     ${shown.mirrors.join(' ')}`);
    });
  trust
    .command('remove')
    .description('forget the root; what was seen of the releases stays')
    .addHelpText('after', '\nExample:\n  rustup-tuf trust remove\n')
    .action(async () => {
      await removeAnchor(context.home, RUST_RELEASES);
      say(context, 'the releases are not trusted any more');
    });
  return trust;
}
