// Section 5.6.7: which paths are delegated, by pattern, by hash and by bin (TAP 15).

import { succinctRoleName } from '@cargo-tuf/metadata';
import { ABSENT, type Case } from './case-file.ts';
import { hashOf, type TargetsOptions } from './repository.ts';
import { FILE, lists, type Search, search } from './search.ts';

export async function pathCases(): Promise<readonly Case[]> {
  const paths = (...patterns: readonly string[]) => ({ delegates: [{ name: 'A', paths: patterns }] });
  const listing = (...names: readonly string[]): Record<string, TargetsOptions> => ({
    A: { targets: Object.fromEntries(names.map(name => [name, `content of ${name}`])) },
  });
  const pattern = (
    description: string,
    patterns: readonly string[],
    matching: readonly string[],
    others: readonly string[],
  ): Search => ({
    description,
    targets: paths(...patterns),
    delegated: listing(...matching, ...others),
    finds: Object.fromEntries([
      ...matching.map(name => [name, `content of ${name}`] as const),
      ...others.map(name => [name, ABSENT] as const),
    ]),
  });
  const prefixes = (...list: readonly string[]) => ({ delegates: [{ name: 'A', pathHashPrefixes: list }] });
  const digest = hashOf(FILE);
  const other = digest.startsWith('0') ? '1' : '0';
  const succinct = { bitLength: 2, namePrefix: 'bin' };
  const binOf = (path: string): string => succinctRoleName({ ...succinct, keyIds: [], threshold: 1 }, path);
  const bins = Object.fromEntries(['bin-0', 'bin-1', 'bin-2', 'bin-3'].map(name => [name, {}]));
  const binned: Record<string, TargetsOptions> = { ...bins };
  const binPaths = ['dir/file', 'a', 'b', 'c', 'ü/x y', 'd'];
  for (const path of binPaths) {
    const bin = binned[binOf(path)] ?? {};
    binned[binOf(path)] = { targets: { ...bin.targets, [path]: `content of ${path}` } };
  }
  const wrongBin = ['bin-0', 'bin-1', 'bin-2', 'bin-3'].find(name => name !== binOf(FILE)) ?? '';
  const searches: readonly Search[] = [
    pattern(
      '"*" does not stand for "/"',
      ['dir/*'],
      ['dir/file', 'dir/.hidden'],
      ['dir/sub/file', 'file', 'dirs/file'],
    ),
    pattern(
      '"*" alone stands for names without folders',
      ['*.txt'],
      ['a.txt', '.txt'],
      ['dir/a.txt', 'a.txt.gz', 'atxt'],
    ),
    pattern(
      '"?" stands for one character, and not for "/"',
      ['dir/?', 'v?/x'],
      ['dir/a', 'v1/x'],
      ['dir/ab', 'v/x', 'v/1/x'],
    ),
    pattern('several "*"', ['*a*/b*c'], ['xax/bc', 'a/b-c'], ['xax/bcd', 'x/bc']),
    pattern('capitals are other letters', ['Dir/*'], ['Dir/file'], ['dir/file', 'DIR/file']),
    pattern('"." stands for itself', ['dir.x/*'], ['dir.x/file'], ['dir-x/file']),
    pattern('the second of two patterns', ['other/*', 'dir/*'], ['dir/file', 'other/file'], ['third/file']),
    {
      description: 'a role is not asked for a path of another, though it lists it',
      targets: {
        delegates: [
          { name: 'A', paths: ['a/*'] },
          { name: 'B', paths: ['dir/*'] },
        ],
      },
      delegated: { A: lists('from A'), B: lists('from B') },
      finds: { [FILE]: 'from B' },
      kept: { A: null },
    },
    {
      description: 'every delegation on the way must match',
      targets: { delegates: [{ name: 'A', paths: ['dir/*'] }] },
      delegated: {
        A: { delegates: [{ name: 'B', paths: ['*', '*/*'] }] },
        B: { targets: { [FILE]: 'in', 'out/file': 'out' } },
      },
      finds: { [FILE]: 'in', 'out/file': ABSENT },
    },
    {
      description: 'path_hash_prefixes that match',
      targets: prefixes(other, digest.slice(0, 1)),
      delegated: { A: lists('from A') },
      finds: { [FILE]: 'from A' },
    },
    {
      description: 'path_hash_prefixes of the whole hash',
      targets: prefixes(digest),
      delegated: { A: lists('from A') },
      finds: { [FILE]: 'from A' },
    },
    {
      description: 'path_hash_prefixes that do not match',
      targets: prefixes(other, `${digest.slice(0, 2)}${digest.startsWith('0', 2) ? 1 : 0}`),
      delegated: { A: lists('from A') },
      finds: { [FILE]: ABSENT },
      kept: { A: null },
    },
    {
      section: 'TAP 15',
      description: 'succinct bins',
      targets: { succinct },
      delegated: binned,
      finds: Object.fromEntries([
        ...binPaths.map(path => [path, `content of ${path}`] as const),
        ['absent', ABSENT],
      ]),
    },
    {
      section: 'TAP 15',
      description: 'a path in the wrong bin',
      targets: { succinct },
      delegated: { ...bins, [wrongBin]: lists('wrong bin') },
      finds: { [FILE]: ABSENT },
      kept: { [wrongBin]: null },
    },
    {
      section: 'TAP 15',
      description: 'a bin that is not in the snapshot',
      targets: { succinct },
      delegated: {},
      finds: { [FILE]: { refused: 'mix' } },
    },
  ];
  return Promise.all(searches.map(search));
}
