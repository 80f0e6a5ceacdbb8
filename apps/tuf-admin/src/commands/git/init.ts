import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { formatRegistryConfig } from '@cargo-tuf/crate-index';
import { initRepository } from '@cargo-tuf/git-transport';
import { encodeHex } from '@cargo-tuf/keys';
import type { Certificate } from '@cargo-tuf/openpgp';
import { initRegistry, type NewRegistry, type RoleInput } from '@cargo-tuf/registry-commits';
import { Command } from 'commander';
import { collect, parseNumber } from '../../arguments.ts';
import { type Context, print } from '../../context.ts';
import { about, fail } from '../../errors.ts';
import { readCertificates } from '../../git/certificates.ts';
import { changeIndexRepository } from '../../git/index-repository.ts';
import {
  type IndexRole,
  parseDuration,
  parseRoleValue,
  type SigningOptions,
  withSigningOptions,
} from '../../git/options.ts';
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
    .option('--root <certificate>', 'a key that may change the keys; can be repeated', collect, [])
    .option('--timestamp <certificate>', 'a key that signs commits; can be repeated', collect, [])
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
  if (options.root.length === 0 || options.timestamp.length === 0)
    throw fail('ADMIN_USAGE', 'init: expected --root CERTIFICATE and --timestamp CERTIFICATE');
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
  const input = { roles, rootPeriod, certificates: Object.values(certificates).flat(), config };
  const made = await inRepository(context, dir, options.objectFormat, () =>
    sign(context, dir, options, input),
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

interface Input {
  readonly roles: ReadonlyMap<IndexRole, RoleInput>;
  readonly rootPeriod: number;
  readonly certificates: readonly Certificate[];
  readonly config: Uint8Array | undefined;
}

function sign(context: Context, dir: string, options: InitOptions, input: Input): Promise<NewRegistry> {
  const { roles, rootPeriod, certificates, config } = input;
  return changeIndexRepository(context, dir, options, certificates, ({ operator }) =>
    initRegistry(operator, {
      roles,
      rootExpires: operator.now + rootPeriod,
      repository: encodeHex(new Uint8Array(randomBytes(32))),
      files: new Map(config === undefined ? [] : [['config.json', config]]),
    }),
  );
}

function rolesOf(
  certificates: Readonly<Record<IndexRole, readonly Certificate[]>>,
  thresholds: readonly string[],
): ReadonlyMap<IndexRole, RoleInput> {
  const roles = new Map<IndexRole, RoleInput>();
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

/** What is there must be a repository. What is not is made, and goes again when the work fails. */
async function inRepository<T>(
  context: Context,
  dir: string,
  format: string,
  work: () => Promise<T>,
): Promise<T> {
  if (format !== 'sha1' && format !== 'sha256')
    throw fail('ADMIN_USAGE', '--object-format: expected sha1 or sha256');
  const folder = resolvePath(context, dir);
  if (isFolder(folder) && (await readdir(folder)).length > 0) return work();
  const git = await initRepository(folder, { environment: context.env, format });
  git.close();
  try {
    return await work();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
