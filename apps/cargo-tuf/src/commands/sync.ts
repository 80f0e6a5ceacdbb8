import { formatRegistryId, raiseFloorFile, readFloorFile } from '@cargo-tuf/cargo-tuf-lib';
import { formatTime } from '@cargo-tuf/metadata';
import { Command } from 'commander';
import { type Context, printJson, say } from '../context.ts';
import { openProject } from '../project.ts';
import { openRegistries } from '../registries.ts';
import { describeState, stateOf } from '../registry-state.ts';
import type { Outcome } from '../outcome.ts';
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
  const project = await openProject(context);
  const registries = await openRegistries(context, project && (await readFloorFile(project.floorFile)));
  const results = [];
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
  if (options.json) printJson(context, results);
  return project === undefined
    ? 0
    : runVerified(context, ['fetch', ...(options.json ? ['--quiet'] : [])], { allow: options.allow });
}

function collect(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}
