import { print, printJson } from '@cargo-tuf/command-line';
import { rm } from 'node:fs/promises';
import { Command } from 'commander';
import { formatRegistryId, readFloorFile } from '@cargo-tuf/cargo-tuf-lib';
import { reportCaches } from '../cache-check.ts';
import type { Context } from '../context.ts';
import { openProject } from '../project.ts';
import { openRegistries } from '../registries.ts';
import { sortSources } from '../sources.ts';

interface CleanOptions {
  readonly cache?: boolean;
  readonly json?: boolean;
}

export function cleanCommand(context: Context): Command {
  return new Command('clean')
    .description('remove copies in cargo’s caches that are not as signed; cargo’s own clean is `cargo clean`')
    .option('--cache', 'remove our cache of verified files as well; anchors and version floors stay')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  cargo tuf clean\n')
    .action(async (options: CleanOptions) => {
      const removed = [
        ...(await removeTampered(context)),
        ...(options.cache ? await removeCache(context) : []),
      ];
      if (options.json) printJson(context, { removed });
      else if (removed.length === 0) print(context, 'nothing to remove');
      else for (const path of removed) print(context, `removed ${path}`);
    });
}

/** Removes changed archives, and unpacked folders that hold a changed file as a whole. */
async function removeTampered(context: Context): Promise<readonly string[]> {
  const project = await openProject(context);
  if (project?.packages === undefined) return [];
  const registries = await openRegistries(context, await readFloorFile(project.floorFile));
  const removed = new Set<string>();
  try {
    for (const [id, locked] of sortSources(project.packages, registries.anchors).byRegistry) {
      const { problems } = await reportCaches(context, await registries.registry(id).sync(), locked);
      for (const { path } of problems) removed.add(copyAt(context, path));
    }
  } finally {
    await registries.close();
  }
  for (const path of removed) await rm(path, { recursive: true, force: true });
  return [...removed];
}

/** The archive itself, or the folder `registry/src/<registry>/<crate>` that a file lies in. */
function copyAt(context: Context, path: string): string {
  const sources = `${context.home.cargoHome}/registry/src/`;
  if (!path.startsWith(sources)) return path;
  const [registry, crate] = path.slice(sources.length).split('/');
  return `${sources}${registry}/${crate}`;
}

async function removeCache(context: Context): Promise<readonly string[]> {
  const registries = await openRegistries(context);
  const removed: string[] = [];
  try {
    for (const { registry } of registries.anchors) {
      await registries.registry(registry).clearCache();
      removed.push(`the cache of ${formatRegistryId(registry)}`);
    }
  } finally {
    await registries.close();
  }
  return removed;
}
