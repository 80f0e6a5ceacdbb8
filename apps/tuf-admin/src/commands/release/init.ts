import { randomBytes } from 'node:crypto';
import { escapeText } from '@cargo-tuf/errors';
import { encodeHex, type PublicKey, sha256, type Signer } from '@cargo-tuf/keys';
import { createReleases, RELEASE_HOLDERS, type ReleaseHolder } from '@cargo-tuf/repository';
import { Command } from 'commander';
import { collect, parseNumber, parseScheme, withNewKeyOptions } from '../../arguments.ts';
import { type Context, print } from '../../context.ts';
import { fail } from '../../errors.ts';
import { createKeys, type OpenKey, openKeyFile, readPublicKey } from '../../key-folder.ts';
import { makeEmptyFolder, writeNewFile } from '../../local-file.ts';
import { type PassphraseOptions, passphraseForNewKeys, resolvePath } from '../../passphrase.ts';
import { formatReleasesPolicy, initialReleasesPolicy } from '../../releases/policy-file.ts';
import { releasesContext } from '../../releases/releases-folder.ts';
import { openRepositoryFolder } from '../../repository-folder.ts';

interface InitOptions extends PassphraseOptions {
  readonly rootKeys?: string;
  readonly rootThreshold: string;
  readonly rootKey: readonly string[];
  readonly key: readonly string[];
  readonly releaseKeys: string;
  readonly releaseThreshold: string;
  readonly rustupKeys: string;
  readonly rustupThreshold: string;
  readonly scheme: string;
  readonly json?: boolean;
}

export function initReleaseCommand(context: Context): Command {
  return withNewKeyOptions(new Command('init'))
    .description('make a repository of Rust releases: keys, policy.toml, and signed roles without a release')
    .argument('<dir>', 'an empty folder, or one that does not exist')
    .option('--root-keys <number>', 'how many root keys to make: 9, or none with --root-key')
    .option('--root-threshold <number>', 'how many root keys must sign', '5')
    .option('--root-key <file>', "a custodian's public key, as PEM; can be repeated", collect, [])
    .option(
      '--key <file>',
      "a custodian's private key, to sign the first root with; can be repeated",
      collect,
      [],
    )
    .option('--release-keys <number>', 'how many keys of release to make', '5')
    .option('--release-threshold <number>', 'how many of them must sign stable and beta', '3')
    .option('--rustup-keys <number>', 'how many keys of rustup to make', '5')
    .option('--rustup-threshold <number>', 'how many of them must sign a rustup', '3')
    .addHelpText(
      'after',
      `
Example:
  tuf-admin release init releases --root-keys 9 --root-threshold 5 --passphrase-file passphrase
`,
    )
    .action((dir: string, options: InitOptions) => init(context, dir, options));
}

async function init(context: Context, dir: string, options: InitOptions): Promise<void> {
  const custodians: PublicKey[] = [];
  for (const file of options.rootKey) custodians.push(await readPublicKey(context, file));
  const least = custodians.length > 0 ? 0 : 1;
  const counts: Partial<Record<ReleaseHolder, number>> = {
    root: parseNumber('--root-keys', options.rootKeys ?? (least === 0 ? '0' : '9'), least, 32),
    release: parseNumber('--release-keys', options.releaseKeys, 1, 32),
    rustup: parseNumber('--rustup-keys', options.rustupKeys, 1, 32),
  };
  const all = (counts.root ?? 0) + custodians.length;
  const policy = initialReleasesPolicy({
    root: parseNumber('--root-threshold', options.rootThreshold, 1, all),
    release: parseNumber('--release-threshold', options.releaseThreshold, 1, counts.release ?? 1),
    rustup: parseNumber('--rustup-threshold', options.rustupThreshold, 1, counts.rustup ?? 1),
  });
  const scheme = parseScheme(options.scheme);
  const passphrase = await passphraseForNewKeys(context, options);
  const elsewhere: Signer[] = [];
  for (const file of options.key) elsewhere.push(await openKeyFile(resolvePath(context, file), passphrase));
  assertQuorum(policy.root.threshold, (counts.root ?? 0) + atHand(elsewhere, custodians));
  const folder = resolvePath(context, dir);
  await makeEmptyFolder(folder);

  const repository = await openRepositoryFolder(folder);
  const keys = new Map<ReleaseHolder, readonly OpenKey[]>();
  for (const role of RELEASE_HOLDERS) {
    const count = counts[role] ?? 1;
    keys.set(role, await createKeys(repository.keysFolder, role, count, { scheme, passphrase }));
  }
  await writeNewFile(`${folder}/policy.toml`, new TextEncoder().encode(formatReleasesPolicy(policy)), 0o644);
  const of = (role: ReleaseHolder): readonly PublicKey[] =>
    (keys.get(role) ?? []).map(key => key.signer.publicKey);
  const repositoryId = new Uint8Array(randomBytes(32));
  await createReleases(releasesContext(context, repository, policy, keys, elsewhere), {
    publicKeys: {
      root: [...custodians, ...of('root')],
      release: of('release'),
      rustup: of('rustup'),
      nightly: of('nightly'),
      snapshot: of('snapshot'),
      timestamp: of('timestamp'),
    },
    repositoryId,
  });

  const root = (await repository.bytes.get('metadata/1.root.json'))?.bytes ?? new Uint8Array(0);
  const result = {
    folder,
    repository: encodeHex(repositoryId),
    root: `${repository.publicFolder}/metadata/1.root.json`,
    fingerprint: encodeHex(sha256(root)),
    encrypted: passphrase !== undefined,
  };
  print(
    context,
    {
      text: [
        `Made a signed repository of releases in ${escapeText(folder, 1000)}`,
        `root         ${escapeText(result.root, 1000)}`,
        `fingerprint  ${result.fingerprint}`,
        ...(passphrase === undefined ? ['The private keys are not encrypted: for a trial only.'] : []),
        'Move the keys of root, release and rustup off this machine; publishing nightly needs the other three.',
      ],
      json: result,
    },
    options.json,
  );
}

function atHand(signers: readonly Signer[], custodians: readonly PublicKey[]): number {
  const present = new Set(signers.map(signer => signer.publicKey.identity));
  return custodians.filter(key => present.has(key.identity)).length;
}

/** Before anything is made. */
function assertQuorum(threshold: number, present: number): void {
  if (present >= threshold) return;
  throw fail('ADMIN_USAGE', `root: ${present} private keys at hand, expected the threshold ${threshold}`, {
    hint: "give the custodians' private keys with --key, or begin with keys that are made here and rotate root to theirs",
  });
}
