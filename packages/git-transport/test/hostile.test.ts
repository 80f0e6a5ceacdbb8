// Repositories and names that try to run programs, to lead elsewhere, or to exhaust the machine.
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ObjectId, objectId } from '@cargo-tuf/git-object';
import { type GitRepository, initRepository, openGitRepository } from '@cargo-tuf/git-transport';
import { describe, expect, it, onTestFinished } from 'vitest';
import { code, commitFiles, git, temporaryFolder, text } from './folders.ts';

const open = async (options: Parameters<typeof initRepository>[1] = {}): Promise<GitRepository> => {
  const repository = await initRepository(temporaryFolder(), { protocols: ['https', 'file'], ...options });
  onTestFinished(() => repository.close());
  return repository;
};

describe('settings of a repository', () => {
  it.each([
    ['[core]\n\tfsmonitor = touch /tmp/x'],
    ['[core]\n\tsshCommand = x'],
    ['[core]\n\tworktree = /'],
    ['[core]\n\thooksPath = x'],
    ['[core] fsmonitor = x'],
    ['[core]\n\tbare = true \\\n\tfsmonitor = x'],
    ['[core]\n\tbare = "true"'],
    ['[core "x"]\n\tbare = true'],
    ['[core.x]\n\tbare = true'],
    ['[CORE]\n\tFSMONITOR = x'],
    ['[core]\n\tfsmonitor'],
    ['[core]\r\tfsmonitor = x'],
    ['[include]\n\tpath = /etc/gitconfig'],
    ['[includeIf "gitdir:/"]\n\tpath = x'],
    ['[url "ext::sh -c x"]\n\tinsteadOf = https://'],
    ['[credential]\n\thelper = x'],
    ['[http]\n\tsslVerify = false'],
    ['[alias]\n\tfetch = !x'],
    ['[remote "origin"]\n\tuploadpack = x'],
    ['[remote "https://example.org/index"]\n\turl = file:///'],
    ['[remote "origin"]\n\tpromisor = true'],
    ['[remote]\n\turl = x'],
    ['[extensions]\n\tpartialClone = origin'],
    ['[extensions]\n\tworktreeConfig = true'],
    ['[extensions]\n\tobjectformat = md5'],
    ['[gpg]\n\tprogram = x'],
    ['[filter "x"]\n\tclean = x'],
  ])('%j are refused', async config => {
    const { folder } = await open();
    writeFileSync(`${folder}/config`, `[core]\n\tbare = true\n${config}\n`);
    await expect(openGitRepository(folder)).rejects.toMatchObject(code('GIT_REPOSITORY_UNSAFE'));
  });

  it('that a person sets are accepted', async () => {
    const { folder } = await open();
    for (const [key, value] of [
      ['user.name', 'Ferris'],
      ['user.signingkey', 'ABCD'],
      ['commit.gpgSign', 'true'],
      ['remote.origin.url', 'https://example.org/index.git'],
      ['remote.origin.fetch', '+refs/heads/*:refs/remotes/origin/*'],
      ['branch.main.remote', 'origin'],
    ] as const)
      git(folder, ['config', key, value]);
    expect((await openGitRepository(folder)).format).toBe('sha1');
  });
});

describe('a folder that is not a plain repository', () => {
  it.each([
    ['commondir', '../other'],
    ['config.worktree', ''],
    ['shallow', ''],
    ['info/grafts', ''],
    ['objects/info/alternates', '/tmp/objects'],
    ['objects/info/http-alternates', 'https://example.org/'],
  ])('with %s is refused', async (name, content) => {
    const { folder } = await open();
    mkdirSync(`${folder}/info`, { recursive: true });
    writeFileSync(`${folder}/${name}`, content);
    await expect(openGitRepository(folder)).rejects.toMatchObject(code('GIT_REPOSITORY_UNSAFE'));
  });

  it('with a .git that is a file or a link is refused, with a .git folder accepted', async () => {
    const { folder } = await open();
    const outside = temporaryFolder();
    writeFileSync(`${outside}/.git`, `gitdir: ${folder}`);
    await expect(openGitRepository(outside)).rejects.toMatchObject(code('GIT_REPOSITORY_UNSAFE'));
    rmSync(`${outside}/.git`);
    symlinkSync(folder, `${outside}/.git`);
    await expect(openGitRepository(outside)).rejects.toMatchObject(code('GIT_REPOSITORY_UNSAFE'));
    rmSync(`${outside}/.git`);
    renameSync(folder, `${outside}/.git`);
    expect((await openGitRepository(outside)).folder).toBe(resolve(outside, '.git'));
  });

  it('with objects or refs that are a link is refused', async () => {
    for (const name of ['objects', 'refs', 'config', 'HEAD']) {
      const { folder } = await open();
      renameSync(`${folder}/${name}`, `${folder}/elsewhere`);
      symlinkSync(`${folder}/elsewhere`, `${folder}/${name}`);
      await expect(openGitRepository(folder)).rejects.toMatchObject(code('GIT_REPOSITORY'));
    }
  });
});

describe('a repository', () => {
  it('runs no hooks', async () => {
    const origin = await open();
    const marker = `${temporaryFolder()}/ran`;
    const { id } = await commitFiles(origin, undefined, { a: '1' });
    const clone = await open();
    mkdirSync(`${clone.folder}/hooks`);
    for (const hook of ['reference-transaction', 'post-index-change', 'pre-push', 'fsmonitor-watchman'])
      writeFileSync(`${clone.folder}/hooks/${hook}`, `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
    await origin.updateRef('refs/heads/main', id, null);
    await clone.fetch({
      url: pathToFileURL(origin.folder).href,
      refspecs: [{ from: 'HEAD', to: 'refs/index/tip' }],
    });
    await clone.updateRef('refs/heads/x', id, null);
    expect(existsSync(marker)).toBe(false);
    // The same hook does run when git is not fenced: the test can fail.
    git(clone.folder, ['update-ref', 'refs/heads/y', id]);
    expect(existsSync(marker)).toBe(true);
  });

  it('has no replaced objects', async () => {
    const repository = await open();
    const id = await repository.write('blob', text('true'));
    git(repository.folder, ['replace', id, await repository.write('blob', text('false'))]);
    expect(await repository.read(id)).toEqual({ type: 'blob', bytes: text('true') });
  });

  it('with an object that is stored under the id of another is found out', async () => {
    const repository = await open();
    const [id, other] = [
      await repository.write('blob', text('true')),
      await repository.write('blob', text('false')),
    ];
    const pathOf = (each: ObjectId) => `${repository.folder}/objects/${each.slice(0, 2)}/${each.slice(2)}`;
    rmSync(pathOf(id));
    renameSync(pathOf(other), pathOf(id));
    await expect(repository.read(id)).rejects.toMatchObject({
      code: 'GIT_WRONG_ID',
      details: { id, found: other },
    });
    await expect(repository.stream(id, 10)[Symbol.asyncIterator]().next()).rejects.toMatchObject(
      code('GIT_WRONG_ID'),
    );
  });

  it('with a damaged object says so, and still reads the others', async () => {
    const repository = await open();
    const [id, other] = [
      await repository.write('blob', text('x'.repeat(99))),
      await repository.write('blob', text('y')),
    ];
    const path = `${repository.folder}/objects/${id.slice(0, 2)}/${id.slice(2)}`;
    rmSync(path);
    writeFileSync(path, 'damage');
    await expect(repository.read(id)).rejects.toMatchObject({
      code: expect.stringMatching(/^GIT_(MISSING|FAILED)$/),
    });
    expect((await repository.read(other)).bytes).toEqual(text('y'));
  });

  it('gives objects up to the limit and refuses the next byte; who waits behind it is served', async () => {
    const repository = await open({ limits: { objectBytes: 100_000 } });
    const sizes = [100_000, 100_001, 3_000_000, 5];
    const ids = await repository.writeAll(
      sizes.map(size => ({ type: 'blob' as const, bytes: new Uint8Array(size).fill(size) })),
    );
    const found = await Promise.allSettled(ids.map(id => repository.read(id)));
    expect(
      found.map(each => (each.status === 'fulfilled' ? each.value.bytes.length : each.reason.code)),
    ).toEqual([100_000, 'GIT_LIMIT', 'GIT_LIMIT', 5]);
  });

  it('refuses more refs than allowed', async () => {
    const repository = await open({ limits: { refs: 2 } });
    const { id } = await commitFiles(repository, undefined, { a: '1' });
    const add = (name: string) => repository.updateRef(`refs/heads/${name}`, id, null);
    await add('a');
    await add('b');
    expect(await repository.refs('refs')).toHaveLength(2);
    await add('c');
    await expect(repository.refs('refs')).rejects.toMatchObject(code('GIT_LIMIT'));
    const url = pathToFileURL(repository.folder).href;
    await expect(repository.remoteRefs({ url })).rejects.toMatchObject(code('GIT_LIMIT'));
  });

  it('with symbolic refs in a circle, or out of the repository, gives no id; a move replaces the ref itself', async () => {
    const repository = await open();
    const { id } = await commitFiles(repository, undefined, { a: '1' });
    mkdirSync(`${repository.folder}/refs/heads`, { recursive: true });
    writeFileSync(`${repository.folder}/refs/heads/circle`, 'ref: refs/heads/circle\n');
    writeFileSync(`${repository.folder}/refs/heads/out`, 'ref: refs/../../../../etc/passwd\n');
    writeFileSync(`${repository.folder}/refs/heads/link`, 'ref: refs/heads/target\n');
    expect(await repository.refs('refs')).toEqual([]);
    for (const name of ['circle', 'out', 'link'])
      expect(await repository.ref(`refs/heads/${name}`)).toBeUndefined();
    await repository.updateRef('refs/heads/target', id, null);
    const { id: next } = await commitFiles(repository, undefined, { a: '2' });
    await repository.updateRef('refs/heads/link', next, id);
    expect(await repository.ref('refs/heads/target')).toBe(id);
    expect(await repository.ref('refs/heads/link')).toBe(next);
  });

  it('takes from a fetch no object that fsck refuses', async () => {
    const origin = await open();
    const blob = await origin.write('blob', text('x'));
    const tree = Buffer.concat([Buffer.from('100644 .git\0'), Buffer.from(blob, 'hex')]);
    const id = git(origin.folder, ['hash-object', '--literally', '-w', '-t', 'tree', '--stdin'], tree);
    expect(id).toBe(objectId('tree', tree, 'sha1'));
    const who = 'F <f@e.org> 1 +0000';
    const commit = await origin.write('commit', text(`tree ${id}\nauthor ${who}\ncommitter ${who}\n\nx\n`));
    await origin.updateRef('refs/heads/main', commit, null);
    const clone = await open();
    const fetched = clone.fetch({
      url: pathToFileURL(origin.folder).href,
      refspecs: [{ from: 'HEAD', to: 'refs/index/tip' }],
    });
    await expect(fetched).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining('.git'),
    });
    expect(await clone.refs('refs')).toEqual([]);
  });
});

describe('names from outside', () => {
  it.each([
    '--upload-pack=touch x',
    '-x',
    'refs/heads/--upload-pack=x',
    'refs/heads/a b',
    'refs/../x',
    'main',
    'refs/heads/*/*',
  ])('a ref %j is refused', async name => {
    const repository = await open();
    const { id } = await commitFiles(repository, undefined, { a: '1' });
    const url = pathToFileURL(repository.folder).href;
    for (const work of [
      () => repository.updateRef(name, id, null),
      () => repository.ref(name),
      () => repository.refs(name),
      () => repository.remoteRefs({ url, patterns: [name] }),
      () => repository.fetch({ url, refspecs: [{ from: name, to: 'refs/x/y' }] }),
      () => repository.fetch({ url, refspecs: [{ from: 'HEAD', to: name }] }),
      () => repository.push({ url, updates: [{ name, to: id, from: null }] }),
    ])
      await expect(work()).rejects.toMatchObject(code('GIT_REF_NAME'));
  });

  it('HEAD is no target, and stars go in pairs', async () => {
    const repository = await open();
    const url = pathToFileURL(repository.folder).href;
    for (const [from, to] of [
      ['refs/heads/main', 'HEAD'],
      ['refs/heads/*', 'refs/x/y'],
      ['refs/heads/main', 'refs/x/*'],
    ] as const)
      await expect(repository.fetch({ url, refspecs: [{ from, to }] })).rejects.toMatchObject(
        code('GIT_REF_NAME'),
      );
    await expect(repository.updateRef('HEAD', null, null)).rejects.toMatchObject(code('GIT_REF_NAME'));
  });

  it.each([
    'ext::sh -c touch% x',
    'EXT::sh',
    '--upload-pack=x',
    '-oProxyCommand=x',
    'ssh://-oProxyCommand=x/y',
    'git@example.org:index.git',
    'git://example.org/index.git',
    'HTTPS://example.org/index.git',
    'https:///index.git',
    'https://example.org/a%0ab',
    'https://example.org/a%0Db',
    'https://example.org/a\nb',
    'https://example.org/a\\b',
    'https://user@example.org/',
    'https://user:password@example.org/',
    'https://example.org/?x',
    'https://example.org/?',
    'https://example.org/#x',
    'https://example.org/a/../b',
    'https://example.org/größe',
    'https://EXAMPLE.org/',
    'http://example.org/index.git',
    'http://127.0.0.1.example.org/',
    'http://0x7f.1/',
    'file://host/srv',
    '/srv/index.git',
    '../index.git',
    '',
    `https://example.org/${'a'.repeat(2048)}`,
  ])('the address %j is refused', async url => {
    const repository = await open({ protocols: ['https', 'http', 'file'] });
    await expect(repository.remoteRefs({ url })).rejects.toMatchObject(code('GIT_URL'));
    await expect(repository.fetch({ url, refspecs: [] })).rejects.toMatchObject(code('GIT_URL'));
    await expect(repository.push({ url, updates: [] })).rejects.toMatchObject(code('GIT_URL'));
  });

  it('a file is not fetched from unless that is allowed', async () => {
    const repository = await open({ protocols: ['https'] });
    const url = pathToFileURL(repository.folder).href;
    await expect(repository.remoteRefs({ url })).rejects.toMatchObject(code('GIT_URL'));
  });
});
