import { indexPath, parseCrateName } from '@cargo-tuf/crate-index';
import { changeIndex, openVerifiedIndex, ownersFile } from '@cargo-tuf/registry-commits';
import { Command } from 'commander';
import { collect, parseNumber } from '../../arguments.ts';
import { type Context, print } from '../../context.ts';
import { about, fail } from '../../errors.ts';
import { readCertificates } from '../../git/certificates.ts';
import { changeIndexRepository } from '../../git/index-repository.ts';
import { parseDuration, type SigningOptions, withSigningOptions } from '../../git/options.ts';
import { writePrepared } from '../../git/prepared.ts';
import { outcomeReport } from '../../git/report.ts';

interface DelegateOptions extends SigningOptions {
  readonly owner: readonly string[];
  readonly threshold: string;
  readonly remove?: boolean;
  readonly targetsPeriod: string;
  readonly prepare?: string;
}

export function delegateCommand(context: Context): Command {
  return withSigningOptions(new Command('delegate'))
    .description('let a crate change only with signatures of its owners, in targets.toml')
    .argument('<dir>', 'the repository')
    .argument('<crate>', 'the crate')
    .option('--owner <certificate>', 'a key of an owner; can be repeated', collect, [])
    .option('--threshold <number>', 'how many owners must sign', '1')
    .option('--remove', 'take the owners away instead')
    .option('--targets-period <time>', 'until targets.toml expires', '365d')
    .option('--prepare <folder>', 'write what must be signed into a new folder, and commit nothing')
    .addHelpText(
      'after',
      `
Examples:
  tuf-admin git delegate index.git serde --owner alice.asc --gpg-key TARGETS --gpg-key ALICE --key bot.pem

  tuf-admin git delegate index.git serde --owner alice.asc --prepare work
  gpg --armor --detach-sign work/targets.toml
  gpg --armor --detach-sign work/se/rd/serde
  tuf-admin git commit index.git --from work --key bot.pem

Keys of the role "targets" sign targets.toml, and the owners the entry as it stands.
`,
    )
    .action((dir: string, crate: string, options: DelegateOptions) => run(context, dir, crate, options));
}

async function run(context: Context, dir: string, crate: string, options: DelegateOptions): Promise<void> {
  const name = await about('argument', () => parseCrateName(crate));
  const isRemoval = options.remove === true;
  if (isRemoval === options.owner.length > 0)
    throw fail('ADMIN_USAGE', 'delegate: expected --owner CERTIFICATE, or --remove alone');
  const owners = await readCertificates(context, options.owner);
  const threshold = parseNumber('--threshold', options.threshold, 1, Math.max(1, owners.length));
  const period = parseDuration('--targets-period', options.targetsPeriod);
  const { prepare } = options;
  await changeIndexRepository(context, dir, options, owners, async ({ operator }) => {
    const index = await openVerifiedIndex(operator);
    const expires = operator.now + period;
    const targets = await ownersFile(operator, { crate: name, owners, threshold, expires });
    const files = new Map<string, Uint8Array>([['targets.toml', targets]]);
    if (prepare !== undefined) {
      const path = indexPath(name.toLowerCase());
      const entry = await index.read(path);
      if (entry !== undefined && owners.length > 0) files.set(path, entry);
      return writePrepared(context, prepare, files, options.json);
    }
    const message = owners.length > 0 ? `Delegate ${name}` : `Take back ${name}`;
    const outcome = await changeIndex(operator, { files, message, from: index.tip });
    print(context, outcomeReport(message, outcome), options.json);
  });
}
