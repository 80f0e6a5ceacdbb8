// What is asked of a repository before there is one of our own, and the housekeeping of one that others work in.
import { readdirSync, utimesSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { initRepository, listRemote, parseGitUrl } from '@cargo-tuf/git-transport';
import { describe, expect, it, onTestFinished } from 'vitest';
import { code, commitFiles, git, temporaryFolder } from './folders.ts';

describe.each(['sha1', 'sha256'] as const)('a repository of %s objects', format => {
  it('is listed with its format, and without one of our own', async () => {
    const repository = await initRepository(temporaryFolder(), { format });
    onTestFinished(() => repository.close());
    const url = pathToFileURL(repository.folder).href;
    const list = (...patterns: readonly string[]) => listRemote({ url, protocols: ['file'], patterns });
    expect(await list()).toBeUndefined();
    const { id } = await commitFiles(repository, undefined, { a: '1' });
    await repository.updateRef('refs/heads/main', id, null);
    await repository.updateRef('refs/tags/root-rotation-v1-2', id, null);
    await repository.updateRef('refs/x/refs/tags/root-rotation-v1-3', id, null);
    expect(await list('HEAD', 'refs/tags/root-rotation-v1-*')).toEqual({
      format,
      refs: [
        { name: 'HEAD', id },
        { name: 'refs/tags/root-rotation-v1-2', id },
      ],
    });
    expect(await list('refs/heads/none')).toBeUndefined();
    await expect(listRemote({ url })).rejects.toMatchObject(code('GIT_URL'));
    await expect(listRemote({ url: `${url}x`, protocols: ['file'] })).rejects.toMatchObject(
      code('GIT_FAILED'),
    );
  });

  it('is put into one pack, without what no ref has led to for a day', async () => {
    const repository = await initRepository(temporaryFolder(), { format });
    onTestFinished(() => repository.close());
    const kept = await commitFiles(repository, undefined, { a: '1' });
    await repository.updateRef('refs/heads/main', kept.id, null);
    const fresh = await commitFiles(repository, undefined, { b: '2' });
    await repository.collect();
    expect((await repository.read(kept.id)).type).toBe('commit');
    // Another process may be about to name it.
    expect((await repository.read(fresh.id)).type).toBe('commit');
    const objects = `${repository.folder}/objects`;
    for (const name of readdirSync(objects, { recursive: true, encoding: 'utf8' }))
      utimesSync(`${objects}/${name}`, 1_700_000_000, 1_700_000_000);
    await repository.collect();
    expect(readdirSync(`${objects}/pack`).filter(name => name.endsWith('.pack'))).toHaveLength(1);
    expect((await repository.read(kept.id)).type).toBe('commit');
    expect(() => git(repository.folder, ['cat-file', '-e', fresh.id])).toThrow();
  });
});

it('an address is parsed to what git is given, or refused', () => {
  const url = 'https://crates.example/index.git';
  expect(parseGitUrl(url, ['https'])).toEqual({ href: url, protocol: 'https' });
  expect(() => parseGitUrl('file:///srv/index.git', ['https'])).toThrow(
    expect.objectContaining(code('GIT_URL')),
  );
});
