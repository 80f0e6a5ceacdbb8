import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  createObjectHash,
  formatCommit,
  formatTag,
  formatTree,
  objectId,
  parseCommit,
  parseTag,
  parseTree,
  signedPayload,
  withSignature,
} from '@cargo-tuf/git-object';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGpg, openRealGit, type RealGit } from './git.ts';

describe.each(['sha1', 'sha256'] as const)('objects that git makes with %s', format => {
  let git: RealGit;
  const gpg = openGpg();

  const commit = (message: string, ...words: readonly string[]): string => {
    git.run(['commit', '--quiet', '--allow-empty', ...words, '--file=-'], message, signing());
    return git.text('rev-parse', 'HEAD');
  };
  const signing = (): NodeJS.ProcessEnv => (gpg ? { GNUPGHOME: gpg.home } : {});

  beforeAll(() => {
    git = openRealGit(format);
    git.run(['config', 'user.signingkey', gpg?.key ?? '']);
  });
  afterAll(() => {
    git.remove();
    gpg?.close();
  });

  it('round trip byte for byte: commits, merges, tags, trees', () => {
    commit('first\n');
    commit('signed off\n', '--signoff');
    commit('', '--allow-empty-message');
    commit('no line feed', '--cleanup=verbatim');
    git.run(['config', 'i18n.commitEncoding', 'ISO-8859-1']);
    git.run(['commit', '--quiet', '--allow-empty', '--file=-'], Buffer.from('gr\xfc\xdfe\n', 'latin1'), {
      GIT_COMMITTER_NAME: 'Juergen',
    });
    git.run(['config', '--unset', 'i18n.commitEncoding']);
    for (const [path, mode] of [
      ['a.b', '100644'],
      ['a/b/c', '100755'],
      ['a0', '120000'],
      ['größe', '100644'],
      ['\u{1f600}', '100644'],
    ] as const) {
      const id = git.run(['hash-object', '-w', '--stdin'], path).toString('utf8').trim();
      git.run(['update-index', '--add', '--cacheinfo', `${mode},${id},${path}`]);
    }
    git.run(['update-index', '--add', '--cacheinfo', `160000,${git.text('rev-parse', 'HEAD')},z`]);
    commit('files\n');
    git.run(['tag', '-a', '-m', 'a tag', 'v1'], undefined, signing());
    git.run(['tag', '-a', '-m', '', 'empty'], undefined, signing());
    git.run(['tag', '-a', '-m', 'tree', 'of-a-tree', 'HEAD^{tree}'], undefined, signing());
    git.run(['checkout', '--quiet', '--force', '-b', 'side', 'HEAD~2']);
    commit('side\n');
    git.run(['merge', '--quiet', '--no-edit', 'main']);
    const ids = git.text('cat-file', '--batch-all-objects', '--batch-check=%(objectname)').split('\n');

    const counts = { commit: 0, tree: 0, tag: 0, blob: 0 };
    for (const id of ids) {
      const { type, bytes } = git.object(id);
      counts[type] += 1;
      expect(objectId(type, bytes, format)).toBe(id);
      expect(objectId('blob', again(type, bytes), format)).toBe(objectId('blob', bytes, format));
    }
    expect(counts).toMatchObject({ commit: 8, tag: 3 });
  });

  const again = (type: string, bytes: Uint8Array): Uint8Array => {
    if (type === 'commit') return formatCommit(parseCommit(bytes, format), format);
    if (type === 'tag') return formatTag(parseTag(bytes, format), format);
    if (type === 'tree') return formatTree(parseTree(bytes, format), format);
    return bytes;
  };

  it('signed commits, tags and merged tags: git verifies what is put together again', ctx => {
    if (gpg === undefined) return ctx.skip('gpg is not installed');
    const id = commit('signed\n', '--gpg-sign');
    const { bytes } = git.object(id);
    const { payload, signature } = signedPayload('commit', bytes, format);
    expect(signature).toContain('-----BEGIN PGP SIGNATURE-----\n');
    expect(withSignature('commit', payload, signature, format)).toEqual(bytes);
    expect(verify(payload, signature as string)).toBe(true);
    expect(verify(Uint8Array.of(...payload, 0x0a), signature as string)).toBe(false);

    git.run(['tag', '-s', '-m', 'rotation', 'root-rotation-v1-2'], undefined, signing());
    const tag = git.object(git.text('rev-parse', 'refs/tags/root-rotation-v1-2'));
    const signed = signedPayload('tag', tag.bytes, format);
    expect(verify(signed.payload, signed.signature as string)).toBe(true);
    expect(withSignature('tag', signed.payload, signed.signature, format)).toEqual(tag.bytes);

    git.run(['checkout', '--quiet', '--force', '-b', 'other', 'HEAD~1']);
    commit('other\n');
    git.run(['merge', '--quiet', '--no-ff', '--no-edit', '-S', 'root-rotation-v1-2'], undefined, signing());
    const merge = git.object('HEAD');
    const parsed = parseCommit(merge.bytes, format);
    expect(parsed.mergeTags).toEqual([tag.bytes]);
    expect(formatCommit(parsed, format)).toEqual(merge.bytes);
    expect(verify(...payloadOf(merge.bytes))).toBe(true);
    git.run(['verify-commit', 'HEAD'], undefined, signing());
  });

  it('git takes a commit and a tag that are made and signed here', ctx => {
    if (gpg === undefined) return ctx.skip('gpg is not installed');
    const tree = objectId('tree', new Uint8Array(0), format);
    const who = { name: 'Größe', email: 'g@example.org', time: 1_763_712_000, zone: '-0330' };
    const message = new TextEncoder().encode('Update crate `itoa`\n');
    const fields = { tree, parents: [], author: who, committer: who, mergeTags: [], message };
    git.run(['hash-object', '-t', 'tree', '-w', '--stdin'], '');
    const made = withSignature(
      'commit',
      formatCommit(fields, format),
      sign(formatCommit(fields, format)),
      format,
    );
    const id = store('commit', made);
    expect(id).toBe(objectId('commit', made, format));
    git.run(['verify-commit', id], undefined, signing());
    const tagged = {
      object: objectId('commit', made, format),
      type: 'commit' as const,
      name: 'v2',
      tagger: who,
      message,
    };
    const tag = withSignature('tag', formatTag(tagged, format), sign(formatTag(tagged, format)), format);
    git.run(['verify-tag', store('tag', tag)], undefined, signing());
    git.run(['fsck', '--strict', '--no-dangling']);
  });

  it('hashes an object that comes in pieces', () => {
    const bytes = new TextEncoder().encode('hello\n');
    const hash = createObjectHash('blob', 6, format);
    hash.update(bytes.subarray(0, 2));
    hash.update(bytes.subarray(2));
    expect(hash.digest()).toBe(store('blob', bytes));
    expect(() => createObjectHash('blob', 7, format).digest()).toThrow('blob: 0 bytes, expected 7');
  });

  const store = (type: string, bytes: Uint8Array): string =>
    git.run(['hash-object', '-t', type, '-w', '--stdin'], bytes).toString('utf8').trim();

  const payloadOf = (bytes: Uint8Array): [Uint8Array, string] => {
    const { payload, signature } = signedPayload('commit', bytes, format);
    return [payload, signature as string];
  };

  const sign = (payload: Uint8Array): string =>
    runGpg(['--armor', '--detach-sign', '--local-user', gpg?.key ?? ''], payload);

  const verify = (payload: Uint8Array, signature: string): boolean => {
    const file = resolve(git.folder, 'signature.asc');
    writeFileSync(file, signature);
    try {
      runGpg(['--verify', file, '-'], payload);
      return true;
    } catch {
      return false;
    }
  };

  const runGpg = (words: readonly string[], input: Uint8Array): string =>
    git
      .run(['-c', `alias.g=!gpg --homedir ${gpg?.home} --batch --quiet`, 'g', ...words], input, signing())
      .toString('latin1');
});
