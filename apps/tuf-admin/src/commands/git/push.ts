import type { ObjectId } from '@cargo-tuf/git-object';
import { firstParents, type GitRepository, type RefUpdate } from '@cargo-tuf/git-transport';
import { openVerifiedIndex, PREVIOUS_TIP } from '@cargo-tuf/registry-commits';
import { Command } from 'commander';
import { type Context, print } from '../../context.ts';
import { fail } from '../../errors.ts';
import { readIndex } from '../../git/index-repository.ts';
import { type IndexOptions, withIndexOptions } from '../../git/options.ts';

export function pushCommand(context: Context): Command {
  return withIndexOptions(new Command('push'))
    .description('push the branch and its rotation tags together, over nothing that others pushed')
    .argument('<dir>', 'the repository')
    .argument('<url>', 'https://…, or a folder as file://…')
    .addHelpText(
      'after',
      `
Example:
  CARGO_TUF_GIT_AUTHORIZATION='Bearer …' tuf-admin git push index.git https://example.org/index.git

Over ssh, use git: git push --atomic --force-with-lease=main:REMOTE origin main 'refs/tags/root-rotation-v*'
`,
    )
    .action((dir: string, url: string, options: IndexOptions) => run(context, dir, url, options));
}

const TAGS = 'refs/tags/root-rotation-v1-';

async function run(context: Context, dir: string, url: string, options: IndexOptions): Promise<void> {
  const authorization = context.env['CARGO_TUF_GIT_AUTHORIZATION'];
  const remote = { url, ...(authorization !== undefined && { authorization }) };
  const pushed = await readIndex(context, dir, options, async ({ git, operator }) => {
    const { tip } = await openVerifiedIndex(operator);
    const there = new Map((await git.remoteRefs(remote)).map(({ name, id }) => [name, id]));
    const { branch } = operator;
    const before = there.get(branch) ?? null;
    if (before !== null && before !== tip) await assertKnown(git, tip, before);
    const updates: RefUpdate[] = before === tip ? [] : [{ name: branch, to: tip, from: before }];
    for (const { name, id } of await git.refs('refs/tags')) {
      const from = there.get(name) ?? null;
      if (name.startsWith(TAGS) && from !== id) updates.push({ name, to: id, from });
    }
    if (updates.length > 0) await git.push({ ...remote, updates });
    return updates;
  });
  print(
    context,
    {
      text:
        pushed.length === 0 ? ['Nothing to push'] : pushed.map(({ name, to }) => `pushed  ${name}  ${to}`),
      json: { pushed: pushed.map(({ name, to, from }) => ({ name, to, from })) },
    },
    options.json,
  );
}

const COMMITS = 1_000_000;

/** What stands there is below our tip, through squashes as well: their messages name the tip that they took the place of. */
async function assertKnown(git: GitRepository, tip: ObjectId, found: ObjectId): Promise<void> {
  let from: ObjectId | undefined = tip;
  while (from !== undefined) {
    let previous: ObjectId | undefined;
    for await (const { id, commit } of firstParents(git, from, { limit: COMMITS })) {
      if (id === found) return;
      previous = commit.parents.length === 0 ? previousTip(commit.message) : undefined;
    }
    from = previous;
  }
  throw fail('ADMIN_GIT_BEHIND', `remote branch: at ${found}, which is not below ${tip}`, {
    details: { found, tip },
  });
}

function previousTip(message: Uint8Array): ObjectId | undefined {
  const lines = new TextDecoder().decode(message).split('\n');
  const line = lines.find(each => each.startsWith(PREVIOUS_TIP));
  return line === undefined ? undefined : (line.slice(PREVIOUS_TIP.length) as ObjectId);
}
