import { publicKeysOf, readState, rotate, type RoleName } from '@cargo-tuf/repository';
import { Command } from 'commander';
import { parseNumber, parseScheme, withNewKeyOptions } from '../arguments.ts';
import { commitJson, commitLines } from '../commit-report.ts';
import { type Context, print } from '../context.ts';
import { fail } from '../errors.ts';
import { createKeys, discardUnused, isRoleName, type OpenKey, retireKeys } from '../key-folder.ts';
import { type PassphraseOptions, passphraseForNewKeys } from '../passphrase.ts';
import { changeRepository, publisherContext } from '../repository-folder.ts';

interface RotateOptions extends PassphraseOptions {
  readonly keys?: string;
  readonly scheme: string;
  readonly json?: boolean;
}

export function rotateCommand(context: Context): Command {
  return withNewKeyOptions(new Command('rotate'))
    .description(
      'give a role new keys, with the threshold of policy.toml; the old ones go to DIR/keys/retired',
    )
    .argument('<dir>', 'the folder of the repository')
    .argument('<role>', 'root, targets, claims, crates, snapshot or timestamp')
    .option('--keys <number>', 'how many keys to make; as many as there are when not given')
    .addHelpText(
      'after',
      `
Example:
  tuf-admin rotate registry timestamp

Needs the root keys; for claims and crates the targets keys instead.
`,
    )
    .action((dir: string, role: string, options: RotateOptions) => run(context, dir, role, options));
}

async function run(context: Context, dir: string, role: string, options: RotateOptions): Promise<void> {
  if (!isRoleName(role))
    throw fail('ADMIN_USAGE', 'argument: expected root, targets, claims, crates, snapshot or timestamp');
  const scheme = parseScheme(options.scheme);
  const wanted = options.keys === undefined ? undefined : parseNumber('--keys', options.keys, 1, 32);
  const passphrase = await passphraseForNewKeys(context, options);
  const roles: readonly RoleName[] = [role, isDelegated(role) ? 'targets' : 'root'];
  const report = await changeRepository(context, dir, { ...options, roles }, async change => {
    const { repository, state, keys, publisher } = change;
    const count = wanted ?? publicKeysOf(state)[role].length;
    if (count < publisher.policy[role].threshold) {
      throw fail(
        'ADMIN_USAGE',
        `--keys: ${count}, expected at least the threshold ${publisher.policy[role].threshold}`,
      );
    }
    const added = await createKeys(repository.keysFolder, role, count, { scheme, passphrase });
    const all = new Map(keys).set(role, [...(keys.get(role) ?? []), ...added]);
    const result = await rotate(publisherContext(context, repository, publisher.policy, all), {
      role,
      publicKeys: added.map(key => key.signer.publicKey),
    }).catch((error: unknown) => discardUnused(added, error));
    const retired = without(all.get(role) ?? [], added);
    await retireKeys(
      repository.keysFolder,
      retired.map(key => key.file),
    );
    const root = (await readState(repository.bytes, [])).root.value.version;
    return { result, root, added: added.map(key => key.file.path), retired: retired.length };
  });
  print(
    context,
    {
      text: [
        `${role} has ${report.added.length} new keys; ${report.retired} are retired; root version ${report.root}`,
        ...commitLines(report.result),
      ],
      json: {
        role,
        keys: report.added,
        retired: report.retired,
        rootVersion: report.root,
        ...commitJson(report.result),
      },
    },
    options.json,
  );
}

function isDelegated(role: RoleName): boolean {
  return role === 'claims' || role === 'crates';
}

function without(keys: readonly OpenKey[], kept: readonly OpenKey[]): readonly OpenKey[] {
  return keys.filter(key => !kept.includes(key));
}
