// Sections 5.6.7 (the search through delegations) and 5.7 (the target itself).

import { succinctRoleName } from '@cargo-tuf/metadata';
import { ABSENT, type Case, type Step, type Target } from './case-file.ts';
import {
  DAY,
  type Files,
  hashOf,
  makeRoot,
  type Plan,
  publish,
  START,
  targetPath,
  type TargetsOptions,
  textOf,
  withFile,
} from './repository.ts';
import { offline, taken } from './steps.ts';
import { testKey } from './test-keys.ts';

const ALL = [1, 1, 1, 1] as const;
const FILE = 'dir/file';

interface Search {
  readonly section?: string;
  readonly description: string;
  readonly targets: TargetsOptions;
  readonly delegated: Readonly<Record<string, TargetsOptions>>;
  readonly finds: Readonly<Record<string, Target>>;
  readonly kept?: Step['kept'];
  readonly plan?: Plan;
  readonly limits?: Case['limits'];
}

const to = (...names: readonly string[]) => names.map(name => ({ name }));
const lists = (content: string, path: string = FILE): TargetsOptions => ({ targets: { [path]: content } });

/** A search of a client without state; what it finds, another instance finds in the store. */
async function search(given: Search): Promise<Case> {
  const { section = '5.6.7', description, targets, delegated, finds, kept, plan, limits } = given;
  const { consistent = true } = plan ?? {};
  const files = await publish({ ...plan, targets, delegated });
  const more = { targets: finds, ...(kept && { kept }) };
  const isFound = Object.values(finds).every(outcome => typeof outcome === 'string');
  return {
    section,
    description,
    anchor: await makeRoot({ consistent }),
    ...(limits && { limits }),
    steps: [taken(files, ALL, more), ...(isFound ? [offline(ALL, more)] : [])],
  };
}

export async function delegationCases(): Promise<readonly Case[]> {
  return [
    ...(await orderCases()),
    ...(await pathCases()),
    ...(await nameCases()),
    ...(await authorityCases()),
    ...(await refusedRoles()),
  ];
}

async function orderCases(): Promise<readonly Case[]> {
  const terminating = [{ name: 'A', terminating: true }, { name: 'B' }];
  const chain = {
    targets: { delegates: to('A') },
    delegated: { A: { delegates: to('B') }, B: { delegates: to('C') }, C: lists('from C') },
  };
  const searches: readonly Search[] = [
    {
      description: 'a path that the top-level targets list is not looked for below',
      targets: { ...lists('from the top'), delegates: to('A') },
      delegated: { A: lists('from A') },
      finds: { [FILE]: 'from the top' },
      kept: { A: null },
    },
    {
      description: 'the first of two siblings that list the path',
      targets: { delegates: to('A', 'B') },
      delegated: { A: lists('from A'), B: lists('from B') },
      finds: { [FILE]: 'from A' },
      kept: { A: 1, B: null },
    },
    {
      description: 'the second of two siblings, when the first does not list the path',
      targets: { delegates: to('A', 'B') },
      delegated: { A: {}, B: lists('from B') },
      finds: { [FILE]: 'from B' },
      kept: { A: 1, B: 1 },
    },
    {
      description: 'pre-order: what is below the first comes before the second',
      targets: { delegates: to('A', 'B') },
      delegated: { A: { delegates: to('C', 'D') }, B: lists('from B'), C: {}, D: lists('from D') },
      finds: { [FILE]: 'from D' },
      kept: { A: 1, B: null, C: 1, D: 1 },
    },
    {
      description: 'no role lists the path',
      targets: { delegates: to('A', 'B') },
      delegated: { A: {}, B: lists('other', 'dir/other') },
      finds: { [FILE]: ABSENT },
      kept: { A: 1, B: 1 },
    },
    {
      description: 'a terminating role ends the search',
      targets: { delegates: terminating },
      delegated: { A: {}, B: lists('from B') },
      finds: { [FILE]: ABSENT },
      kept: { A: 1, B: null },
    },
    {
      description: 'a terminating role ends the search after what is below it',
      targets: { delegates: terminating },
      delegated: { A: { delegates: to('C') }, B: lists('from B'), C: lists('from C') },
      finds: { [FILE]: 'from C' },
      kept: { B: null },
    },
    {
      description: 'a terminating role further below ends the search for all',
      targets: { delegates: to('A', 'B') },
      delegated: {
        A: { delegates: [{ name: 'C', terminating: true }, { name: 'D' }] },
        B: lists('from B'),
        C: {},
        D: lists('from D'),
      },
      finds: { [FILE]: ABSENT },
      kept: { B: null, D: null },
    },
    {
      description: 'a terminating role of other paths does not end the search',
      targets: { delegates: [{ name: 'A', terminating: true, paths: ['other/*'] }, { name: 'B' }] },
      delegated: { A: {}, B: lists('from B') },
      finds: { [FILE]: 'from B' },
      kept: { A: null },
    },
    {
      description: 'a cycle of two roles',
      targets: { delegates: to('A') },
      delegated: { A: { delegates: to('B') }, B: { delegates: to('A') } },
      finds: { [FILE]: ABSENT },
    },
    {
      description: 'a role that delegates to itself',
      targets: { delegates: to('A', 'B') },
      delegated: { A: { delegates: to('A') }, B: lists('from B') },
      finds: { [FILE]: 'from B' },
    },
    {
      description: 'a diamond',
      targets: { delegates: to('A', 'B') },
      delegated: { A: { delegates: to('C') }, B: { delegates: to('C') }, C: {} },
      finds: { [FILE]: ABSENT },
    },
    {
      description: 'as many delegations as the client visits',
      ...chain,
      finds: { [FILE]: 'from C' },
      limits: { delegations: 3 },
    },
    {
      section: '5.6.7.1',
      description: 'more delegations than the client visits',
      ...chain,
      finds: { [FILE]: { refused: 'delegations' } },
      limits: { delegations: 2 },
    },
  ];
  return Promise.all(searches.map(search));
}

async function pathCases(): Promise<readonly Case[]> {
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

const ODD_NAMES = [
  '?',
  '#',
  '%',
  '%2e',
  '../x',
  '..',
  '.',
  '/x',
  'a/b',
  'a\\b',
  'x y',
  'ö',
  'constructor',
  '__proto__',
  'toString',
  '00',
  '0a',
  '10',
  '1.root',
  'A.json',
];

async function nameCases(): Promise<readonly Case[]> {
  const numbers = ['10', '0a', '2', '00', '1'];
  const targets = Object.fromEntries(
    ['__proto__', 'constructor', '10', '?', '#x', '%41', 'ö', 'a b'].map(name => [
      name,
      `content of ${name}`,
    ]),
  );
  return Promise.all([
    ...ODD_NAMES.map(name =>
      search({
        description: `a role whose name is ${JSON.stringify(name)}`,
        targets: { delegates: [{ name }] },
        delegated: { [name]: lists(`from ${name}`) },
        finds: { [FILE]: `from ${name}`, other: ABSENT },
        kept: { [name]: 1 },
      }),
    ),
    search({
      description: 'roles whose names are numbers keep their order',
      targets: { delegates: to(...numbers) },
      delegated: Object.fromEntries(numbers.map(name => [name, lists(`from ${name}`)])),
      finds: { [FILE]: 'from 10' },
    }),
    search({
      section: '5.7',
      description: 'targets whose names are odd',
      targets: { targets },
      delegated: {},
      finds: targets,
    }),
    search({
      section: '5.7',
      description: 'targets whose names are odd, without consistent snapshots',
      targets: { targets },
      delegated: {},
      finds: targets,
      plan: { consistent: false },
    }),
    search({
      section: '5.7',
      description: 'targets whose names are those of the members of objects are absent',
      targets: {},
      delegated: {},
      finds: { ['__proto__']: ABSENT, constructor: ABSENT, toString: ABSENT },
    }),
  ]);
}

async function authorityCases(): Promise<readonly Case[]> {
  const [mine, other] = [[testKey('team-a')], [testKey('team-b')]];
  const both = [...mine, ...other];
  const diamond: Omit<Search, 'description' | 'finds'> = {
    targets: {
      delegates: [
        { name: 'A', paths: ['team-a/*'] },
        { name: 'B', paths: ['team-b/*'] },
      ],
    },
    delegated: {
      A: { delegates: [{ name: 'C', paths: ['*/*'], keys: mine }] },
      B: { delegates: [{ name: 'C', paths: ['*/*'], keys: other }] },
      C: { signers: mine, targets: { 'team-a/x': 'a', 'team-b/x': 'b' } },
    },
  };
  const pair = { targets: { delegates: [{ name: 'A', keys: both, threshold: 2 }] } };
  const searches: readonly Search[] = [
    {
      description: 'diamond: a role counts under the delegation whose keys have signed it',
      ...diamond,
      finds: { 'team-a/x': 'a' },
    },
    {
      description: 'diamond: a role that was verified for one delegator is not verified for another',
      ...diamond,
      finds: { 'team-a/x': 'a', 'team-b/x': { refused: 'signature-threshold' } },
    },
    {
      description: 'diamond: a role that both delegators have keys for',
      ...diamond,
      delegated: { ...diamond.delegated, C: { ...diamond.delegated['C'], signers: both } },
      finds: { 'team-a/x': 'a', 'team-b/x': 'b' },
    },
    {
      description: 'two keys of two have signed',
      ...pair,
      delegated: { A: { ...lists('from A'), signers: both } },
      finds: { [FILE]: 'from A' },
    },
    {
      description: 'one key of two has signed, with a threshold of 2',
      ...pair,
      delegated: { A: { ...lists('from A'), signers: mine } },
      finds: { [FILE]: { refused: 'signature-threshold' } },
      kept: { A: null },
    },
    {
      description: 'signed by the key of top-level targets, which does not delegate to itself',
      targets: { delegates: to('A') },
      delegated: { A: { ...lists('from A'), signers: [testKey('targets')] } },
      finds: { [FILE]: { refused: 'signature-threshold' } },
      kept: { A: null },
    },
    {
      description: 'each key by its own delegator',
      targets: { delegates: [{ name: 'A', keys: mine }] },
      delegated: {
        A: { signers: mine, delegates: [{ name: 'B', keys: other }] },
        B: { signers: other, ...lists('from B') },
      },
      finds: { [FILE]: 'from B' },
    },
    {
      description: 'without consistent snapshots',
      targets: { delegates: to('A') },
      delegated: { A: lists('from A') },
      finds: { [FILE]: 'from A' },
      plan: { consistent: false },
    },
  ];
  return Promise.all(searches.map(search));
}

/** A delegated role that is refused is not kept, and its honest file is taken afterwards. */
async function refusedRoles(): Promise<readonly Case[]> {
  const anchor = await makeRoot();
  const honest = await publish({
    version: 3,
    targets: { delegates: to('A') },
    delegated: { A: lists('honest') },
  });
  const path = 'metadata/2.A.json';
  const make = (role: TargetsOptions, plan: Plan = {}): Promise<Files> =>
    publish({
      version: 2,
      ...plan,
      targets: { delegates: to('A') },
      delegated: { A: { ...lists('refused'), ...role } },
    });
  const plain = await make({});
  const refuse = (
    description: string,
    serves: Files,
    reason: Extract<Target, { refused: unknown }>['refused'],
  ): Case => ({
    section: '5.6.7',
    description: `a delegated role: ${description}`,
    anchor,
    steps: [
      taken(serves, [1, 2, 2, 2], { targets: { [FILE]: { refused: reason } }, kept: { A: null } }),
      taken(honest, [1, 3, 3, 3], { targets: { [FILE]: 'honest' }, kept: { A: 3 }, restart: true }),
      offline([1, 3, 3, 3], { targets: { [FILE]: 'honest' }, kept: { A: 3 } }),
    ],
  });
  const sameLength = textOf(plain, path).replace(
    /"sig":"(.)/,
    (_, digit) => `"sig":"${digit === '0' ? 1 : 0}`,
  );
  return [
    refuse(
      'signed by nobody',
      await make({
        forge: file => {
          file.signatures = [];
        },
      }),
      'signature-threshold',
    ),
    refuse('signed by a stranger', await make({ signers: [testKey('stranger')] }), 'signature-threshold'),
    refuse('other bytes of the same length', withFile(plain, path, sameLength), 'hash'),
    refuse('a byte longer', withFile(plain, path, `${textOf(plain, path)} `), 'length'),
    refuse('is not there', withFile(plain, path, null), 'not-found'),
    refuse('has expired', await make({ expires: START }), 'expired'),
    refuse(
      'another version than the snapshot names',
      await make({ edit: signed => void signed.set('version', 9) }),
      'mix',
    ),
    refuse('is not in the snapshot', await make({}, { snapshot: { named: { A: null } } }), 'mix'),
    refuse(
      'is no targets role',
      await make({ edit: signed => void signed.set('_type', 'snapshot') }),
      'type',
    ),
    {
      section: '5.6.7',
      description: 'a delegated role goes from version to version, in one instance',
      anchor,
      steps: [
        taken(plain, [1, 2, 2, 2], { targets: { [FILE]: 'refused' }, kept: { A: 2 } }),
        taken(honest, [1, 3, 3, 3], { targets: { [FILE]: 'honest' }, kept: { A: 3 } }),
        offline([1, 3, 3, 3], { targets: { [FILE]: 'honest' }, kept: { A: 3 } }),
      ],
    },
    {
      section: '5.6.7',
      description: 'a delegated role that is refused leaves the version before in its place',
      anchor,
      steps: [
        taken(plain, [1, 2, 2, 2], { targets: { [FILE]: 'refused' }, kept: { A: 2 } }),
        taken(withFile(honest, 'metadata/3.A.json', sameLength), [1, 3, 3, 3], {
          targets: { [FILE]: { refused: 'hash' } },
          kept: { A: 2 },
        }),
        taken(honest, [1, 3, 3, 3], { targets: { [FILE]: 'honest' }, kept: { A: 3 }, restart: true }),
      ],
    },
    {
      section: '5.6.7',
      description: 'a delegated role that has expired since it was kept',
      anchor,
      steps: [
        taken(await make({ expires: START + DAY }), [1, 2, 2, 2], { targets: { [FILE]: 'refused' } }),
        taken(await make({ expires: START + DAY }), [1, 2, 2, 2], {
          day: 1,
          targets: { [FILE]: { refused: 'expired' } },
        }),
        taken(honest, [1, 3, 3, 3], { day: 1, targets: { [FILE]: 'honest' } }),
      ],
    },
  ];
}

export async function targetCases(): Promise<readonly Case[]> {
  const contents = { 'a.txt': 'content a', 'dir/b.txt': 'content b', 'dir/c.txt': '' };
  const make = async (consistent: boolean): Promise<readonly Case[]> => {
    const anchor = await makeRoot({ consistent });
    const files = await publish({ consistent, targets: { targets: contents } });
    const path = targetPath('dir/b.txt', 'content b', consistent);
    const how = consistent ? 'with consistent snapshots' : 'without consistent snapshots';
    const wrong = (
      section: string,
      description: string,
      text: string | null,
      refused: 'hash' | 'length' | 'not-found',
    ): Case => ({
      section,
      description: `${description}, ${how}`,
      anchor,
      steps: [
        taken(withFile(files, path, text), ALL, {
          targets: { 'a.txt': 'content a', 'dir/b.txt': { refused }, 'dir/c.txt': '' },
        }),
        taken(files, ALL, { targets: { 'dir/b.txt': 'content b' } }),
        offline(ALL, { targets: contents }),
      ],
    });
    return [
      {
        section: '5.7',
        description: `several targets of one instance, ${how}`,
        anchor,
        steps: [
          taken(files, ALL, { targets: { ...contents, 'dir/absent': ABSENT, 'a.txt ': ABSENT } }),
          taken(files, ALL, { sameRefresh: true, targets: contents }),
          offline(ALL, { targets: contents }),
        ],
      },
      wrong('5.7.2', 'other bytes of the same length', 'content B', 'hash'),
      wrong('5.7.2', 'the content of another target', 'content a', 'hash'),
      wrong('5.7.2', 'a byte longer', 'content bb', 'length'),
      wrong('5.7.2', 'a byte shorter', 'content ', 'length'),
      wrong('5.7.2', 'empty', '', 'length'),
      wrong('5.7.2', 'is not there', null, 'not-found'),
    ];
  };
  return [...(await make(true)), ...(await make(false))];
}
