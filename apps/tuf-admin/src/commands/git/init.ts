import { randomBytes } from 'node:crypto';
import { formatRegistryConfig } from '@cargo-tuf/crate-index';
import { initRepository, openGitRepository } from '@cargo-tuf/git-transport';
import { encodeHex } from '@cargo-tuf/keys';
import type { Certificate } from '@cargo-tuf/openpgp';
import { initRegistry, type RoleInput } from '@cargo-tuf/registry-commits';
import { Command } from 'commander';
import { collect, parseNumber } from '../../arguments.ts';
import { type Context, print } from '../../context.ts';
import { about, fail } from '../../errors.ts';
import { readCertificates } from '../../git/certificates.ts';
import { changeIndexRepository } from '../../git/index-repository.ts';
import { parseDuration, parseRoleValue, type SigningOptions, withSigningOptions } from '../../git/options.ts';
import { registryJson, registryLines } from '../../git/report.ts';
import { isFolder } from '../../local-file.ts';
import { resolvePath } from '../../passphrase.ts';

interface InitOptions extends SigningOptions {
  readonly root: readonly string[];
  readonly timestamp: readonly string[];
  readonly targets: readonly string[];
  readonly threshold: readonly string[];
  readonly rootPeriod: string;
  readonly dl?: string;
  readonly api?: string;
  readonly objectFormat: string;
}

export function initGitCommand(context: Context): Command {
  return withSigningOptions(new Command('init'))
    .description('sign an index: a fresh bare repository, or one that is there and was not signed')
    .argument('<dir>', 'the repository; made when nothing is there')
    .requiredOption('--root <certificate>', 'a key that may change the keys; can be repeated', collect, [])
    .requiredOption('--timestamp <certificate>', 'a key that signs commits; can be repeated', collect, [])
    .option('--targets <certificate>', 'a key that says who owns crates; can be repeated', collect, [])
    .option('--threshold <role=number>', 'how many keys of a role must sign; one when not given', collect, [])
    .option('--root-period <time>', 'until root.toml expires', '365d')
    .option('--dl <url>', 'where the archives are: the dl of config.json, for an index that has none')
    .option('--api <url>', 'the publish API: the api of config.json')
    .option(
      '--object-format <format>',
      'sha1 or sha256, of a repository that is made; cargo reads sha1',
      'sha1',
    )
    .addHelpText(
      'after',
      `
Example:
  gpg --armor --export root@example.org > root.asc
  gpg --armor --export index@example.org > bot.asc
  tuf-admin git init index.git --root root.asc --timestamp bot.asc --gpg-key FINGERPRINT --dl https://crates.example.org/crates

The timestamp keys sign the first commit. Give users the fingerprint of root.toml on another way than the index.
`,
    )
    .action((dir: string, options: InitOptions) => run(context, dir, options));
}

async function run(context: Context, dir: string, options: InitOptions): Promise<void> {
  const certificates = {
    root: await readCertificates(context, options.root),
    timestamp: await readCertificates(context, options.timestamp),
    targets: await readCertificates(context, options.targets),
  };
  const roles = rolesOf(certificates, options.threshold);
  const rootPeriod = parseDuration('--root-period', options.rootPeriod);
  const { dl, api } = options;
  if (dl === undefined && api !== undefined) throw fail('ADMIN_USAGE', '--api: expected --dl with it');
  const config =
    dl === undefined
      ? undefined
      : await about('config.json', () =>
          formatRegistryConfig({ dl, ...(api !== undefined && { api }), authRequired: false }),
        );
  await makeRepository(context, dir, options.objectFormat);
  const all = Object.values(certificates).flat();
  const made = await changeIndexRepository(context, dir, options, all, ({ operator }) =>
    initRegistry(operator, {
      roles,
      rootExpires: operator.now + rootPeriod,
      repository: encodeHex(new Uint8Array(randomBytes(32))),
      files: new Map(config === undefined ? [] : [['config.json', config]]),
    }),
  );
  print(
    context,
    {
      text: [
        'The index is signed',
        ...registryLines(made.registry),
        `fingerprint of root.toml  ${made.fingerprint}`,
      ],
      json: { ...registryJson(made.registry), fingerprint: made.fingerprint },
    },
    options.json,
  );
}

function rolesOf(
  certificates: Readonly<Record<'root' | 'timestamp' | 'targets', readonly Certificate[]>>,
  thresholds: readonly string[],
): ReadonlyMap<'root' | 'timestamp' | 'targets', RoleInput> {
  const roles = new Map<'root' | 'timestamp' | 'targets', RoleInput>();
  for (const role of ['root', 'timestamp', 'targets'] as const) {
    const of = certificates[role];
    if (of.length > 0) roles.set(role, { certificates: of, threshold: 1 });
  }
  for (const { role, value } of thresholds.map(text => parseRoleValue('--threshold', text))) {
    const input = roles.get(role);
    if (input === undefined) throw fail('ADMIN_USAGE', `--threshold: ${role} has no keys`);
    const threshold = parseNumber('--threshold', value, 1, input.certificates.length);
    roles.set(role, { ...input, threshold });
  }
  return roles;
}

/** What is there must be a repository; what is not is made. */
async function makeRepository(context: Context, dir: string, format: string): Promise<void> {
  if (format !== 'sha1' && format !== 'sha256')
    throw fail('ADMIN_USAGE', '--object-format: expected sha1 or sha256');
  const folder = resolvePath(context, dir);
  const options = { environment: context.env };
  const git = (await isFolder(folder))
    ? await openGitRepository(folder, options)
    : await initRepository(folder, { ...options, format });
  git.close();
}
