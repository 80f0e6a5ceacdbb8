import { print, printJson } from '@cargo-tuf/command-line';
import { Command } from 'commander';
import { scanCrate } from '@cargo-tuf/crate-archive';
import type { Context } from '../context.ts';
import { chooseAnchor, parseCrateArgument } from '../crate-argument.ts';
import { fail } from '../errors.ts';
import { openRegistries } from '../registries.ts';

interface DownloadOptions {
  readonly output?: string;
  readonly registry?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

export function downloadCommand(context: Context): Command {
  return new Command('download')
    .description('download one crate archive, verified')
    .argument('<crate>', 'NAME@VERSION')
    .option('-o, --output <file>', 'where to write it; default: NAME-VERSION.crate here')
    .option('--registry <registry>', 'the registry, when more than one is trusted')
    .option('--offline', 'ask nobody; take what was verified before')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  cargo tuf download serde@1.0.152\n')
    .action(async (crate: string, options: DownloadOptions) => download(context, crate, options));
}

async function download(context: Context, argument: string, options: DownloadOptions): Promise<void> {
  const { name, version } = parseCrateArgument(argument);
  if (version === undefined)
    throw fail('APP_USAGE', `crate: "${name}" names no version, expected ${name}@VERSION`);
  const registries = await openRegistries(context);
  try {
    const registry = registries.registry(chooseAnchor(registries.anchors, options.registry).registry);
    const snapshot = await (options.offline ? registry.openOffline() : registry.sync());
    const { bytes } = await snapshot.crate(name, version);
    await scanCrate(bytes, { name, version });
    const path = options.output ?? `${context.workingFolder}/${name}-${version}.crate`;
    const crate = await snapshot.download(name, version, path);
    if (options.json)
      printJson(context, { crate: name, version, sha256: crate.sha256, bytes: crate.bytes.length, path });
    else print(context, `${path}: ${crate.bytes.length} bytes, sha256 ${crate.sha256}`);
  } finally {
    await registries.close();
  }
}
