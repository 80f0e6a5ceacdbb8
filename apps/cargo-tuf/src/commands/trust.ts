import {
  ANCHOR_LIMITS,
  type AnchorRules,
  addAnchor,
  fingerprintOf,
  formatRegistryId,
  listAnchors,
  parseFormat,
  parseAllowance,
  parseLimits,
  parseGitMirror,
  parseMirror,
  proposeRegistry,
  readAnchor,
  parseRegistryId,
  readLocalFile,
  type RegistryId,
  removeAnchor,
  trustAnchorRoot,
} from '@cargo-tuf/cargo-tuf-lib';
import { formatTime } from '@cargo-tuf/metadata';
import { CLIENT_LIMITS } from '@cargo-tuf/client';
import { Command } from 'commander';
import { type Context, print, printJson, say } from '../context.ts';
import { fail } from '../errors.ts';
import { networkOptions } from '../registries.ts';

interface AddOptions {
  readonly root?: string;
  readonly mirror: readonly string[];
  readonly git: readonly string[];
  readonly fingerprint?: string;
  readonly limit: readonly string[];
  readonly format: string;
  readonly allow: readonly string[];
}

export function trustCommand(context: Context): Command {
  const trust = new Command('trust').description('choose which registries are trusted, and by which root');
  trust
    .command('add')
    .description('trust a registry by its root.json, or a signed git index by its root.toml')
    .argument('<registry>', 'crates-io, or the URL as in Cargo.lock: sparse+https://host/path/')
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
  cargo tuf trust add registry+https://crates.example/index.git --git https://crates.example/index.git

Limits, with their defaults; git. and index. are those of a signed git index:
${[...ANCHOR_LIMITS].map(([name, value]) => `  ${name}=${value}\n`).join('')}`,
    )
    .action(async (registry: string, options: AddOptions) => add(context, registry, options));
  trust
    .command('list')
    .description('list what is trusted')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  cargo tuf trust list --json\n')
    .action(async (options: { json?: boolean }) => list(context, options.json === true));
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

async function add(context: Context, registry: string, options: AddOptions): Promise<void> {
  const id = parseRegistryId(registry);
  const { root, mirror, git } = options;
  if (git.length > 0) {
    if (mirror.length > 0) throw fail('APP_USAGE', 'mirror: given beside --git, expected one of them');
    return addIndex(context, id, { ...options, git });
  }
  if (mirror.length === 0) throw fail('APP_USAGE', 'mirror: none given, expected --mirror URL or --git URL');
  if (root === undefined) throw fail('APP_USAGE', 'root: none given, expected --root FILE');
  return addMetadata(context, id, { ...options, root });
}

async function addMetadata(
  context: Context,
  id: RegistryId,
  options: AddOptions & { readonly root: string },
): Promise<void> {
  const mirrors = options.mirror.map(parseMirror);
  const rules: AnchorRules = {
    limits: parseLimits(options.limit),
    format: parseFormat(options.format),
    allow: options.allow.map(parseAllowance),
  };
  const root = await readRoot(options.root, rules);
  const { value } = trustAnchorRoot(root, rules).root;
  const keys = value.roles.get('root');
  await agree(context, id, fingerprintOf(root), {
    stated: options.fingerprint,
    lines: [
      `repository    ${value.repository ?? 'has no id'}`,
      `root          version ${value.version}, expires ${formatTime(value.expires)}`,
      `root keys     ${keys?.threshold} of ${keys?.keyIds.length} must sign`,
    ],
    rules,
  });
  await addAnchor(context.home, { registry: id, root, mirrors, ...rules });
  say(context, `${formatRegistryId(id)} is trusted`);
}

/** A signed git index: it is verified before anybody is asked about it. */
async function addIndex(context: Context, id: RegistryId, options: AddOptions): Promise<void> {
  const rules: AnchorRules = {
    limits: parseLimits(options.limit, 'git'),
    format: parseFormat(options.format),
    allow: options.allow.map(parseAllowance),
  };
  const proposed = await proposeRegistry({
    registry: id,
    home: context.home,
    mirrors: options.git.map(parseGitMirror),
    clock: context.clock,
    limits: rules.limits ?? {},
    ...(options.root !== undefined && { root: await readRoot(options.root, rules) }),
    ...(await networkOptions(context)),
  });
  try {
    const { root, document, fingerprint, format, tip } = proposed;
    await agree(context, id, fingerprint, {
      stated: options.fingerprint,
      lines: [
        `index         git, ${format} objects, tip ${tip}`,
        `root.toml     version ${document.version}, expires ${formatTime(document.expires)}`,
        ...Array.from(document.roles, ([name, role]) =>
          `${name} keys`.padEnd(14).concat(`${role.threshold} of ${role.keyIds.join(', ')}`),
        ),
      ],
      rules,
    });
    await addAnchor(context.home, { registry: id, kind: 'git', root, mirrors: options.git, ...rules });
    await proposed.keep();
  } finally {
    await proposed.discard();
  }
  say(context, `${formatRegistryId(id)} is trusted`);
}

async function readRoot(file: string, { limits }: AnchorRules): Promise<Uint8Array> {
  const root = await readLocalFile(file, limits?.['root'] ?? CLIENT_LIMITS.root);
  if (root === undefined) throw fail('APP_USAGE', `${file}: no such file`);
  return root;
}

interface Agreement {
  readonly stated: string | undefined;
  /** What else there is to know before a yes. */
  readonly lines: readonly string[];
  readonly rules: AnchorRules;
}

async function agree(
  context: Context,
  id: RegistryId,
  fingerprint: string,
  { stated, lines, rules }: Agreement,
): Promise<void> {
  say(context, `registry      ${formatRegistryId(id)}`);
  for (const line of lines) say(context, line);
  say(context, `fingerprint   ${groupDigits(fingerprint)}`);
  for (const line of rulesOf(rules)) say(context, line);
  const known = await readAnchor(context.home, id);
  if (known?.fingerprint !== fingerprint) await confirm(context, fingerprint, stated);
}

/** First use needs a person who compared, or a fingerprint that somebody compared before. */
async function confirm(context: Context, fingerprint: string, stated: string | undefined): Promise<void> {
  if (stated !== undefined) {
    if (stated.toLowerCase().replaceAll(/[\s:]/g, '') === fingerprint) return;
    throw fail('APP_DECLINED', `fingerprint: ${fingerprint}, expected ${stated.slice(0, 200)}`);
  }
  if (context.ask === undefined) {
    throw fail(
      'APP_NO_TERMINAL',
      'trust: the first use of a root needs a yes at a terminal, and there is none',
    );
  }
  const answer = await context.ask(
    'Is this the fingerprint that the registry states? Type "yes" to trust it: ',
  );
  if (answer.trim() !== 'yes') throw fail('APP_DECLINED', 'trust: declined; nothing was changed');
}

async function list(context: Context, json: boolean): Promise<void> {
  const anchors = await listAnchors(context.home);
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
  if (anchors.length === 0) say(context, 'no registry is trusted yet');
  for (const anchor of anchors) {
    print(context, formatRegistryId(anchor.registry));
    print(context, `  fingerprint ${groupDigits(anchor.fingerprint)}`);
    print(context, `  ${anchor.kind === 'git' ? 'git    ' : 'mirrors'}     ${anchor.mirrors.join(' ')}`);
    for (const line of rulesOf(anchor)) print(context, `  ${line}`);
  }
}

/** What is not as it is by default, one line each. */
function rulesOf({ limits = {}, format = 'json', allow = [] }: AnchorRules): readonly string[] {
  return [
    ...Object.entries(limits).map(([name, value]) => `limit       ${name}=${value}`),
    ...(format === 'json' ? [] : [`format      ${format}`]),
    ...allow.map(scheme => `allow       ${scheme}`),
  ];
}

/** Eight groups of eight digits: people compare group by group. */
function groupDigits(fingerprint: string): string {
  return fingerprint.match(/.{8}/g)?.join(' ') ?? fingerprint;
}

function collect(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}
