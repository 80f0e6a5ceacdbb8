import { print, printJson } from '@cargo-tuf/command-line';
import { resolve } from 'node:path';
import {
  CRATES_IO,
  formatRegistryId,
  type RegistryId,
  registrySlug,
  sourceUrl,
  type VerifiedClone,
} from '@cargo-tuf/cargo-tuf-lib';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { chooseAnchor } from '../crate-argument.ts';
import { fail } from '../errors.ts';
import { MANAGED_PREFIX } from '../managed-source.ts';
import { openRegistries } from '../registries.ts';

interface CloneOptions {
  readonly registry?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

export function cloneCommand(context: Context): Command {
  return new Command('clone')
    .description('write or update a verified clone of a signed git index, for cargo without a proxy')
    .argument('<folder>', 'a bare repository that this command made, or a folder to make it in')
    .option('--registry <registry>', 'the registry, when more than one is trusted')
    .option('--offline', 'ask nobody; write what was verified before')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The clone holds the tip that was verified last and nothing else; its HEAD moves at once. Prints the lines of cargo's
configuration that make the unmodified cargo read it. Cargo then sees what was verified when this command ran last, and
asks the registry's own server for archives, whose checksums it compares with the verified index.

Example:
  cargo tuf clone ~/index.git --registry registry+https://crates.example/index.git
`,
    )
    .action(async (folder: string, options: CloneOptions) => clone(context, folder, options));
}

async function clone(context: Context, folder: string, options: CloneOptions): Promise<void> {
  const registries = await openRegistries(context);
  try {
    const anchor = chooseAnchor(registries.anchors, options.registry);
    const registry = registries.registry(anchor.registry);
    if (registry.clone === undefined)
      throw fail(
        'APP_USAGE',
        `${formatRegistryId(anchor.registry)}: is no signed git index, which a clone is of`,
      );
    if (!options.offline) await registry.sync();
    const written = await registry.clone(resolve(context.workingFolder, folder));
    if (options.json) printJson(context, { registry: anchor.registry, ...written });
    else for (const line of configLines(anchor.registry, written)) print(context, line);
  } finally {
    await registries.close();
  }
}

/** What makes cargo read the clone in place of the registry; Cargo.lock goes on to name the registry. */
function configLines(id: RegistryId, { url, verified }: VerifiedClone): readonly string[] {
  const slug = registrySlug(id);
  const source = id === CRATES_IO ? 'crates-io' : `${MANAGED_PREFIX}original-${slug}`;
  return [
    `# ${formatRegistryId(id)}, verified commit ${verified}`,
    `[source.${source}]`,
    ...(id === CRATES_IO ? [] : [`registry = "${sourceUrl(id)}"`]),
    `replace-with = "${MANAGED_PREFIX}clone-${slug}"`,
    `[source.${MANAGED_PREFIX}clone-${slug}]`,
    `registry = "${url}"`,
  ];
}
