import { type Certificate, type Fingerprint, parseFingerprint } from '@cargo-tuf/openpgp';
import { type RoleChange, rotateRoot } from '@cargo-tuf/registry-commits';
import { Command } from 'commander';
import { collect, parseNumber } from '../../arguments.ts';
import { type Context, print } from '../../context.ts';
import { about, fail } from '../../errors.ts';
import { readCertificate } from '../../git/certificates.ts';
import { changeIndexRepository } from '../../git/index-repository.ts';
import {
  type IndexRole,
  parseDuration,
  parseRoleValue,
  type SigningOptions,
  withSigningOptions,
} from '../../git/options.ts';
import { outcomeReport } from '../../git/report.ts';

interface RotateOptions extends SigningOptions {
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly threshold: readonly string[];
  readonly rootPeriod: string;
}

export function rotateGitCommand(context: Context): Command {
  return withSigningOptions(new Command('rotate'))
    .description('give roles other keys or thresholds, or root.toml a later end, with a signed tag')
    .argument('<dir>', 'the repository')
    .option(
      '--add <role=certificate>',
      'a key for a role, or its renewed certificate; can be repeated',
      collect,
      [],
    )
    .option('--remove <role=fingerprint>', 'a key that the role loses; can be repeated', collect, [])
    .option('--threshold <role=number>', 'how many keys of a role must sign', collect, [])
    .option('--root-period <time>', 'until the new root.toml expires', '365d')
    .addHelpText(
      'after',
      `
Examples:
  tuf-admin git rotate index.git --add timestamp=bot2.asc --remove timestamp=FINGERPRINT --gpg-key ROOT --key bot2.pem
  tuf-admin git rotate index.git --add root=root2.asc --gpg-key ROOT --key bot.pem
  tuf-admin git rotate index.git --remove root=ROOT --gpg-key ROOT2 --key bot.pem

Needs root keys for the commit and its tag, and a timestamp key for the tip unless root keys sign timestamps too. The only root
key is exchanged in two rotations. What lacks signatures waits: others add theirs with \`tuf-admin git countersign\`.
`,
    )
    .action((dir: string, options: RotateOptions) => run(context, dir, options));
}

async function run(context: Context, dir: string, options: RotateOptions): Promise<void> {
  const rootPeriod = parseDuration('--root-period', options.rootPeriod);
  const roles = await rolesOf(context, options);
  const added = [...roles.values()].flatMap(({ add }) => add);
  const outcome = await changeIndexRepository(context, dir, options, added, ({ operator }) =>
    rotateRoot(operator, { roles, rootExpires: operator.now + rootPeriod }),
  );
  print(context, outcomeReport('Rotated', outcome), options.json);
}

interface Change {
  readonly add: Certificate[];
  readonly remove: Fingerprint[];
  threshold?: number;
}

async function rolesOf(
  context: Context,
  options: RotateOptions,
): Promise<ReadonlyMap<IndexRole, RoleChange>> {
  const roles = new Map<IndexRole, Change>();
  const changeOf = (role: IndexRole): Change => {
    const change = roles.get(role) ?? { add: [], remove: [] };
    roles.set(role, change);
    return change;
  };
  for (const { role, value } of options.add.map(text => parseRoleValue('--add', text)))
    changeOf(role).add.push(await readCertificate(context, value));
  for (const { role, value } of options.remove.map(text => parseRoleValue('--remove', text)))
    changeOf(role).remove.push(await about('--remove', () => parseFingerprint(value.toUpperCase())));
  for (const { role, value } of options.threshold.map(text => parseRoleValue('--threshold', text))) {
    const change = changeOf(role);
    if (change.threshold !== undefined)
      throw fail('ADMIN_USAGE', `--threshold: ${role} twice, expected once`);
    change.threshold = parseNumber('--threshold', value, 1, 1024);
  }
  return roles;
}
