import { parseObjectId } from '@cargo-tuf/git-object';
import { countersign } from '@cargo-tuf/registry-commits';
import { Command } from 'commander';
import { type Context, print } from '../../context.ts';
import { about } from '../../errors.ts';
import { changeIndexRepository } from '../../git/index-repository.ts';
import { type SigningOptions, withSigningOptions } from '../../git/options.ts';
import { outcomeReport } from '../../git/report.ts';

export function countersignCommand(context: Context): Command {
  return withSigningOptions(new Command('countersign'))
    .description('add signatures to what waits for them, and publish it when it has enough')
    .argument('<dir>', 'the repository')
    .argument('<id>', 'the commit, as `tuf-admin git status` shows it with its changes')
    .addHelpText(
      'after',
      `
Example:
  git fetch origin 'refs/proposal/*:refs/proposal/*'
  tuf-admin git status index
  tuf-admin git countersign index 4b825dc642cb6eb9a060e54bf8d69288fbee4904 --gpg-key FINGERPRINT
  git push origin 'refs/proposal/*:refs/proposal/*'

A commit that was made by hand on the branch and lacks signatures is countersigned in the same way. git itself refuses commits
and tags with several signatures; gpg and every client of the index verify each of them.
`,
    )
    .action((dir: string, id: string, options: SigningOptions) => run(context, dir, id, options));
}

async function run(context: Context, dir: string, id: string, options: SigningOptions): Promise<void> {
  const outcome = await changeIndexRepository(context, dir, options, [], async ({ git, operator }) =>
    countersign(operator, await about('argument', () => parseObjectId(id, git.format))),
  );
  print(context, outcomeReport('Countersigned', outcome), options.json);
}
