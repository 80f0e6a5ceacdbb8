import { type Outcome, printJson } from '@cargo-tuf/command-line';
import { formatRegistryId, listAnchors, raiseFloorFile, readFloorFile } from '@cargo-tuf/cargo-tuf-lib';
import { formatTime } from '@cargo-tuf/metadata';
import { Command } from 'commander';
import { type Context, say } from '../context.ts';
import { openProject, type Project } from '../project.ts';
import { openRegistries } from '../registries.ts';
import { findTrustedReleases } from '../releases.ts';
import { describeState, stateOf } from '../registry-state.ts';
import { runVerified } from '../verified-run.ts';

interface SyncOptions {
  readonly floors?: boolean;
  readonly json?: boolean;
  readonly allow: readonly string[];
}

export function syncCommand(context: Context, outcome: Outcome): Command {
  return new Command('sync')
    .description('bring the trusted state up to date; in a project, fetch all that --offline needs')
    .option('--floors', 'write the versions seen to Cargo.tuf.json beside Cargo.lock')
    .option('--json', 'print JSON')
    .option(
      '--allow <source>',
      'let a source without an anchor through, by name; can be repeated',
      collect,
      [],
    )
    .addHelpText('after', '\nExample:\n  cargo tuf sync && cargo tuf build --offline\n')
    .action(async (options: SyncOptions) => {
      outcome.exitCode = await sync(context, options);
    });
}

async function sync(context: Context, options: SyncOptions): Promise<number> {
  const releases = await syncReleases(context);
  const hasRegistry = releases === undefined || (await listAnchors(context.home)).length > 0;
  const project = hasRegistry ? await openProject(context) : undefined;
  const registries = hasRegistry ? await syncRegistries(context, project, options) : [];
  if (options.json) printJson(context, [...registries, ...(releases ? [releases] : [])]);
  return project === undefined
    ? 0
    : runVerified(context, ['fetch', ...(options.json ? ['--quiet'] : [])], { allow: options.allow });
}

type Synced = Readonly<Record<string, number | string | undefined>>;

async function syncRegistries(
  context: Context,
  project: Project | undefined,
  options: SyncOptions,
): Promise<readonly Synced[]> {
  const registries = await openRegistries(context, project && (await readFloorFile(project.floorFile)));
  const results: Synced[] = [];
  try {
    for (const anchor of registries.anchors) {
      const registry = registries.registry(anchor.registry);
      const { index } = await registry.sync();
      if (options.floors && project)
        await raiseFloorFile(project.floorFile, registry.repository, index.floors);
      const name = formatRegistryId(anchor.registry);
      const expires = formatTime(index.expires);
      results.push({
        registry: anchor.registry,
        repository: registry.repository,
        ...stateOf(index),
        expires,
      });
      say(context, `${name}: ${describeState(index)}, expires ${expires}`);
    }
  } finally {
    await registries.close();
  }
  return results;
}

/** Undefined where the releases are not trusted. */
async function syncReleases(context: Context): Promise<Synced | undefined> {
  const releases = await findTrustedReleases(context);
  if (releases === undefined) return undefined;
  try {
    const { registry } = releases.anchor;
    const { snapshot } = await releases.sync();
    const expires = formatTime(snapshot.expires);
    say(context, `${registry}: timestamp ${snapshot.versions.timestamp}, expires ${expires}`);
    return { registry, repository: snapshot.repository, kind: 'tuf', ...snapshot.versions, expires };
  } finally {
    await releases.close();
  }
}

function collect(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}
