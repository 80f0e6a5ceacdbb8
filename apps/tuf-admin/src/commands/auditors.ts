import type { PublicKey } from '@cargo-tuf/keys';
import { auditPath, trustRoot, verifyAudit } from '@cargo-tuf/client';
import { escapeText, isTufError } from '@cargo-tuf/errors';
import { type CommitResult, type PublishedBytes, readState, setAuditors } from '@cargo-tuf/repository';
import type { Auditors } from '@cargo-tuf/metadata';
import { Command } from 'commander';
import { collect, parseNumber, withKeyOptions } from '../arguments.ts';
import { commitJson, commitLines } from '../commit-report.ts';
import { type Context, print } from '../context.ts';
import { fail } from '../errors.ts';
import { readPublicKey } from '../key-folder.ts';
import type { PassphraseOptions } from '../passphrase.ts';
import { changeRepository, openForReading } from '../repository-folder.ts';

interface AuditorsOptions extends PassphraseOptions {
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly require?: string;
  readonly json?: boolean;
}

export function auditorsCommand(context: Context): Command {
  return withKeyOptions(new Command('auditors'))
    .description(
      'say in root who countersigns, and how many of them clients require; without options, list them',
    )
    .argument('<dir>', 'the folder of the repository')
    .option('--add <file>', "an auditor's public key, as PEM; can be repeated", collect, [])
    .option('--remove <keyid>', 'an auditor who is listed; can be repeated', collect, [])
    .option('--require <number>', 'how many auditors a client requires; 0 for none')
    .addHelpText(
      'after',
      `
Example:
  tuf-admin auditors registry --add alice.pub --add bob.pub
  tuf-admin auditors registry --require 1

Needs the root keys. Require auditors once their files stand in DIR/public/audits: clients refuse the registry without them.
`,
    )
    .action((dir: string, options: AuditorsOptions) => run(context, dir, options));
}

async function run(context: Context, dir: string, options: AuditorsOptions): Promise<void> {
  const { add, remove, require } = options;
  if (add.length === 0 && remove.length === 0 && require === undefined) return list(context, dir, options);
  const added: PublicKey[] = [];
  for (const file of add) added.push(await readPublicKey(context, file));
  const { result, auditors } = await changeRepository(
    context,
    dir,
    { ...options, roles: ['root'] },
    async ({ publisher, state, repository }) => {
      const root = state.root.value;
      const listed = root.auditors ?? { keys: new Map(), threshold: 0 };
      for (const keyId of remove) {
        if (!listed.keys.has(keyId))
          throw fail('ADMIN_USAGE', `--remove: ${escapeText(keyId, 80)} is not listed`);
      }
      const kept = [...listed.keys].filter(([keyId]) => !remove.includes(keyId));
      const publicKeys = [...kept.flatMap(([, key]) => key.publicKey ?? []), ...added];
      const count = new Set(publicKeys.map(key => key.identity)).size;
      const required = require === undefined ? listed.threshold : parseNumber('--require', require, 0, count);
      if (required > listed.threshold) {
        await assertPresent(repository.bytes, state.root.bytes, required, context.clock());
      }
      const done = await setAuditors(publisher, { publicKeys, required });
      return { result: done, auditors: (await readState(repository.bytes, [])).root.value.auditors };
    },
  );
  report(context, auditors, result, options.json);
}

async function list(context: Context, dir: string, { json }: AuditorsOptions): Promise<void> {
  const { bytes } = await openForReading(context, dir);
  report(context, (await readState(bytes, [])).root.value.auditors, undefined, json);
}

/** Clients would refuse the registry at once. */
async function assertPresent(
  bytes: PublishedBytes,
  root: Uint8Array,
  required: number,
  time: number,
): Promise<void> {
  const trusted = trustRoot(root);
  const present = new Set<string>();
  for (const [keyId, { publicKey }] of trusted.root.value.auditors?.keys ?? []) {
    const file = await bytes.get(auditPath(keyId));
    if (file === null || publicKey === undefined) continue;
    try {
      verifyAudit(trusted, keyId, file.bytes, time);
      present.add(publicKey.identity);
    } catch (error) {
      if (!isTufError(error)) throw error;
    }
  }
  if (present.size >= required) return;
  throw fail(
    'ADMIN_AUDITORS',
    `audits: ${present.size} good ones of listed auditors stand in public/audits, expected ${required}`,
    { details: { present: present.size, required } },
  );
}

function report(
  context: Context,
  auditors: Auditors | undefined,
  result: CommitResult | undefined,
  json: boolean | undefined,
): void {
  const required = auditors?.threshold ?? 0;
  const keys = [...(auditors?.keys ?? [])];
  print(
    context,
    {
      text: [
        `${required} of ${keys.length} auditors must have countersigned`,
        ...keys.map(([keyId]) => `auditor ${keyId}`),
        ...(result === undefined ? [] : commitLines(result)),
      ],
      json: {
        required,
        auditors: keys.map(([keyId]) => keyId),
        ...(result !== undefined && commitJson(result)),
      },
    },
    json,
  );
}
