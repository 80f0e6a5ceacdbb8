import { escapeText } from '@cargo-tuf/errors';
import type { PublicKey } from '@cargo-tuf/keys';
import { formatKey } from '@cargo-tuf/metadata';
import {
  readReleases,
  type ReleaseHolder,
  releaseKeysOf,
  type ReleasesState,
  rotateReleases,
} from '@cargo-tuf/repository';
import { Command } from 'commander';
import { collect, parseNumber, parseScheme, withNewKeyOptions } from '../../arguments.ts';
import { type Context, print } from '../../context.ts';
import { fail } from '../../errors.ts';
import { createKeys, discardUnused, readPublicKey, retireKeys } from '../../key-folder.ts';
import { passphraseForNewKeys, readPassphrase } from '../../passphrase.ts';
import { changeReleases, type ReleaseKeyOptions } from '../../releases/releases-folder.ts';
import { resultJson, resultLine } from '../../releases/report.ts';
import { parseHolder } from '../../releases/roles.ts';
import { isDraft, withDraftOption, writeDraft } from '../../releases/write-draft.ts';

interface RotateOptions extends ReleaseKeyOptions {
  readonly keys?: string;
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly draft?: string;
  readonly scheme: string;
  readonly json?: boolean;
}

export function rotateReleaseCommand(context: Context): Command {
  return withDraftOption(withNewKeyOptions(new Command('rotate')))
    .description(
      'give a role other keys, with the threshold of policy.toml; the old ones go to DIR/keys/retired',
    )
    .argument('<dir>', 'the folder of the repository')
    .argument('<role>', 'root, release, rustup, nightly, snapshot or timestamp')
    .option(
      '--remove <keyid>',
      'a key that the role has; all of them unless --remove or --add is given; can be repeated',
      collect,
      [],
    )
    .option('--add <file>', "a custodian's public key, as PEM; can be repeated", collect, [])
    .option(
      '--keys <number>',
      'how many keys to make; as many as are taken away and not added when not given',
    )
    .option('--key <file>', 'a private key that is not in DIR/keys; can be repeated', collect, [])
    .addHelpText(
      'after',
      `
Example:
  tuf-admin release status releases
  tuf-admin release rotate releases root --remove 3f0c… --remove 9a41… --add alice.pub --add bob.pub --key carol.pem
  tuf-admin release rotate releases nightly

Needs as many root keys as their threshold, of before and of after; for release, rustup and nightly also the new keys of the role.
targets and crates-root have the keys of root, and follow it.
`,
    )
    .action((dir: string, role: string, options: RotateOptions) => run(context, dir, role, options));
}

async function run(context: Context, dir: string, text: string, options: RotateOptions): Promise<void> {
  const role = parseHolder(text);
  const scheme = parseScheme(options.scheme);
  const added: PublicKey[] = [];
  for (const file of options.add) added.push(await readPublicKey(context, file));
  const report = await changeReleases(context, dir, { ...options, holders: ['root', role] }, async change => {
    const { repository, state, keys, publisher } = change;
    const plan = planKeys(releaseKeysOf(state)[role], added, options);
    const { threshold } = publisher.policy[role];
    if (plan.kept.length + plan.made < threshold)
      throw fail(
        'ADMIN_USAGE',
        `${role}: ${plan.kept.length + plan.made} keys, expected at least the threshold ${threshold}`,
      );
    const passphrase = await (plan.made > 0 ? passphraseForNewKeys : readPassphrase)(context, options);
    const first = 100 * (holderVersion(state, role) + 1) + 1;
    const made = await createKeys(repository.keysFolder, role, plan.made, { scheme, passphrase, first });
    const signers = new Map(publisher.signers);
    signers.set(role, [...(signers.get(role) ?? []), ...made.map(key => key.signer)]);
    const publicKeys = [...plan.kept, ...made.map(key => key.signer.publicKey)];
    const rotation = { role, publicKeys };
    const undoing = <T>(work: Promise<T>): Promise<T> => work.catch(error => discardUnused(made, error));
    if (isDraft(options))
      return undoing(writeDraft(context, change, { kind: 'rotation', ...rotation }, options));
    const result = await undoing(rotateReleases({ ...publisher, signers }, rotation));
    const staying = new Set(publicKeys.map(key => key.identity));
    const retired = (keys.get(role) ?? []).filter(key => !staying.has(key.signer.publicKey.identity));
    await retireKeys(
      repository.keysFolder,
      retired.map(key => key.file),
    );
    const root = (await readReleases(repository.bytes)).root.value.version;
    return {
      result,
      root,
      made: made.map(key => key.file.path),
      retired: retired.length,
      keys: publicKeys.length,
    };
  });
  if (report === undefined) return;
  print(
    context,
    {
      text: [
        `${role} has ${report.keys} keys, ${report.made.length} were made; ${report.retired} are retired; root version ${report.root}`,
        resultLine(report.result),
      ],
      json: {
        role,
        keys: report.keys,
        made: report.made,
        retired: report.retired,
        rootVersion: report.root,
        ...resultJson(report.result),
      },
    },
    options.json,
  );
}

/** New keys are numbered by the version that lists them first: those that were carried off have lower numbers. */
function holderVersion(state: ReleasesState, role: ReleaseHolder): number {
  const isDelegated = role === 'release' || role === 'rustup' || role === 'nightly';
  return (isDelegated ? state.targets : state.root).value.version;
}

/** Which of a role's keys stay, with those that are added, and how many are made beside them. */
function planKeys(
  standing: readonly PublicKey[],
  added: readonly PublicKey[],
  { remove, keys }: RotateOptions,
): { readonly kept: readonly PublicKey[]; readonly made: number } {
  const isWhole = remove.length === 0 && added.length === 0;
  const removed = isWhole ? standing : remove.map(text => keyNamed(standing, text));
  const stay = standing.filter(key => !removed.includes(key));
  const least = Math.max(0, removed.length - added.length);
  const made = keys === undefined ? least : parseNumber('--keys', keys, 0, 32);
  return { kept: [...stay, ...added], made };
}

/** Eight digits of a key id are enough, where they are of one key. */
function keyNamed(keys: readonly PublicKey[], text: string): PublicKey {
  const found = keys.filter(key => text.length >= 8 && formatKey(key).keyId.startsWith(text));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw fail(
    'ADMIN_USAGE',
    `--remove: ${escapeText(text, 80)} names ${found.length} keys of the role, expected one`,
    {
      hint: '`tuf-admin release status DIR` lists them; eight digits are enough',
    },
  );
}
