// `cargo tuf trust add`: a person compares a fingerprint, of the root of TUF metadata or of a signed git index.

import { groupDigits } from '@cargo-tuf/command-line';
import {
  type AnchorRules,
  addAnchor,
  fingerprintOf,
  formatRegistryId,
  parseAllowance,
  parseFormat,
  parseGitMirror,
  parseLimits,
  parseMirror,
  parseRegistryId,
  proposeRegistry,
  readAnchor,
  readLocalFile,
  type RegistryId,
  RUST_RELEASES,
  trustAnchorRoot,
} from '@cargo-tuf/cargo-tuf-lib';
import { CLIENT_LIMITS } from '@cargo-tuf/client';
import { formatTime } from '@cargo-tuf/metadata';
import { rulesOf } from '../anchor-lines.ts';
import { type Context, say } from '../context.ts';
import { fail } from '../errors.ts';
import { networkOptions } from '../registries.ts';
import { confirm } from './trust-confirm.ts';
import { addListed } from './trust-listed.ts';

export interface AddOptions {
  readonly root?: string;
  readonly mirror: readonly string[];
  readonly git: readonly string[];
  readonly fingerprint?: string;
  readonly listed?: boolean;
  readonly limit: readonly string[];
  readonly format: string;
  readonly allow: readonly string[];
}

export async function addTrust(context: Context, registry: string, options: AddOptions): Promise<void> {
  const id = parseRegistryId(registry);
  const { root, mirror, git } = options;
  if (git.length > 0) {
    if (id === RUST_RELEASES) throw fail('APP_USAGE', 'git: the releases come from --mirror URL');
    if (mirror.length > 0) throw fail('APP_USAGE', 'mirror: given beside --git, expected one of them');
    return addIndex(context, id, { ...options, git });
  }
  if (options.listed === true) {
    if (root !== undefined) throw fail('APP_USAGE', 'root: given beside --listed, expected one of them');
    return addListed(context, id, mirror);
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
  if (options.format !== 'json' || options.allow.length > 0)
    throw fail('APP_USAGE', 'format and allow: of a signed git index there are none to choose');
  const rules: AnchorRules = { limits: parseLimits(options.limit, 'git') };
  const known = await readAnchor(context.home, id);
  // What is trusted already is given other addresses by the root that it is trusted by, whatever its tip has by now.
  const stated = known?.kind === 'git' ? known.root : undefined;
  const root = options.root === undefined ? stated : await readRoot(options.root, rules);
  const proposed = await proposeRegistry({
    registry: id,
    home: context.home,
    mirrors: options.git.map(parseGitMirror),
    clock: context.clock,
    limits: rules.limits ?? {},
    ...(root !== undefined && { root }),
    ...(await networkOptions(context)),
  });
  try {
    const { document, fingerprint, format, tip } = proposed;
    await agree(context, id, fingerprint, {
      stated: options.fingerprint,
      lines: [
        `index         git, ${format} objects, tip ${tip}`,
        `root.toml     version ${document.version}, expires ${formatTime(document.expires)}`,
        ...Array.from(
          document.roles,
          ([name, { threshold, keyIds }]) =>
            `${`${name} keys`.padEnd(13)} ${threshold} of ${keyIds.join(', ')}`,
        ),
      ],
      rules,
    });
    await addAnchor(context.home, {
      registry: id,
      kind: 'git',
      root: proposed.root,
      mirrors: options.git,
      ...rules,
    });
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
