import { escapeText } from '@cargo-tuf/errors';
import { formatTime } from '@cargo-tuf/metadata';
import {
  type KeyStatus,
  type ProposalStatus,
  registryStatus,
  type RegistryStatus,
} from '@cargo-tuf/registry-commits';
import { Command } from 'commander';
import { type Context, print } from '../../context.ts';
import { readIndex } from '../../git/index-repository.ts';
import { type IndexOptions, withIndexOptions } from '../../git/options.ts';
import { missingLine } from '../../git/report.ts';

export function statusCommand(context: Context): Command {
  return withIndexOptions(new Command('status'))
    .description('what expires when, who may sign what, and what waits for whose signature')
    .argument('<dir>', 'the repository')
    .addHelpText('after', '\nExample:\n  tuf-admin git status index.git\n')
    .action((dir: string, options: IndexOptions) => run(context, dir, options));
}

async function run(context: Context, dir: string, options: IndexOptions): Promise<void> {
  const { status, branch } = await readIndex(context, dir, options, async ({ operator }) => ({
    status: await registryStatus(operator),
    branch: operator.branch,
  }));
  print(context, { text: linesOf(branch, status), json: jsonOf(branch, status) }, options.json);
}

function linesOf(branch: string, status: RegistryStatus): readonly string[] {
  const { root, timestamp, targets, roles, proposals, problem } = status;
  return [
    `${branch} is at ${status.tip}`,
    ...(problem === undefined ? [] : [`a client refuses it: ${problem.message}`]),
    `root.toml       version ${root.version}, expires ${formatTime(root.expires)}, sha256 ${status.fingerprint}`,
    `timestamp.toml  version ${timestamp.version}, expires ${formatTime(timestamp.expires)}`,
    ...(targets === undefined
      ? []
      : [
          `targets.toml    version ${targets.version}, expires ${formatTime(targets.expires)}`,
          ...targets.owners.map(
            ({ paths, threshold, keyIds }) =>
              `  ${escapeText(paths.join(', '), 200)}: ${threshold} of ${keyIds.length} owners: ${keyIds.join(', ')}`,
          ),
        ]),
    ...roles.flatMap(({ name, threshold, keys }) => [
      `${name}: ${threshold} of ${keys.length} keys`,
      ...keys.map(key => `  ${key.keyId}  ${escapeText(key.userIds.join(', '), 200)}, ${endOf(key)}`),
    ]),
    ...proposals.flatMap(proposalLines),
  ];
}

function endOf({ expires, problem }: KeyStatus): string {
  if (problem !== undefined) return `may not sign: ${problem}`;
  return expires === undefined ? 'never expires' : `expires ${formatTime(expires)}`;
}

const SHOWN = 40;

function proposalLines({ kind, id, signers, missing, isStale, changes }: ProposalStatus): readonly string[] {
  return [
    `waits: ${kind} ${id}${isStale ? ', which the index has passed by' : ''}`,
    ...changes.slice(0, SHOWN).map(change => `  ${escapeText(change, 300)}`),
    ...(changes.length > SHOWN ? [`  and ${changes.length - SHOWN} more: see --json`] : []),
    `  signed by ${signers.join(', ')}`,
    ...missing.map(each => `  ${missingLine(each)}`),
  ];
}

function jsonOf(branch: string, status: RegistryStatus): Readonly<Record<string, unknown>> {
  const { targets, problem } = status;
  const time = (each: { readonly version: number; readonly expires: number }) => ({
    version: each.version,
    expires: formatTime(each.expires),
  });
  return {
    branch,
    tip: status.tip,
    fingerprint: status.fingerprint,
    root: time(status.root),
    timestamp: time(status.timestamp),
    targets: targets === undefined ? null : { ...time(targets), owners: targets.owners },
    roles: status.roles.map(({ name, threshold, keys }) => ({
      name,
      threshold,
      keys: keys.map(key => ({
        ...key,
        expires: key.expires === undefined ? null : formatTime(key.expires),
        problem: key.problem ?? null,
      })),
    })),
    proposals: status.proposals,
    problem: problem ?? null,
  };
}
