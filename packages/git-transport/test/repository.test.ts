import { pathToFileURL } from 'node:url';
import { type ObjectId, objectId } from '@cargo-tuf/git-object';
import {
  changedPaths,
  editTree,
  findPath,
  firstParents,
  type GitRepository,
  initRepository,
  openGitRepository,
  readCommit,
  readTag,
  readTree,
} from '@cargo-tuf/git-transport';
import { describe, expect, it, onTestFinished } from 'vitest';
import { code, commitFiles, git, temporaryFolder, text } from './folders.ts';

describe.each(['sha1', 'sha256'] as const)('a repository of %s', format => {
  const open = async (): Promise<GitRepository> => {
    const repository = await initRepository(temporaryFolder(), { format, protocols: ['https', 'file'] });
    onTestFinished(() => repository.close());
    return repository;
  };
  const urlOf = (repository: GitRepository): string => pathToFileURL(repository.folder).href;

  it('writes objects, one or many, and reads them through one process', async () => {
    const repository = await open();
    expect(repository.format).toBe(format);
    const contents = ['', 'a', 'b'.repeat(15), 'c'.repeat(16), 'd'.repeat(5000), 'e'.repeat(300_000), 'a'];
    const objects = contents.map(content => ({ type: 'blob' as const, bytes: text(content) }));
    const ids = await repository.writeAll(objects);
    expect(ids).toEqual(objects.map(({ bytes }) => objectId('blob', bytes, format)));
    expect(await repository.writeAll([])).toEqual([]);
    expect(await Promise.all(ids.map(id => repository.read(id)))).toEqual(objects);
    expect(await repository.write('blob', text('one'))).toBe(objectId('blob', text('one'), format));
    const absent = objectId('blob', text('absent'), format);
    const found = await Promise.allSettled([repository.read(absent), repository.read(ids[1]!)]);
    expect(found).toMatchObject([{ reason: code('GIT_MISSING') }, { value: { bytes: text('a') } }]);
  });

  it('streams a blob in pieces, up to the length that is allowed', async () => {
    const repository = await open();
    const bytes = new Uint8Array(3_000_000).fill(7);
    const id = await repository.write('blob', bytes);
    const pieces: Uint8Array[] = [];
    for await (const piece of repository.stream(id, bytes.length)) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    expect(pieces.length).toBeGreaterThan(1);
    await expect(
      repository
        .stream(id, bytes.length - 1)
        [Symbol.asyncIterator]()
        .next(),
    ).rejects.toMatchObject(code('GIT_LIMIT'));
  });

  it('moves refs by compare-and-swap, all or none', async () => {
    const repository = await open();
    const first = (await commitFiles(repository, undefined, { a: '1' })).id;
    const second = (await commitFiles(repository, undefined, { a: '2' }, [first])).id;
    expect(await repository.ref('HEAD')).toBeUndefined();
    await repository.updateRef('refs/heads/main', first, null);
    await expect(repository.updateRef('refs/heads/main', second, null)).rejects.toMatchObject(
      code('GIT_REF_CONFLICT'),
    );
    await expect(repository.updateRef('refs/heads/main', first, second)).rejects.toMatchObject(
      code('GIT_REF_CONFLICT'),
    );
    await expect(
      repository.updateRefs([
        { name: 'refs/heads/other', to: first, from: null },
        { name: 'refs/heads/main', to: second, from: second },
      ]),
    ).rejects.toMatchObject(code('GIT_REF_CONFLICT'));
    expect(await repository.refs('refs/heads')).toEqual([{ name: 'refs/heads/main', id: first }]);
    await repository.updateRef('refs/heads/main', second, first);
    expect(await repository.ref('HEAD')).toBe(second);
    await repository.updateRef('refs/heads/main', null, second);
    expect(await repository.refs('refs')).toEqual([]);
  });

  it('fetches by refspec, follows a squash, and lists what the other side has', async () => {
    const [origin, clone] = [await open(), await open()];
    const first = await commitFiles(origin, undefined, { 'it/oa/itoa': '1', 'config.json': '{}' });
    await origin.updateRef('refs/heads/main', first.id, null);
    const tag = text(
      `object ${first.id}\ntype commit\ntag root-rotation-v1-2\ntagger F <f@e.org> 1 +0000\n\nrotate\n`,
    );
    await origin.updateRef('refs/tags/root-rotation-v1-2', await origin.write('tag', tag), null);
    await origin.updateRef('refs/tags/other', first.id, null);
    const url = urlOf(origin);
    const refspecs = [
      { from: 'HEAD', to: 'refs/index/tip' },
      { from: 'refs/tags/root-rotation-v*', to: 'refs/index/rotations/v*' },
    ];
    await clone.fetch({ url, refspecs });
    expect(await clone.ref('refs/index/tip')).toBe(first.id);
    const rotation = await clone.ref('refs/index/rotations/v1-2');
    expect(await readTag(clone, rotation!)).toMatchObject({ name: 'root-rotation-v1-2', object: first.id });
    expect((await clone.refs('refs')).map(ref => ref.name)).toEqual([
      'refs/index/rotations/v1-2',
      'refs/index/tip',
    ]);
    const squashed = await commitFiles(origin, first.tree, {});
    await origin.updateRef('refs/heads/main', squashed.id, first.id);
    await clone.fetch({ url, refspecs: [{ from: 'refs/heads/main', to: 'refs/index/tip' }] });
    expect(await clone.ref('refs/index/tip')).toBe(squashed.id);
    expect(
      (await clone.remoteRefs({ url, patterns: ['HEAD', 'refs/heads/*'] })).map(ref => ref.name),
    ).toEqual(['HEAD', 'refs/heads/main']);
    expect(await clone.remoteRefs({ url, patterns: ['refs/heads/none'] })).toEqual([]);
    expect((await clone.remoteRefs({ url })).map(ref => ref.name)).toEqual([
      'HEAD',
      'refs/heads/main',
      'refs/tags/other',
      'refs/tags/root-rotation-v1-2',
    ]);
    git(clone.folder, ['fsck', '--strict']);
  });

  it('pushes when the other side has what it is believed to have', async () => {
    const [origin, clone] = [await open(), await open()];
    const first = (await commitFiles(clone, undefined, { a: '1' })).id;
    const second = (await commitFiles(clone, undefined, { a: '2' })).id;
    const push = (to: typeof first | null, from: typeof first | null) =>
      clone.push({ url: urlOf(origin), updates: [{ name: 'refs/heads/side', to, from }] });
    await push(first, null);
    expect(await origin.ref('refs/heads/side')).toBe(first);
    await expect(push(second, null)).rejects.toMatchObject(code('GIT_PUSH_REJECTED'));
    await push(second, first);
    await push(null, second);
    expect(await origin.ref('refs/heads/side')).toBeUndefined();
  });

  it('tells the paths that changed, as git does', async () => {
    const repository = await open();
    const one = await commitFiles(repository, undefined, {
      'a.b': '1',
      'a/b/c': '1',
      'a/d': '1',
      e: '1',
      'f/g': '1',
    });
    const two = await commitFiles(repository, one.tree, {
      'a/b/c': '2',
      e: null,
      'h/i/j': '1',
      'f/g': null,
      f: '1',
    });
    const found: string[] = [];
    for await (const { path, before, after } of changedPaths(repository, one.tree, two.tree, { limit: 10 }))
      found.push(`${before ? (after ? 'M' : 'D') : 'A'}\t${path}`);
    const said = git(repository.folder, [
      'diff-tree',
      '-r',
      '--no-renames',
      '--name-status',
      one.tree,
      two.tree,
    ]);
    expect(found.sort()).toEqual(said.split('\n').sort());
    const empty = changedPaths(repository, undefined, one.tree, { limit: 4 });
    await expect(drain(empty)).rejects.toMatchObject(code('GIT_LIMIT'));
    expect(await findPath(repository, two.tree, 'h/i/j')).toMatchObject({ kind: 'file' });
    expect(await findPath(repository, two.tree, 'h/i')).toMatchObject({ kind: 'tree' });
    for (const path of ['h/x', 'f/g', 'x/y/z'])
      expect(await findPath(repository, two.tree, path)).toBeUndefined();
    await expect(findPath(repository, two.tree, '/h')).rejects.toMatchObject(code('GIT_PATH'));
    const file = await findPath(repository, two.tree, 'f');
    for (const changes of [new Map([['f/x', null]]), new Map([['h', file!]]), new Map([['a//b', null]])])
      await expect(editTree(repository, two.tree, changes)).rejects.toMatchObject(code('GIT_PATH'));
    const none = await commitFiles(repository, two.tree, {
      'a.b': null,
      'a/b/c': null,
      'a/d': null,
      'h/i/j': null,
      f: null,
    });
    expect((await readTree(repository, none.tree)).size).toBe(0);
    await expect(readCommit(repository, none.tree)).rejects.toMatchObject(code('GIT_WRONG_TYPE'));
  });

  it('walks first parents', async () => {
    const repository = await open();
    const ids: ObjectId[] = [];
    for (let count = 0; count < 4; count += 1) {
      const parents = ids.slice(-1);
      const side = (await commitFiles(repository, undefined, { side: String(count) })).id;
      ids.push(
        (
          await commitFiles(repository, undefined, { a: String(count) }, [
            ...parents,
            ...(count > 0 ? [side] : []),
          ])
        ).id,
      );
    }
    const walked = async (limit: number, until?: ObjectId) => {
      const found: ObjectId[] = [];
      for await (const { id } of firstParents(repository, ids[3]!, { limit, ...(until && { until }) }))
        found.push(id);
      return found;
    };
    expect(await walked(4)).toEqual(
      git(repository.folder, ['rev-list', '--first-parent', ids[3]!]).split('\n'),
    );
    expect(await walked(4, ids[1])).toEqual([ids[3], ids[2]]);
    await expect(walked(3)).rejects.toMatchObject(code('GIT_LIMIT'));
  });

  it('is opened again, and answers no more once closed', async () => {
    const repository = await open();
    const id = await repository.write('blob', text('x'));
    const again = await openGitRepository(repository.folder);
    expect(again.format).toBe(format);
    expect((await again.read(id)).bytes).toEqual(text('x'));
    again.close();
    await expect(again.read(id)).rejects.toMatchObject(code('GIT_CLOSED'));
    await expect(initRepository(repository.folder)).rejects.toMatchObject(code('GIT_REPOSITORY'));
    await expect(openGitRepository(temporaryFolder())).rejects.toMatchObject(code('GIT_REPOSITORY'));
  });
});

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const item of items) void item;
}
