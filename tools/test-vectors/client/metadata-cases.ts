// Sections 5.4 (timestamp), 5.5 (snapshot) and 5.6 (targets): one role after the other.

import { sha512, encodeHex } from '@cargo-tuf/keys';
import type { Case, Reason, Versions } from './case-file.ts';
import {
  DAY,
  describe,
  type Files,
  makeRoot,
  type Members,
  type Plan,
  publish,
  type RootOptions,
  START,
  textOf,
  withFile,
} from './repository.ts';
import { accepted, offline, refusal, refused, taken } from './steps.ts';
import { keyOf, testKey } from './test-keys.ts';

type RoleOptions = NonNullable<Plan['timestamp']>;
type Forge = NonNullable<RoleOptions['forge']>;

const LATER = {
  timestamp: { expires: START + 99 * DAY },
  snapshot: { expires: START + 99 * DAY },
  targets: { expires: START + 99 * DAY },
};

/** Faults of one role's signatures and form, which every role refuses alike. */
const FAULTS: readonly (readonly [string, RoleOptions, Reason | readonly Reason[]])[] = [
  ['signed by a stranger', { signers: [testKey('stranger')] }, 'signature-threshold'],
  ['signed by the root key', { signers: [testKey('root')] }, 'signature-threshold'],
  [
    'signed by nobody',
    {
      forge: file => {
        file.signatures = [];
      },
    },
    'signature-threshold',
  ],
  ['with an empty signature', { forge: emptySignature }, 'signature-threshold'],
  [
    'changed after it was signed',
    {
      forge: file => {
        file.signed['expires'] = '2039-01-01T00:00:00Z';
      },
    },
    'signature-threshold',
  ],
  [
    'with an unknown member that was added after it was signed',
    {
      forge: file => {
        file.signed['x-added'] = 1;
      },
    },
    'signature-threshold',
  ],
  ['two signatures under one key id', { forge: repeatSignature }, ['format', 'signature-threshold']],
  ['of another type', { edit: signed => void signed.set('_type', 'mirrors') }, ['type', 'format']],
  ['without a version', { edit: signed => void signed.delete('version') }, 'format'],
  ['with a version that is text', { edit: signed => void signed.set('version', '2') }, 'format'],
  [
    'with version 0',
    { edit: signed => void signed.set('version', 0) },
    ['format', 'version', 'rollback', 'mix'],
  ],
  [
    'expires on 30 February',
    { edit: signed => void signed.set('expires', '2031-02-30T00:00:00Z') },
    'format',
  ],
  ['of specification 2', { edit: signed => void signed.set('spec_version', '2.0.0') }, 'format'],
];

function emptySignature(file: Parameters<Forge>[0]): void {
  for (const signature of file.signatures) signature.sig = '';
}
function repeatSignature(file: Parameters<Forge>[0]): void {
  file.signatures.push(...file.signatures.slice(0, 1));
}

type Role = 'timestamp' | 'snapshot' | 'targets';
type Given = Pick<Parameters<typeof refusal>[0], 'section' | 'description' | 'reason'> & {
  readonly plan?: Plan;
  readonly files?: Files;
  readonly day?: number;
  readonly limits?: Case['limits'];
  readonly trusted?: Versions;
};

/** Refusals of version 2 of a role by a client that trusts version 1 of everything. */
async function openRefusals(role: Role): Promise<(given: Given) => Promise<Case>> {
  const anchor = await makeRoot();
  const before = [await publish(), [1, 1, 1, 1]] as const;
  const after = [await publish({ version: 3, ...LATER }), [1, 3, 3, 3]] as const;
  const usual: Record<Role, Versions> = {
    timestamp: [1, 1, 1, 1],
    snapshot: [1, 2, 1, 1],
    targets: [1, 2, 2, 1],
  };
  return async ({ plan, files, trusted = usual[role], ...given }) =>
    refusal({
      anchor,
      before,
      serves: files ?? (await publish({ version: 2, ...plan })),
      trusted,
      after,
      ...given,
    });
}

/** A root with two keys for a role and this threshold. */
const rootOfTwo = (role: Role, threshold: number): Promise<string> => {
  const options: RootOptions = {
    keys: { [role]: [testKey(role), testKey(`${role}-b`)] },
    thresholds: { [role]: threshold },
  };
  return makeRoot(options);
};

/** What every role has in common. */
async function commonCases(
  role: Role,
  section: (step: 'fetch' | 'signature' | 'freeze') => string,
): Promise<readonly Case[]> {
  const refuse = await openRefusals(role);
  const path = role === 'timestamp' ? 'metadata/timestamp.json' : `metadata/2.${role}.json`;
  const honest = await publish({ version: 2 });
  const of = (options: RoleOptions): Plan => ({ [role]: options });
  const limit = 3000;
  const cases: Case[] = [];
  for (const [description, options, reason] of FAULTS)
    cases.push(await refuse({ section: section('signature'), description, plan: of(options), reason }));
  cases.push(
    await refuse({
      section: section('fetch'),
      description: 'is not there',
      files: withFile(honest, path, null),
      reason: 'not-found',
    }),
    await refuse({
      section: section('fetch'),
      description: 'is longer than the client allows',
      limits: { [role]: limit },
      plan: {
        ...of({ edit: signed => void signed.set('x-padding', 'x'.repeat(limit)) }),
        ...parentWithoutLength(role),
      },
      reason: 'too-long',
    }),
    await refuse({
      section: section('freeze'),
      description: 'has expired, in the second of the update',
      plan: of({ expires: START }),
      reason: 'expired',
    }),
    await refuse({
      section: section('freeze'),
      description: 'has expired long ago, and is signed by a stranger',
      plan: of({ expires: START - 999 * DAY, signers: [testKey('stranger')] }),
      reason: 'signature-threshold',
    }),
  );
  const plain = await publish(of({ expires: START + DAY }));
  cases.push({
    section: section('freeze'),
    description: 'what is trusted expires, and the mirror has no later one',
    anchor: await makeRoot(),
    steps: [
      taken(plain, [1, 1, 1, 1], { day: 1 - 1 / 86_400 }),
      refused(plain, 'expired', [1, 1, 1, 1], { day: 1 }),
      taken(await publish({ version: 2 }), [1, 2, 2, 2], { day: 1 }),
      offline([1, 2, 2, 2], { day: 1 }),
    ],
  });
  const [mine, second] = [testKey(role), testKey(`${role}-b`)];
  const idOfSecond = keyOf(second).keyId;
  const signed = async (description: string, threshold: number, options: RoleOptions): Promise<Case> => ({
    section: section('signature'),
    description,
    anchor: await rootOfTwo(role, threshold),
    steps: accepted(await publish(of(options)), [1, 1, 1, 1]),
  });
  cases.push(
    await signed('two keys of two have signed', 2, { signers: [mine, second] }),
    await signed('one key of two has signed, with a threshold of 1', 1, { signers: [second] }),
    await signed('the other key of two has left its signature empty', 1, {
      signers: [mine],
      forge: file => void file.signatures.unshift({ keyid: idOfSecond, sig: '' }),
    }),
    await signed('the other key of two has a wrong signature', 1, {
      signers: [mine],
      forge: file => void file.signatures.unshift({ keyid: idOfSecond, sig: '00'.repeat(64) }),
    }),
    await signed('a stranger has signed as well', 1, { signers: [mine, testKey('stranger')] }),
    await signed('unknown members', 1, {
      signers: [mine],
      edit: members => void members.set('x-unknown', new Map([['deep', ['ü', 1, false]]])),
    }),
    {
      section: section('signature'),
      description: 'one key of two has signed, with a threshold of 2',
      anchor: await rootOfTwo(role, 2),
      steps: [
        refused(await publish(of({ signers: [mine] })), 'signature-threshold', onlyBefore(role)),
        ...accepted(await publish({ version: 2, ...of({ signers: [mine, second] }) }), [1, 2, 2, 2]),
      ],
    },
    {
      section: section('signature'),
      description: 'one key of two has signed under both ids, with a threshold of 2',
      anchor: await rootOfTwo(role, 2),
      steps: [
        refused(
          await publish(
            of({
              signers: [mine],
              forge: file =>
                void file.signatures.push(...file.signatures.map(({ sig }) => ({ keyid: idOfSecond, sig }))),
            }),
          ),
          'signature-threshold',
          onlyBefore(role),
        ),
        ...accepted(await publish({ version: 2, ...of({ signers: [mine, second] }) }), [1, 2, 2, 2]),
      ],
    },
  );
  return cases;
}

/** What a client without state trusts when the role of a first update is refused. */
function onlyBefore(role: Role): Versions {
  if (role === 'timestamp') return [1, null, null, null];
  return role === 'snapshot' ? [1, 1, null, null] : [1, 1, 1, null];
}

/** The client's own limit counts where the parent states no length. */
function parentWithoutLength(role: Role): Plan {
  if (role === 'snapshot') return { timestamp: { named: { length: undefined } } };
  return role === 'targets' ? { snapshot: { named: { targets: { length: undefined } } } } : {};
}

export async function timestampCases(): Promise<readonly Case[]> {
  const anchor = await makeRoot();
  const refuse = await openRefusals('timestamp');
  const [first, second] = [await publish(), await publish({ version: 2 })];
  const third = [await publish({ version: 3, ...LATER }), [1, 3, 3, 3]] as const;
  const again = await publish({ timestamp: { named: { version: 7 }, expires: START + 60 * DAY } });
  const late = await publish({ ...LATER });
  return [
    ...(await commonCases(
      'timestamp',
      step => ({ fetch: '5.4.1', signature: '5.4.2', freeze: '5.4.4' })[step],
    )),
    await refuse({
      section: '5.4.2',
      description: 'cut off',
      files: withFile(
        second,
        'metadata/timestamp.json',
        textOf(second, 'metadata/timestamp.json').slice(0, 99),
      ),
      reason: 'format',
    }),
    await refuse({
      section: '5.4.2',
      description: 'a member twice',
      files: withFile(
        second,
        'metadata/timestamp.json',
        textOf(second, 'metadata/timestamp.json').replace('"version":2', '"version":1,"version":2'),
      ),
      reason: ['format', 'signature-threshold'],
    }),
    await refuse({
      section: '5.4.2',
      description: 'names no snapshot',
      plan: { timestamp: { edit: signed => void signed.set('meta', new Map()) } },
      reason: 'format',
    }),
    refusal({
      section: '5.4.3.1',
      description: 'a lower version',
      anchor,
      before: [second, [1, 2, 2, 2]],
      serves: first,
      reason: 'rollback',
      trusted: [1, 2, 2, 2],
      after: third,
    }),
    refusal({
      section: '5.4.3.1',
      description: 'a lower version, after the trusted one has expired',
      anchor,
      before: [second, [1, 2, 2, 2]],
      day: 31,
      serves: late,
      reason: 'rollback',
      trusted: [1, 2, 2, 2],
      after: third,
    }),
    {
      section: '5.4.3.1',
      description: 'a lower version, after the trusted one has expired and the client has started again',
      anchor,
      steps: [
        taken(second, [1, 2, 2, 2]),
        refused(late, 'rollback', [1, 2, 2, 2], { day: 31, restart: true }),
        taken(...third, { day: 31, restart: true }),
        offline(third[1], { day: 31 }),
      ],
    },
    {
      section: '5.4.3.1',
      description: 'the same version again',
      anchor,
      steps: [
        taken(first, [1, 1, 1, 1]),
        taken(first, [1, 1, 1, 1]),
        ...accepted(first, [1, 1, 1, 1], { restart: true }),
      ],
    },
    {
      section: '5.4.3.1',
      description: 'the same version with another content is left aside, and is no error',
      anchor,
      steps: [
        taken(first, [1, 1, 1, 1]),
        ...accepted(again, [1, 1, 1, 1], { restart: true }),
        // The expiry of the other content does not count either.
        refused(again, 'expired', [1, 1, 1, 1], { day: 31 }),
      ],
    },
    refusal({
      section: '5.4.3.2',
      description: 'a higher version that names a lower snapshot',
      anchor,
      before: [second, [1, 2, 2, 2]],
      serves: await publish({ timestamp: { version: 3 } }),
      reason: 'rollback',
      trusted: [1, 2, 2, 2],
      after: third,
    }),
    {
      section: '5.4.5',
      description: 'a verified timestamp is kept although the update fails later, and is a floor',
      anchor,
      steps: [
        taken(first, [1, 1, 1, 1]),
        refused(withFile(second, 'metadata/2.snapshot.json', null), 'not-found', [1, 2, 1, 1]),
        refused(first, 'rollback', [1, 2, 1, 1], { restart: true }),
        ...accepted(second, [1, 2, 2, 2]),
      ],
    },
  ];
}

/** Content against what the parent says of it, for the second version of a role. */
async function contentCases(
  role: 'snapshot' | 'targets',
  section: string,
  versionSection: string,
): Promise<readonly Case[]> {
  const refuse = await openRefusals(role);
  const anchor = await makeRoot();
  const honest = await publish({ version: 2 });
  const path = `metadata/2.${role}.json`;
  const text = textOf(honest, path);
  const exchanged = (description: string, changed: string, reason: Given['reason']): Promise<Case> =>
    refuse({ section, description, files: withFile(honest, path, changed), reason });
  const named = (members: NonNullable<RoleOptions['named']>): Plan =>
    role === 'snapshot' ? { timestamp: { named: members } } : { snapshot: { named: { targets: members } } };
  const digest = describe(2, text).hashes?.get('sha256') ?? '';
  const long = encodeHex(sha512(new TextEncoder().encode(text)));
  const take = async (description: string, plan: Plan): Promise<Case> => ({
    section,
    description,
    anchor,
    steps: accepted(await publish({ version: 2, ...plan }), [1, 2, 2, 2]),
  });
  return [
    await exchanged(
      'a byte of its signature is another',
      text.replace(/"sig":"(.)/, (_, digit) => `"sig":"${digit === '0' ? 1 : 0}`),
      'hash',
    ),
    await exchanged('a byte longer', `${text}\n`, 'length'),
    await exchanged('a byte shorter', text.slice(0, -1), 'length'),
    await exchanged('empty', '', 'length'),
    await exchanged('the version before', textOf(await publish(), `metadata/1.${role}.json`), [
      'hash',
      'length',
    ]),
    await refuse({
      section,
      description: 'the length that is signed is another',
      plan: named({ length: text.length + 1 }),
      reason: 'length',
    }),
    await refuse({
      section,
      description: 'the hash that is signed is another',
      plan: named({ hashes: new Map([['sha256', '00'.repeat(32)]]) }),
      reason: 'hash',
    }),
    await refuse({
      section,
      description: 'one of two hashes is another',
      plan: named({
        hashes: new Map([
          ['sha256', digest],
          ['sha512', '00'.repeat(64)],
        ]),
      }),
      reason: 'hash',
    }),
    await take(
      'named by two hashes',
      named({
        hashes: new Map([
          ['sha256', digest],
          ['sha512', long],
        ]),
      }),
    ),
    await take('named by version alone', named({ length: undefined, hashes: undefined })),
    await take('named by its length and no hash', named({ hashes: undefined })),
    await take('named by its hash and no length', named({ length: undefined })),
    await refuse({
      section: versionSection,
      description: 'a higher version than is named',
      plan: { [role]: { edit: (signed: Members) => void signed.set('version', 9) } },
      reason: 'mix',
    }),
    await refuse({
      section: versionSection,
      description: 'a lower version than is named',
      plan: { [role]: { edit: (signed: Members) => void signed.set('version', 1) } },
      reason: 'mix',
    }),
  ];
}

export async function snapshotCases(): Promise<readonly Case[]> {
  const anchor = await makeRoot();
  const delegates = [{ name: 'A' }];
  const withA = (version: number, plan: Plan = {}): Promise<Files> =>
    publish({
      version,
      ...plan,
      targets: { delegates, ...plan.targets },
      delegated: { A: {}, ...plan.delegated },
    });
  const before = [await withA(2), [1, 2, 2, 2]] as const;
  const after = [await withA(4), [1, 4, 4, 4]] as const;
  const roll = (
    section: string,
    description: string,
    serves: Files,
    reason: Given['reason'] = 'rollback',
  ): Case => refusal({ section, description, anchor, before, serves, reason, trusted: [1, 3, 2, 2], after });
  const shortLived = await withA(2, { snapshot: { expires: START + DAY } });
  const lowered = await withA(3, { targets: { version: 1 } });
  return [
    ...(await commonCases(
      'snapshot',
      step => ({ fetch: '5.5.1', signature: '5.5.3', freeze: '5.5.6' })[step],
    )),
    ...(await contentCases('snapshot', '5.5.2', '5.5.4')),
    roll('5.5.5', 'a lower version of targets', lowered),
    roll(
      '5.5.5',
      'a lower version of a delegated role',
      await withA(3, { delegated: { A: { version: 1 } } }),
    ),
    roll('5.5.5', 'a delegated role is gone', await withA(3, { snapshot: { named: { A: null } } })),
    roll('5.5.5', 'targets is gone', await withA(3, { snapshot: { edit: dropTargets } }), [
      'rollback',
      'format',
      'mix',
    ]),
    {
      section: '5.5.5',
      description:
        'a lower version of targets, after the trusted snapshot has expired and the client has started again',
      anchor,
      steps: [
        taken(shortLived, [1, 2, 2, 2]),
        refused(lowered, 'rollback', [1, 3, 2, 2], { day: 2, restart: true }),
        taken(after[0], after[1], { day: 2, restart: true }),
        offline(after[1], { day: 2 }),
      ],
    },
    {
      section: '5.5.5',
      description: 'a role more, and the same version of the others',
      anchor,
      steps: [
        taken(await publish(), [1, 1, 1, 1]),
        ...accepted(
          await publish({ version: 2, targets: { version: 1 }, snapshot: { named: { B: { version: 5 } } } }),
          [1, 2, 2, 1],
        ),
      ],
    },
    {
      section: '5.5.7',
      description: 'a verified snapshot is kept although the update fails later, and is a floor',
      anchor,
      steps: [
        taken(await publish(), [1, 1, 1, 1]),
        refused(
          withFile(await publish({ version: 2 }), 'metadata/2.targets.json', null),
          'not-found',
          [1, 2, 2, 1],
        ),
        refused(await publish({ version: 3, targets: { version: 1 } }), 'rollback', [1, 3, 2, 1], {
          restart: true,
        }),
        ...accepted(await publish({ version: 4 }), [1, 4, 4, 4]),
      ],
    },
    {
      section: '5.5.1',
      description: 'without consistent snapshots',
      anchor: await makeRoot({ consistent: false }),
      steps: [
        taken(await publish({ consistent: false }), [1, 1, 1, 1]),
        refused(
          withFile(
            await publish({ consistent: false, version: 2 }),
            'metadata/snapshot.json',
            textOf(await publish({ consistent: false }), 'metadata/snapshot.json'),
          ),
          ['hash', 'length'],
          [1, 2, 1, 1],
        ),
        ...accepted(await publish({ consistent: false, version: 2 }), [1, 2, 2, 2]),
      ],
    },
  ];
}

/** Leaves "targets.json" out of what a snapshot names. */
function dropTargets(signed: Members): void {
  const meta = new Map(signed.get('meta') as Members);
  meta.delete('targets.json');
  signed.set('meta', meta);
}

export async function targetsCases(): Promise<readonly Case[]> {
  const anchor = await makeRoot();
  const refuse = await openRefusals('targets');
  return [
    ...(await commonCases(
      'targets',
      step => ({ fetch: '5.6.1', signature: '5.6.3', freeze: '5.6.5' })[step],
    )),
    ...(await contentCases('targets', '5.6.2', '5.6.4')),
    await refuse({
      section: '5.6.3',
      description: 'a target without hashes',
      plan: {
        targets: {
          edit: signed => void signed.set('targets', new Map([['file.txt', new Map([['length', 5]])]])),
        },
      },
      reason: 'format',
    }),
    await refuse({
      section: '5.6.3',
      description: 'two delegated roles of one name',
      plan: { targets: { delegates: [{ name: 'A' }], edit: signed => repeatDelegation(signed) } },
      reason: 'format',
    }),
    {
      section: '5.6.6',
      description: 'targets are exchanged, and another instance finds the last',
      anchor,
      steps: [
        taken(await publish({ targets: { targets: { 'a.txt': 'one' } } }), [1, 1, 1, 1], {
          targets: { 'a.txt': 'one' },
        }),
        ...accepted(await publish({ version: 2, targets: { targets: { 'a.txt': 'two' } } }), [1, 2, 2, 2], {
          targets: { 'a.txt': 'two' },
        }),
      ],
    },
    {
      section: '5.6.1',
      description: 'without consistent snapshots',
      anchor: await makeRoot({ consistent: false }),
      steps: accepted(await publish({ consistent: false }), [1, 1, 1, 1]),
    },
  ];
}

/** Every delegation twice. */
function repeatDelegation(signed: Members): void {
  const delegations = new Map(signed.get('delegations') as Members);
  const roles = delegations.get('roles') as readonly never[];
  signed.set('delegations', delegations.set('roles', [...roles, ...roles]));
}
