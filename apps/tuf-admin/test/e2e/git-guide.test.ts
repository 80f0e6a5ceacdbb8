// docs/guides/signed-index.md, followed to the letter: each line that begins a command is run, with the fingerprints filled in.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { needGpg } from '../../../../packages/openpgp/test/gpg.ts';
import { openGitTrial } from '../git-trial.ts';

const GUIDE = fileURLToPath(new URL('../../../../docs/guides/signed-index.md', import.meta.url));

it('is what an operator can do', { timeout: 120_000 }, async context => {
  needGpg(context);
  const index = await openGitTrial();
  const { trial, gpg } = index;
  writeFileSync(trial.path('passphrase'), 'correct horse\n');
  await trial.crate('target/package', 'itoa', '1.0.0');
  for (const name of ['alice', 'keeper']) index.gpgKey(name);
  await index.admin(
    'key',
    'bot2.pem',
    '--user-id',
    'Bot <bot2@example.org>',
    '--passphrase-file',
    'passphrase',
  );
  const fingerprints = new Map<string, string>();
  const seen: string[] = [];
  for (const line of commandsOf(readFileSync(GUIDE, 'utf8'))) {
    const words = wordsOf(line).map(word =>
      word.replace(/(ROOT|BOT)$/, name => fingerprints.get(name) ?? name),
    );
    seen.push(words.slice(0, 3).join(' '));
    if (words[0] === 'gpg') runGpg(words.slice(1));
    else if (words[2] === 'init') {
      const role = ['--targets', 'keeper.asc'];
      await index.admin(...words.slice(2), ...role);
    } else await index.admin(...words.slice(2));
    if (words[2] === 'key') fingerprints.set('BOT', fingerprintIn('bot.asc'));
  }
  expect(seen.filter(each => each.startsWith('tuf-admin')).length).toBeGreaterThanOrEqual(11);
  await index.admin('verify', 'index.git');
  expect((await index.admin('status', 'index.git', '--json')).json).toMatchObject({
    root: { version: 2 },
    problem: null,
  });

  function runGpg(words: readonly string[]): void {
    const at = words.indexOf('>');
    const output = gpg.run(
      words
        .slice(0, at === -1 ? undefined : at)
        .map(word => (word.startsWith('work/') ? trial.path(word) : word)),
    );
    if (at !== -1) writeFileSync(trial.path(words[at + 1] as string), output);
    if (words[0] === '--quick-generate-key') fingerprints.set('ROOT', gpg.fingerprint(words[1] as string));
  }

  function fingerprintIn(file: string): string {
    const listed = execFileSync('gpg', [
      '--homedir',
      gpg.home,
      '--with-colons',
      '--show-keys',
      trial.path(file),
    ]);
    return /^fpr:+([0-9A-F]{40}):/m.exec(listed.toString())?.[1] ?? '';
  }
});

/** Lines of code blocks; those that need a server or a second custodian are tried in git-index.test.ts. */
function commandsOf(guide: string): readonly string[] {
  const blocks = [...guide.matchAll(/```\n([^`]*)```/g)].flatMap(([, block]) =>
    (block ?? '').trim().split('\n'),
  );
  return blocks.filter(line => !/ push | fetch |countersign|git status index$/.test(line));
}

/** As a shell splits them. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}
