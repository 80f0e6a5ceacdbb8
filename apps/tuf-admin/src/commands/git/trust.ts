import { formatTime } from '@cargo-tuf/metadata';
import { proposedTrust, trustRegistry } from '@cargo-tuf/registry-commits';
import { Command } from 'commander';
import { type Context, print } from '../../context.ts';
import { fail } from '../../errors.ts';
import { readIndex } from '../../git/index-repository.ts';
import { type IndexOptions, withIndexOptions } from '../../git/options.ts';
import { registryJson, registryLines } from '../../git/report.ts';

interface TrustOptions extends IndexOptions {
  readonly fingerprint?: string;
}

export function trustCommand(context: Context): Command {
  return withIndexOptions(new Command('trust'))
    .description('trust a signed index that others made, in a clone of it, to work on it')
    .argument('<dir>', 'the repository')
    .option(
      '--fingerprint <sha256>',
      'of root.toml, as its maintainers say; without it, the one in the clone is shown',
    )
    .addHelpText(
      'after',
      `
Example:
  git clone https://example.org/index.git index
  tuf-admin git trust index --fingerprint 5d2c…
`,
    )
    .action((dir: string, options: TrustOptions) => run(context, dir, options));
}

async function run(context: Context, dir: string, options: TrustOptions): Promise<void> {
  const { fingerprint } = options;
  if (fingerprint === undefined) return propose(context, dir, options);
  if (!/^[0-9a-f]{64}$/.test(fingerprint)) throw fail('ADMIN_USAGE', '--fingerprint: expected 64 hex digits');
  const registry = await readIndex(context, dir, options, ({ operator }) =>
    trustRegistry(operator, fingerprint),
  );
  print(
    context,
    {
      text: ['The index is trusted', ...registryLines(registry)],
      json: { trusted: true, fingerprint, ...registryJson(registry) },
    },
    options.json,
  );
}

async function propose(context: Context, dir: string, options: TrustOptions): Promise<void> {
  const found = await readIndex(context, dir, options, ({ operator }) => proposedTrust(operator));
  const { fingerprint, root } = found;
  print(
    context,
    {
      text: [
        `root.toml    version ${root.version}, expires ${formatTime(root.expires)}`,
        `fingerprint  ${fingerprint}`,
        'Nothing is trusted yet. Compare the fingerprint, then give it with --fingerprint.',
      ],
      json: { trusted: false, fingerprint, version: root.version },
    },
    options.json,
  );
}
