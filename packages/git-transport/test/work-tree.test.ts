import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { parseObjectId } from '@cargo-tuf/git-object';
import { openGitRepository } from '@cargo-tuf/git-transport';
import { expect, it, onTestFinished } from 'vitest';

it('follows a branch, and overwrites nothing', async () => {
  const folder = mkdtempSync(`${tmpdir()}/work-tree-`);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.org'];
  const git = (...words: string[]) =>
    execFileSync('git', [...who, ...words], { cwd: folder, encoding: 'utf8' }).trim();
  const commit = (content: string) => {
    writeFileSync(`${folder}/file`, content);
    git('add', 'file');
    git('commit', '--quiet', '--message', content);
    return parseObjectId(git('rev-parse', 'HEAD'), 'sha1');
  };
  git('init', '--quiet', '--initial-branch=main');
  const repository = await openGitRepository(folder);
  onTestFinished(() => repository.close());
  const files = repository.workTree;
  if (files === undefined) throw new Error('no working tree');
  expect(await repository.head()).toBe('refs/heads/main');
  expect(await files.isAt(undefined)).toBe(true);
  const [one, two] = [commit('one'), commit('two')];
  expect([await files.isAt(one), await files.isAt(two)]).toEqual([false, true]);
  await files.move(two, one);
  expect(readFileSync(`${folder}/file`, 'utf8')).toBe('one');
  expect(await files.isAt(one)).toBe(true);
  await files.assertMovable(one, two);
  expect(await files.isAt(one)).toBe(true);
  writeFileSync(`${folder}/file`, 'mine');
  expect(await files.isAt(one)).toBe(false);
  for (const move of [files.assertMovable, files.move])
    await expect(move(one, two)).rejects.toMatchObject({ code: 'GIT_WORK_TREE', kind: 'misuse' });
  expect(readFileSync(`${folder}/file`, 'utf8')).toBe('mine');
  git('checkout', '--quiet', '--detach', '--force');
  expect(await repository.head()).toBeUndefined();
});
