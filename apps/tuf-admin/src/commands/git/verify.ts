import { auditHistory, openVerifiedIndex, registryStatus } from '@cargo-tuf/registry-commits';
import { formatTime } from '@cargo-tuf/metadata';
import { Command } from 'commander';
import { parseNumber } from '../../arguments.ts';
import { type Context, print } from '../../context.ts';
import { fail } from '../../errors.ts';
import { readIndex } from '../../git/index-repository.ts';
import { type IndexOptions, withIndexOptions } from '../../git/options.ts';

interface VerifyOptions extends IndexOptions {
  readonly commits: string;
}

export function verifyGitCommand(context: Context): Command {
  return withIndexOptions(new Command('verify'))
    .description('verify the tip as clients do, and every commit below it, as its next committer must')
    .argument('<dir>', 'the repository')
    .option('--commits <number>', 'how many commits to look at, at most', '100000')
    .addHelpText(
      'after',
      `
Example:
  tuf-admin git verify index.git

The exit code is 4 when a client would refuse the tip, or a commit below it is not signed as it must be.
`,
    )
    .action((dir: string, options: VerifyOptions) => run(context, dir, options));
}

async function run(context: Context, dir: string, options: VerifyOptions): Promise<void> {
  const limit = parseNumber('--commits', options.commits, 1, 10_000_000);
  const { tip, status, audit } = await readIndex(context, dir, options, async ({ operator }) => ({
    tip: (await openVerifiedIndex(operator)).tip,
    status: await registryStatus(operator),
    audit: await auditHistory(operator, { limit }),
  }));
  const { commits, end, findings } = audit;
  const ok = findings.length === 0 && status.problem === undefined;
  if (ok || options.json) {
    const text = [
      `${commits} commits, down to ${ENDS[end]}`,
      `timestamp.toml expires ${formatTime(status.timestamp.expires)}`,
      'everything is signed as it must be',
    ];
    print(
      context,
      { text, json: { ok, tip, commits, end, findings, problem: status.problem ?? null } },
      options.json,
    );
  }
  for (const { commit, message } of findings)
    context.stderr.write(`tuf-admin: finding: ${commit}: ${message}\n`);
  if (status.problem !== undefined) {
    const { code, message } = status.problem;
    throw fail('ADMIN_CLIENT_REFUSES', `tip: ${message}`, {
      details: { reason: code },
      hint: 'put it right: renew the timestamp, or exchange what has expired',
    });
  }
  if (findings.length > 0)
    throw fail(
      'ADMIN_GIT_HISTORY',
      `history: ${findings.length} of ${commits} commits are not as they must be`,
      {
        details: { commits: findings.map(each => each.commit) },
      },
    );
}

const ENDS = {
  first: 'the first one',
  unsigned: 'where signing began',
  limit: 'the limit',
  root: 'a root.toml that does not follow',
} as const;
