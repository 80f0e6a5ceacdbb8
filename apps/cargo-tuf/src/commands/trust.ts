import { groupDigits, print, printJson } from '@cargo-tuf/command-line';
import {
  ANCHOR_LIMITS,
  formatRegistryId,
  listAnchors,
  parseRegistryId,
  readAnchor,
  removeAnchor,
  RUST_RELEASES,
} from '@cargo-tuf/cargo-tuf-lib';
import { Command } from 'commander';
import { rulesOf } from '../anchor-lines.ts';
import { type Context, say } from '../context.ts';
import { type AddOptions, addTrust } from './trust-add.ts';
import { reanchor } from './trust-listed.ts';

export function trustCommand(context: Context): Command {
  const trust = new Command('trust').description(
    'choose which registries, and releases of Rust, are trusted, and by which root',
  );
  trust
    .command('add')
    .description('trust a registry by its root.json, or a signed git index by its root.toml')
    .argument(
      '<registry>',
      'crates-io, rust-releases, or the URL as in Cargo.lock: sparse+https://host/path/',
    )
    .option('--root <file>', 'the root.json that you got and checked; of a git index, the root.toml')
    .option(
      '--mirror <url>',
      'where its files come from; can be repeated, in order of preference',
      collect,
      [],
    )
    .option(
      '--git <url>',
      'instead of --mirror: a git repository whose commits are signed; can be repeated',
      collect,
      [],
    )
    .option('--listed', 'instead of --root: by the root that the signed releases list (rust-releases)')
    .option('--fingerprint <sha256>', 'the fingerprint that the root must have; replaces the question')
    .option('--limit <name=value>', 'a limit of this registry; can be repeated', collect, [])
    .option('--format <format>', 'the format of its metadata: json or dsse', 'json')
    .option(
      '--allow <name>',
      'read what is refused elsewhere: rsa-pkcs1v15-sha256, fractional-seconds',
      collect,
      [],
    )
    .addHelpText(
      'after',
      `
The fingerprint is the SHA-256 of the exact bytes of the root. Compare it with one that you got another way: from the
registry's site, a colleague, a printed page. Without --fingerprint, the question is asked at the terminal.

With --git the index is fetched and verified before the question, by the root.toml of its tip unless --root gives one.

Examples:
  cargo tuf trust add crates-io --root root.json --mirror https://mirror.example/
  cargo tuf trust add rust-releases --root root.json --mirror https://releases.example/
  cargo tuf trust add crates-io --listed --mirror https://mirror.example/
  cargo tuf trust add registry+https://crates.example/index.git --git https://crates.example/index.git

Limits, with their defaults; git. and index. are those of a signed git index:
${[...ANCHOR_LIMITS].map(([name, value]) => `  ${name}=${value}\n`).join('')}`,
    )
    .action(async (registry: string, options: AddOptions) => addTrust(context, registry, options));
  trust
    .command('list')
    .description('list what is trusted')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  cargo tuf trust list --json\n')
    .action(async (options: { json?: boolean }) => list(context, options.json === true));
  trust
    .command('reanchor')
    .description('take the root that the signed releases list, though it does not follow the trusted one')
    .argument('<registry>')
    .option('--fingerprint <sha256>', 'the fingerprint that the root must have; replaces the question')
    .addHelpText(
      'after',
      `
For the day on which the maintainers of a registry lost their keys, and the quorum of the releases vouches for others. Version
floors stay: an index or a crate older than what this machine has seen is refused as before.

Example:
  cargo tuf trust reanchor crates-io
`,
    )
    .action(async (registry: string, options: { fingerprint?: string }) =>
      reanchor(context, registry, options),
    );
  trust
    .command('remove')
    .description('forget the anchor of a registry; version floors stay')
    .argument('<registry>')
    .addHelpText('after', '\nExample:\n  cargo tuf trust remove crates-io\n')
    .action(async (registry: string) => {
      const id = parseRegistryId(registry);
      await removeAnchor(context.home, id);
      say(context, `${formatRegistryId(id)} is not trusted any more`);
    });
  return trust;
}

async function list(context: Context, json: boolean): Promise<void> {
  const releases = await readAnchor(context.home, RUST_RELEASES);
  const anchors = [...(await listAnchors(context.home)), ...(releases ? [releases] : [])];
  if (json) {
    printJson(
      context,
      anchors.map(({ registry, kind, fingerprint, mirrors, limits = {}, format = 'json', allow = [] }) => ({
        registry,
        kind,
        fingerprint,
        mirrors,
        limits,
        format,
        allow,
      })),
    );
    return;
  }
  if (anchors.length === 0) say(context, 'nothing is trusted yet');
  for (const anchor of anchors) {
    print(context, formatRegistryId(anchor.registry));
    print(context, `  fingerprint ${groupDigits(anchor.fingerprint)}`);
    print(context, `  ${anchor.kind === 'git' ? 'git    ' : 'mirrors'}     ${anchor.mirrors.join(' ')}`);
    for (const line of rulesOf(anchor)) print(context, `  ${line}`);
  }
}

function collect(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}
