import {
  type Commit,
  formatCommit,
  formatTag,
  formatTree,
  GIT_OBJECT_LIMITS,
  isRefName,
  type ObjectId,
  objectId,
  parseCommit,
  parseTag,
  parseTree,
  withSignature,
} from '@cargo-tuf/git-object';
import { describe, expect, it } from 'vitest';

const format = 'sha1';
const id = objectId('blob', new Uint8Array(0), format);
const who = { name: 'Ferris', email: 'ferris@example.org', time: 0, zone: '+0000' };
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const COMMIT: Commit = {
  tree: id,
  parents: [],
  author: who,
  committer: who,
  mergeTags: [],
  message: text('x\n'),
};
const TAG = { object: id, type: 'commit' as const, name: 'v1', tagger: who, message: text('x\n') };
const signatureOf = (length: number): string => {
  const shell = '-----BEGIN PGP SIGNATURE-----\n\n\n-----END PGP SIGNATURE-----\n';
  return shell.replace('\n\n\n', `\n\n${'A'.repeat(length - shell.length)}\n`);
};
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('limits: the last value is accepted, the next refused', () => {
  it('bytes of a commit and of a tag', () => {
    const commit = formatCommit(COMMIT, format);
    const tag = formatTag(TAG, format);
    const grow = (bytes: Uint8Array, length: number) =>
      Uint8Array.of(...bytes, ...new Uint8Array(length - bytes.length).fill(0x61));
    expect(parseCommit(grow(commit, GIT_OBJECT_LIMITS.commitBytes), format).tree).toBe(id);
    expect(parseTag(grow(tag, GIT_OBJECT_LIMITS.tagBytes), format).name).toBe('v1');
    for (const work of [
      () => parseCommit(grow(commit, GIT_OBJECT_LIMITS.commitBytes + 1), format),
      () => parseTag(grow(tag, GIT_OBJECT_LIMITS.tagBytes + 1), format),
    ])
      expect(work).toThrow(code('GIT_OBJECT_LIMIT'));
  });

  it('headers, parents and bytes of a signature', () => {
    const merged = (count: number): Commit => ({ ...COMMIT, mergeTags: Array(count).fill(text('x\n')) });
    expect(parseCommit(formatCommit(merged(61), format), format).mergeTags).toHaveLength(61);
    expect(() => formatCommit(merged(62), format)).toThrow(code('GIT_OBJECT_LIMIT'));
    const parents = [1, 2, 3].map(each => objectId('blob', Uint8Array.of(each), format));
    expect(formatCommit({ ...COMMIT, parents: parents.slice(1) }, format).length).toBeGreaterThan(100);
    expect(() => formatCommit({ ...COMMIT, parents }, format)).toThrow(code('GIT_OBJECT_LIMIT'));
    expect(
      parseCommit(formatCommit({ ...COMMIT, parents }, format, { parents: 3 }), format, { parents: 3 })
        .parents,
    ).toEqual(parents);
    const { signatureBytes } = GIT_OBJECT_LIMITS;
    for (const [type, bytes] of [
      ['commit', formatCommit(COMMIT, format)],
      ['tag', formatTag(TAG, format)],
    ] as const) {
      expect(withSignature(type, bytes, signatureOf(signatureBytes), format).length).toBeGreaterThan(
        signatureBytes,
      );
      expect(() => withSignature(type, bytes, signatureOf(signatureBytes + 1), format)).toThrow(
        code('GIT_OBJECT_LIMIT'),
      );
    }
  });

  it('bytes, entries and names of a tree', () => {
    const entry = { kind: 'file', id } as const;
    const tree = formatTree([['a', entry]], format);
    expect(parseTree(tree, format, { treeBytes: tree.length, treeEntries: 1, nameBytes: 1 }).size).toBe(1);
    for (const limits of [{ treeBytes: tree.length - 1 }, { treeEntries: 0 }, { nameBytes: 0 }])
      expect(() => parseTree(tree, format, limits)).toThrow(code('GIT_OBJECT_LIMIT'));
  });
});

describe('what is written is what was asked for', () => {
  it.each<[string, Partial<Commit>, string]>([
    ['a tree that is no id', { tree: 'x\nparent y' as ObjectId }, 'GIT_OBJECT_HEADER'],
    ['a name with a line feed', { author: { ...who, name: 'a\nparent b' } }, 'GIT_OBJECT_IDENTITY'],
    ['a name with an email', { author: { ...who, name: 'a <b> 1 +0000' } }, 'GIT_OBJECT_IDENTITY'],
    ['a name with a lone surrogate', { author: { ...who, name: 'a\ud800' } }, 'GIT_OBJECT_IDENTITY'],
    ['a time with a fraction', { author: { ...who, time: 0.5 } }, 'GIT_OBJECT_IDENTITY'],
    ['an encoding with a header', { encoding: 'UTF-8\nparent x' }, 'GIT_OBJECT_HEADER'],
    ['a merged tag without a line feed', { mergeTags: [text('x')] }, 'GIT_OBJECT_HEADER'],
    ['an empty merged tag', { mergeTags: [text('')] }, 'GIT_OBJECT_HEADER'],
    ['a signature without a line feed', { signature: signatureOf(200).trim() }, 'GIT_OBJECT_SIGNATURE'],
    ['a NUL in the message', { message: text('\0') }, 'GIT_OBJECT_MESSAGE'],
  ])('a commit with %s is refused', (_, fields, expected) => {
    expect(() => formatCommit({ ...COMMIT, ...fields }, format)).toThrow(code(expected));
  });

  it('a tag whose message holds or hides a signature is refused', () => {
    const message = text(`x\n${signatureOf(200)}`);
    expect(() => formatTag({ ...TAG, message }, format)).toThrow(code('GIT_OBJECT_SIGNATURE'));
    const open = { ...TAG, message: text('x') };
    expect(() => formatTag({ ...open, signature: signatureOf(200) }, format)).toThrow(
      code('GIT_OBJECT_SIGNATURE'),
    );
    const bytes = formatTag(open, format);
    expect(() => withSignature('tag', bytes, signatureOf(200), format)).toThrow(code('GIT_OBJECT_SIGNATURE'));
  });

  it('a tree with an id of the other format, a lone surrogate or a name twice is refused', () => {
    const other = { kind: 'file', id: objectId('blob', text(''), 'sha256') } as const;
    expect(() => formatTree([['a', other]], format)).toThrow(code('GIT_OBJECT_TREE_ENTRY'));
    const entry = { kind: 'file', id } as const;
    expect(() => formatTree([['\ud800', entry]], format)).toThrow(code('GIT_OBJECT_TREE_ENTRY'));
    expect(() =>
      formatTree(
        [
          ['a', entry],
          ['a', entry],
        ],
        format,
      ),
    ).toThrow(code('GIT_OBJECT_TREE_ORDER'));
  });
});

describe('isRefName', () => {
  it.each(['HEAD', 'refs/heads/main', 'refs/tags/root-rotation-v1-2', 'refs/x/größe'])('accepts %s', name => {
    expect(isRefName(name)).toBe(true);
  });
  it.each([
    'main',
    'refs/',
    'refs//x',
    'refs/heads/-upload-pack',
    '--upload-pack=x',
    'refs/../x',
    'refs/heads/x.lock',
    'refs/heads/.x',
    'refs/heads/x.',
    'refs/heads/x y',
    'refs/heads/x\ny',
    'refs/heads/x@{1}',
    'refs/heads/*',
    `refs/${'x'.repeat(251)}`,
  ])('refuses %j', name => {
    expect(isRefName(name)).toBe(false);
  });
});
