import { randomBytes } from 'node:crypto';
import { formatRegistryConfig } from '@cargo-tuf/crate-index';
import { escapeText } from '@cargo-tuf/errors';
import { encodeHex, sha256, type PublicKey } from '@cargo-tuf/keys';
import { createRepository, type PublicKeys, ROLE_NAMES, type RoleName } from '@cargo-tuf/repository';
import { Command } from 'commander';
import { parseNumber, parseScheme, withNewKeyOptions } from '../arguments.ts';
import { type Context, print } from '../context.ts';
import { about } from '../errors.ts';
import { createKeys, type OpenKey } from '../key-folder.ts';
import { makeEmptyFolder, writeNewFile } from '../local-file.ts';
import { type PassphraseOptions, passphraseForNewKeys, resolvePath } from '../passphrase.ts';
import { formatPolicy, initialPolicy } from '../policy-file.ts';
import { openRepositoryFolder, publisherContext } from '../repository-folder.ts';

interface InitOptions extends PassphraseOptions {
  readonly dl: string;
  readonly api?: string;
  readonly rootKeys: string;
  readonly rootThreshold: string;
  readonly scheme: string;
  readonly epoch: string;
  readonly json?: boolean;
}

export function initCommand(context: Context): Command {
  return withNewKeyOptions(new Command('init'))
    .description('make a repository: keys, policy.toml, and an empty registry that is signed')
    .argument('<dir>', 'an empty folder, or one that does not exist')
    .requiredOption('--dl <url>', 'where the archives are: the dl of config.json, with its markers')
    .option('--api <url>', 'the publish API: the api of config.json')
    .option('--root-keys <number>', 'how many root keys to make', '1')
    .option('--root-threshold <number>', 'how many of them must sign', '1')
    .option('--epoch <number>', 'the epoch of the map, when a registry starts over', '0')
    .addHelpText(
      'after',
      `
Example:
  tuf-admin init registry --dl https://crates.example.org/crates --root-keys 5 --root-threshold 3 --passphrase-file passphrase
`,
    )
    .action((dir: string, options: InitOptions) => init(context, dir, options));
}

async function init(context: Context, dir: string, options: InitOptions): Promise<void> {
  const rootKeys = parseNumber('--root-keys', options.rootKeys, 1, 32);
  const rootThreshold = parseNumber('--root-threshold', options.rootThreshold, 1, rootKeys);
  const epoch = parseNumber('--epoch', options.epoch, 0, 8191);
  const scheme = parseScheme(options.scheme);
  const { dl, api } = options;
  const config = await about('config.json', () =>
    formatRegistryConfig({ dl, ...(api !== undefined && { api }), authRequired: false }),
  );
  const passphrase = await passphraseForNewKeys(context, options);
  const folder = resolvePath(context, dir);
  await makeEmptyFolder(folder);

  const policy = initialPolicy(rootThreshold);
  const repository = await openRepositoryFolder(folder);
  const keys = new Map<RoleName, readonly OpenKey[]>();
  for (const role of ROLE_NAMES) {
    keys.set(
      role,
      await createKeys(repository.keysFolder, role, role === 'root' ? rootKeys : 1, { scheme, passphrase }),
    );
  }
  await writeNewFile(`${folder}/policy.toml`, new TextEncoder().encode(formatPolicy(policy)), 0o644);
  const repositoryId = new Uint8Array(randomBytes(32));
  const of = (role: RoleName): readonly PublicKey[] =>
    (keys.get(role) ?? []).map(key => key.signer.publicKey);
  const publicKeys: PublicKeys = {
    root: of('root'),
    targets: of('targets'),
    claims: of('claims'),
    crates: of('crates'),
    snapshot: of('snapshot'),
    timestamp: of('timestamp'),
  };
  await createRepository(publisherContext(context, repository, policy, keys), {
    publicKeys,
    config,
    repositoryId,
    epoch,
  });

  const root = (await repository.bytes.get('metadata/1.root.json'))?.bytes ?? new Uint8Array(0);
  const result = {
    folder,
    repository: encodeHex(repositoryId),
    root: `${repository.publicFolder}/metadata/1.root.json`,
    fingerprint: encodeHex(sha256(root)),
    encrypted: passphrase !== undefined,
  };
  const offline =
    'Move the keys of root, targets and claims off this machine; publishing every day needs the other three.';
  print(
    context,
    {
      text: [
        `Made a signed registry in ${escapeText(folder, 1000)}`,
        `root         ${escapeText(result.root, 1000)}`,
        `fingerprint  ${result.fingerprint}`,
        ...(passphrase === undefined ? ['The private keys are not encrypted: for a trial only.'] : []),
        offline,
      ],
      json: result,
    },
    options.json,
  );
}
