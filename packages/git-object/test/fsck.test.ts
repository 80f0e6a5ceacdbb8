// Whatever is accepted here, `git fsck --strict` finds no fault with: thousands of objects, each with a few bytes changed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { objectId, type ObjectType, parseCommit, parseTag, parseTree } from '@cargo-tuf/git-object';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openRealGit } from './git.ts';

const PARSERS = { commit: parseCommit, tag: parseTag, tree: parseTree } as const;
type Parsed = keyof typeof PARSERS;
const WANTED = 200;

describe.each(['sha1', 'sha256'] as const)('changed objects of %s', format => {
  it.each(['commit', 'tag', 'tree'] as const)('a %s that is accepted passes fsck and keeps its id', type => {
    const git = openRealGit(format);
    onTestFinished(git.remove);
    writeFileSync(resolve(git.folder, 'config.json'), '{}');
    writeFileSync(resolve(git.folder, 'b'), '');
    git.run(['add', '.']);
    git.run(['commit', '--quiet', '--message=first']);
    git.run(['commit', '--quiet', '--allow-empty', '--message=second']);
    git.run(['tag', '-a', '-m', 'a tag', 'v1']);
    const golden = git.object({ commit: 'HEAD', tag: 'refs/tags/v1', tree: 'HEAD^{tree}' }[type]).bytes;

    const accepted = new Map<string, Uint8Array>();
    for (const changed of changes(golden)) {
      if (accepted.size === WANTED) break;
      if (isAccepted(type, changed)) accepted.set(objectId(type, changed, format), changed);
    }
    expect(accepted.size).toBe(WANTED);
    const folder = resolve(git.folder, '.git/changed');
    mkdirSync(folder);
    const paths = Array.from(accepted, ([id, bytes]) => {
      writeFileSync(resolve(folder, id), bytes);
      return resolve(folder, id);
    });
    const words = ['hash-object', '-t', type satisfies ObjectType, '-w', '--literally', '--stdin-paths'];
    expect(
      git
        .run(words, `${paths.join('\n')}\n`)
        .toString('utf8')
        .trim()
        .split('\n'),
    ).toEqual([...accepted.keys()]);
    expect(faultsOf(git.folder, git.run)).toEqual([]);
    // A fault would be seen.
    for (const [kind, bytes] of faulty(git.text('rev-parse', 'HEAD^{tree}')))
      git.run(['hash-object', '-t', kind, '-w', '--literally', '--stdin'], bytes);
    expect(faultsOf(git.folder, git.run)).toHaveLength(2);
  });

  const isAccepted = (type: Parsed, bytes: Uint8Array): boolean => {
    try {
      PARSERS[type](bytes, format);
      return true;
    } catch (error) {
      if (String((error as { code?: unknown }).code).startsWith('GIT_OBJECT_')) return false;
      throw error;
    }
  };
});

/** One that fsck cannot parse, and one in which it finds a wrong zone. */
const faulty = (tree: string): readonly (readonly [Parsed, string])[] => [
  ['tag', 'object x\n'],
  ['commit', `tree ${tree}\nauthor F <f@e> 1 +000\ncommitter F <f@e> 1 +0000\n\nx\n`],
];

/** A fixed sequence of objects with one to three changes each. */
function changes(golden: Uint8Array): readonly Uint8Array[] {
  const byte = fc.oneof(
    fc.constantFrom(0, 10, 32, 43, 45, 46, 47, 48, 60, 62),
    fc.integer({ min: 0, max: 255 }),
  );
  const change = fc.record({
    at: fc.nat(golden.length - 1),
    remove: fc.nat(2),
    insert: fc.array(byte, { maxLength: 2 }),
  });
  const changed = fc.array(change, { minLength: 1, maxLength: 3 }).map(all => {
    let bytes = golden;
    for (const { at, remove, insert } of all)
      bytes = Uint8Array.of(...bytes.subarray(0, at), ...insert, ...bytes.subarray(at + remove));
    return bytes;
  });
  return fc.sample(changed, { numRuns: 20_000, seed: 1 });
}

/** What fsck says of the objects themselves; that some name objects which are not there is no fault of theirs. */
function faultsOf(folder: string, run: ReturnType<typeof openRealGit>['run']): readonly string[] {
  const words = ['-c', `alias.check=!git fsck --strict --no-dangling 2>&1 || true`, 'check'];
  const lines = run(words, '', { GIT_DIR: resolve(folder, '.git') })
    .toString('utf8')
    .split('\n');
  return lines.filter(line => /^(?:error|warning) in |^error: [0-9a-f]+: object /.test(line));
}
