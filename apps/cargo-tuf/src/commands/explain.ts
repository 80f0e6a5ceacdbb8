import { print, printJson } from '@cargo-tuf/command-line';
import {
  formatRegistryId,
  type GitIndex,
  type RegistrySnapshot,
  type TufIndex,
  type VerifiedEntry,
} from '@cargo-tuf/cargo-tuf-lib';
import { indexPath } from '@cargo-tuf/crate-index';
import { escapeText } from '@cargo-tuf/errors';
import { formatTime, type RoleKeys } from '@cargo-tuf/metadata';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { chooseAnchor, parseCrateArgument } from '../crate-argument.ts';
import { fail } from '../errors.ts';
import { openRegistries } from '../registries.ts';
import { explainToolchain } from '../toolchain-chain.ts';
import { type Link, roleLink, topLevelLinks } from '../trust-chain.ts';

interface ExplainOptions {
  readonly registry?: string;
  readonly toolchain?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

export function explainCommand(context: Context): Command {
  return new Command('explain')
    .description('show why a crate, or a toolchain, is trusted: the chain from the root key to the file')
    .argument('[crate]', 'NAME or NAME@VERSION')
    .option('--toolchain <name>', 'a toolchain of the releases instead: stable, nightly-2026-11-20, 1.95.0')
    .option('--registry <registry>', 'the registry, when more than one is trusted')
    .option('--offline', 'ask nobody; explain what was verified before')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  cargo tuf explain serde@1.0.152\n  cargo tuf explain --toolchain nightly-2026-11-20\n',
    )
    .action(async (crate: string | undefined, options: ExplainOptions) => {
      const chain = await readChain(context, crate, options);
      if (options.json) printJson(context, chain);
      else for (const { what, says } of chain) print(context, `${what.padEnd(26)} ${says}`);
    });
}

function readChain(
  context: Context,
  crate: string | undefined,
  options: ExplainOptions,
): Promise<readonly Link[]> {
  const { toolchain, offline = false } = options;
  if ((crate === undefined) === (toolchain === undefined))
    throw fail('APP_USAGE', 'explain: expected a crate, or --toolchain NAME');
  return toolchain === undefined
    ? explainCrate(context, crate ?? '', options)
    : explainToolchain(context, toolchain, offline);
}

async function explainCrate(
  context: Context,
  argument: string,
  options: ExplainOptions,
): Promise<readonly Link[]> {
  const { name, version } = parseCrateArgument(argument);
  const registries = await openRegistries(context);
  try {
    const anchor = chooseAnchor(registries.anchors, options.registry);
    const registry = registries.registry(anchor.registry);
    const snapshot = await (options.offline ? registry.openOffline() : registry.sync());
    const chain: Link[] = [
      {
        what: formatRegistryId(anchor.registry),
        says: `you trust the root with fingerprint ${anchor.fingerprint}`,
      },
      ...(snapshot.index.kind === 'git'
        ? commitChain(snapshot.index.commits)
        : metadataChain(snapshot.index.snapshot)),
    ];
    const entry = await snapshot.entry(name);
    if (entry === undefined) {
      const proof = snapshot.index.kind === 'git' ? 'tree of the commit' : 'map';
      chain.push({
        what: indexPath(name.toLowerCase()),
        says: `the ${proof} proves that the index has no such crate`,
      });
    } else {
      chain.push(...entryChain(snapshot.index, entry), await versionLink(snapshot, entry, version));
    }
    return chain;
  } finally {
    await registries.close();
  }
}

function metadataChain(snapshot: TufIndex['snapshot']): readonly Link[] {
  const delegations = snapshot.targets.value.delegations;
  const links: Link[] = [...topLevelLinks(snapshot)];
  for (const name of ['claims', 'crates'] as const) {
    const role = snapshot.delegated(name)?.value;
    const keys = delegations?.roles.find(each => each.name === name);
    if (role === undefined) continue;
    links.push(roleLink(name, role, 'targets', keys));
    links.push({
      what: `  map of ${name}`,
      says: `version ${role.map?.version}, root ${role.map?.root}, ${role.map?.size} names`,
    });
  }
  return links;
}

function commitChain({
  root,
  timestamp,
  targets,
  commit,
  tree,
  signers,
}: GitIndex['commits']): readonly Link[] {
  const role = (name: 'root' | 'timestamp' | 'targets'): string => {
    const keys = root.roles.get(name);
    return `${keys?.threshold} of the ${keys?.keyIds.length} ${name} keys`;
  };
  const links: Link[] = [
    {
      what: `root.toml ${root.version}`,
      says: `each change of it is signed by ${role('root')}; expires ${formatTime(root.expires)}`,
    },
    {
      what: 'commit',
      says: `${commit}, signed by ${signers.join(', ')}: ${role('timestamp')} must`,
    },
    { what: '  tree', says: `${tree}, the files of the index` },
    { what: `timestamp.toml ${timestamp.version}`, says: `expires ${formatTime(timestamp.expires)}` },
  ];
  if (targets !== undefined) {
    links.push({
      what: `targets.toml ${targets.version}`,
      says: `signed by ${role('targets')}; names the owners of ${targets.roles.length} roles; expires ${formatTime(targets.expires)}`,
    });
  }
  return links;
}

function entryChain(index: RegistrySnapshot['index'], entry: VerifiedEntry): readonly Link[] {
  const path = indexPath(entry.name.toLowerCase());
  const content = `sha256 ${entry.sha256}, ${entry.bytes.length} bytes`;
  if (index.kind === 'git') {
    const owners = index.commits.targets?.roles.find(role => role.paths.includes(`/${path}`));
    return [
      {
        what: entry.name,
        says: owners === undefined ? 'has no owners: the registry signs it' : ownersOf(owners),
      },
      { what: path, says: `the tree of the commit has ${content}` },
    ];
  }
  return [
    {
      what: entry.name,
      says: 'the map of claims proves that nobody claims it: the registry itself signs it',
    },
    {
      what: path,
      says: `the map of crates proves ${content}, changed last in tree ${entry.leaf?.version}`,
    },
  ];
}

function ownersOf({ name, threshold, keyIds }: RoleKeys & { readonly name: string }): string {
  return `role ${escapeText(name)} owns it: signed by ${threshold} of ${keyIds.join(', ')}`;
}

async function versionLink(
  snapshot: RegistrySnapshot,
  entry: VerifiedEntry,
  version: string | undefined,
): Promise<Link> {
  if (version === undefined) {
    return {
      what: 'versions',
      says: entry.versions.map(each => `${each.vers}${each.yanked ? ' (yanked)' : ''}`).join(', '),
    };
  }
  const found = await snapshot.version(entry.name, version);
  return {
    what: `${entry.name}-${version}.crate`,
    says: `the entry states sha256 ${found.cksum}${found.yanked ? '; the version is yanked' : ''}`,
  };
}
