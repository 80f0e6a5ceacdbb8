// Sections 5.2 (the trusted root), 5.3 (update the root role) and 5.3.11 (recovery from fast-forward attacks).

import type { Signer } from '@cargo-tuf/keys';
import type { Case, Versions } from './case-file.ts';
import {
  DAY,
  describe,
  type Files,
  makeRoot,
  makeTimestamp,
  type Members,
  publish,
  type RootOptions,
  START,
  textOf,
  withFile,
} from './repository.ts';
import { accepted, NOTHING, offline, refusal, refused, taken } from './steps.ts';
import { keyOf, testKey } from './test-keys.ts';

const LAST_VERSION = 2 ** 53 - 1;
const keysOf = (...names: readonly string[]): readonly Signer[] => names.map(testKey);

export async function trustedRootCases(): Promise<readonly Case[]> {
  const files = await publish({ targets: { targets: { 'file.txt': 'hello' } } });
  const anchor = await makeRoot();
  const expired = await makeRoot({ expires: START });
  const two = { keys: { root: keysOf('root', 'root-b') }, thresholds: { root: 2 } };
  const unusable = (
    description: string,
    text: string,
    reason: 'signature-threshold' | 'type' | 'format',
  ) => ({
    section: '5.2',
    description,
    anchor: text,
    steps: [refused(files, reason, NOTHING)],
  });
  return [
    {
      section: '5.2',
      description: 'first update of a client that has the first root',
      anchor,
      steps: accepted(files, [1, 1, 1, 1], { targets: { 'file.txt': 'hello' } }),
    },
    {
      section: '5.2',
      description: 'first update of a client that has a later root',
      anchor: await makeRoot({ version: 7 }),
      steps: accepted(withFile(files, 'metadata/8.root.json', await makeRoot({ version: 8 })), [8, 1, 1, 1]),
    },
    {
      section: '5.2',
      description: 'the trusted root has expired, the last one has not',
      anchor: expired,
      steps: [
        refused(files, 'expired', [1, null, null, null]),
        ...accepted(withFile(files, 'metadata/2.root.json', await makeRoot({ version: 2 })), [2, 1, 1, 1]),
      ],
    },
    {
      section: '5.2',
      description: 'a trusted root that two keys of two have signed',
      anchor: await makeRoot(two),
      steps: accepted(files, [1, 1, 1, 1]),
    },
    unusable(
      'a trusted root that one key of two has signed',
      await makeRoot({ ...two, signers: keysOf('root') }),
      'signature-threshold',
    ),
    unusable(
      'a trusted root that a stranger has signed',
      await makeRoot({ signers: keysOf('stranger') }),
      'signature-threshold',
    ),
    unusable('a trusted root that is a timestamp', textOf(files, 'metadata/timestamp.json'), 'type'),
    unusable('a trusted root that is cut off', anchor.slice(0, -40), 'format'),
  ];
}

export async function updateRootCases(): Promise<readonly Case[]> {
  return [
    ...(await chainCases()),
    ...(await nextRootRefusals()),
    ...(await toleratedRoots()),
    ...(await expiredRoots()),
  ];
}

/** Chains that are followed to their end. */
async function chainCases(): Promise<readonly Case[]> {
  const anchor = await makeRoot();
  const three = { keys: { root: keysOf('root-b', 'root-c', 'root-d') }, thresholds: { root: 2 } };
  const two = { keys: { root: keysOf('root-d', 'root-e') } };
  const roots = {
    2: await makeRoot({ ...three, version: 2, signers: keysOf('root', 'root-b', 'root-c') }),
    3: await makeRoot({ ...two, version: 3, signers: keysOf('root-b', 'root-d') }),
    4: await makeRoot({ version: 4, signers: keysOf('root-e', 'root') }),
  };
  const plain = await makeRoot({ version: 2 });
  const alternating = await makeRoot({ version: 2, consistent: false });
  const many = {
    2: plain,
    3: await makeRoot({ version: 3 }),
    4: await makeRoot({ version: 4, expires: START + 9 * DAY }),
  };
  return [
    {
      section: '5.3',
      description: 'three rotations of the root keys, with thresholds 1 of 1, 2 of 3, 1 of 2, 1 of 1',
      anchor,
      steps: accepted(await publish({ roots }), [4, 1, 1, 1]),
    },
    {
      section: '5.3',
      description: 'the same rotations, one an update, each by another instance',
      anchor,
      steps: [
        taken(await publish({ roots: { 2: roots[2] } }), [2, 1, 1, 1]),
        taken(await publish({ roots: { 2: roots[2], 3: roots[3] } }), [3, 1, 1, 1], { restart: true }),
        // Roots that are trusted already are not asked for again.
        taken(await publish({ roots: { 4: roots[4] } }), [4, 1, 1, 1], { restart: true }),
        offline([4, 1, 1, 1]),
      ],
    },
    {
      section: '5.3.3',
      description: 'the chain ends at the first version that is not there',
      anchor,
      steps: accepted(await publish({ roots: { 3: roots[3] } }), [1, 1, 1, 1]),
    },
    {
      section: '5.3.3',
      description:
        'more roots than one update may follow: what was verified is kept, the next update goes on',
      anchor,
      limits: { rootRotations: 2 },
      steps: [
        // A client that stops without an error finds the third root expired.
        refused(
          await publish({ roots: { ...many, 3: await makeRoot({ version: 3, expires: START }) } }),
          ['root-rotations', 'expired'],
          [3, null, null, null],
        ),
        taken(await publish({ roots: many }), [4, 1, 1, 1]),
        offline([4, 1, 1, 1]),
      ],
    },
    {
      section: '5.3.9',
      description: 'a root that ends consistent snapshots',
      anchor,
      steps: [
        taken(await publish(), [1, 1, 1, 1]),
        ...accepted(
          await publish({ version: 2, consistent: false, roots: { 2: alternating } }),
          [2, 2, 2, 2],
        ),
      ],
    },
    {
      section: '5.3.9',
      description: 'a root that begins consistent snapshots',
      anchor: await makeRoot({ consistent: false }),
      steps: [
        taken(await publish({ consistent: false }), [1, 1, 1, 1]),
        ...accepted(await publish({ version: 2, roots: { 2: plain } }), [2, 2, 2, 2]),
      ],
    },
  ];
}

/** A second root that is refused after a good state, and an honest one after it. */
async function nextRootRefusals(): Promise<readonly Case[]> {
  const plain = await publish();
  const before = [plain, [1, 1, 1, 1]] as const;
  const anchor = await makeRoot();
  const served = (text: string): Files => withFile(plain, 'metadata/2.root.json', text);
  const after = [served(await makeRoot({ version: 2 })), [2, 1, 1, 1]] as const;
  const trusted: Versions = [1, 1, 1, 1];
  const refuse = (
    section: string,
    description: string,
    text: string,
    reason: Parameters<typeof refusal>[0]['reason'],
  ): Case => refusal({ section, description, anchor, before, serves: served(text), reason, trusted, after });

  const rotated: RootOptions = { version: 2, keys: { root: keysOf('root-b') } };
  const wide: RootOptions = {
    version: 2,
    keys: { root: keysOf('root-b', 'root-c') },
    thresholds: { root: 2 },
  };
  const other = (version: number): Promise<string> => makeRoot({ version });
  const root = keyOf(testKey('root')).keyId;
  const cases = [
    refuse(
      '5.3.4',
      'signed by the keys of the old root alone',
      await makeRoot({ ...rotated, signers: keysOf('root') }),
      'signature-threshold',
    ),
    refuse('5.3.4', 'signed by its own keys alone', await makeRoot(rotated), 'signature-threshold'),
    refuse(
      '5.3.4',
      'signed by a stranger',
      await makeRoot({ version: 2, signers: keysOf('stranger') }),
      'signature-threshold',
    ),
    refuse(
      '5.3.4',
      'signed by nobody',
      await makeRoot({
        version: 2,
        forge: file => {
          file.signatures = [];
        },
      }),
      'signature-threshold',
    ),
    refuse(
      '5.3.4',
      'signed by the timestamp key',
      await makeRoot({ version: 2, signers: keysOf('timestamp') }),
      'signature-threshold',
    ),
    refuse(
      '5.3.4',
      'below its own threshold',
      await makeRoot({ ...wide, signers: keysOf('root', 'root-b') }),
      'signature-threshold',
    ),
    refuse(
      '5.3.4',
      'changed after it was signed',
      await makeRoot({
        version: 2,
        forge: file => {
          file.signed['expires'] = '2039-01-01T00:00:00Z';
        },
      }),
      'signature-threshold',
    ),
    refuse(
      '5.3.4',
      'a timestamp in its place',
      await makeTimestamp({ version: 2, signers: keysOf('root') }),
      ['type', 'format'],
    ),
    refuse(
      '5.3.4',
      'a threshold of nothing',
      await makeRoot({ version: 2, edit: signed => editRole(signed, 'timestamp', { threshold: 0 }) }),
      'format',
    ),
    refuse(
      '5.3.4',
      'a threshold that its keys cannot meet',
      await makeRoot({ version: 2, edit: signed => editRole(signed, 'root', { threshold: 2 }) }),
      ['format', 'signature-threshold'],
    ),
    refuse(
      '5.3.4',
      'without the role snapshot',
      await makeRoot({ version: 2, edit: signed => editRole(signed, 'snapshot', undefined) }),
      'format',
    ),
    refuse('5.3.4', 'cut off', (await other(2)).slice(0, 300), 'format'),
    refuse('5.3.4', 'empty', '', 'format'),
    refuse(
      '5.3.4',
      'of specification 2',
      await makeRoot({ version: 2, edit: signed => signed.set('spec_version', '2.0.0') }),
      'format',
    ),
    refuse(
      '5.3.4',
      'two signatures under one key id',
      await makeRoot({ version: 2, forge: repeatFirst }),
      'format',
    ),
    refuse('5.3.5', 'the version of the trusted root again', await other(1), 'version'),
    refuse('5.3.5', 'a version that leaves one out', await other(3), 'version'),
    refuse('5.3.5', 'version 0', await makeRoot({ version: 2, edit: signed => signed.set('version', 0) }), [
      'format',
      'version',
    ]),
  ];

  const second = await makeRoot({
    version: 2,
    thresholds: { root: 2 },
    keys: { root: keysOf('root', 'root-b') },
  });
  const pair = { keys: { root: keysOf('root', 'root-b') }, thresholds: { root: 2 } };
  const pairAnchor = await makeRoot(pair);
  const twice = refusal({
    section: '5.3.4',
    description: 'the old threshold of 2 is not met, the threshold of 1 in the root itself is',
    anchor: pairAnchor,
    before,
    serves: served(await makeRoot({ version: 2 })),
    reason: 'signature-threshold',
    trusted,
    after: [served(await makeRoot({ version: 2, signers: keysOf('root', 'root-b') })), [2, 1, 1, 1]],
  });
  const repeated = refusal({
    section: '5.3.4',
    description: 'one key that has signed twice under its id does not meet a threshold of 2',
    anchor: pairAnchor,
    before,
    serves: served(await makeRoot({ version: 2, forge: repeatFirst })),
    reason: ['format', 'signature-threshold'],
    trusted,
    after: [served(second), [2, 1, 1, 1]],
  });
  const alias = await sameKeyTwice();
  const aliased = refusal({
    section: '5.3.4',
    description: 'one public key under two key ids does not meet a threshold of 2',
    anchor,
    before,
    serves: served(
      await makeRoot({
        version: 2,
        edit: alias.edit,
        forge: file => {
          const [signature] = file.signatures.filter(each => each.keyid === root);
          if (signature) file.signatures.push({ ...signature, keyid: alias.keyId });
        },
      }),
    ),
    reason: 'signature-threshold',
    trusted,
    after,
  });
  const third = refusal({
    section: '5.3.5',
    description: 'an older version under the name of the next',
    anchor,
    before: after,
    serves: withFile(after[0], 'metadata/3.root.json', await other(2)),
    reason: 'version',
    trusted: [2, 1, 1, 1],
    after: [withFile(after[0], 'metadata/3.root.json', await other(3)), [3, 1, 1, 1]],
  });
  const long = await makeRoot({ version: 2, edit: signed => signed.set('x-padding', 'x'.repeat(3000)) });
  return [
    ...cases,
    twice,
    repeated,
    aliased,
    third,
    refusal({
      section: '5.3.3',
      description: 'a root that is longer than the client allows',
      anchor,
      limits: { root: 3000 },
      before,
      serves: served(long),
      reason: 'too-long',
      trusted,
      after,
    }),
    refusal({
      section: '5.3.4',
      description: 'a good root before a bad one is kept',
      anchor,
      before,
      serves: withFile(
        after[0],
        'metadata/3.root.json',
        await makeRoot({ version: 3, signers: keysOf('stranger') }),
      ),
      reason: 'signature-threshold',
      trusted: [2, 1, 1, 1],
      after: [withFile(after[0], 'metadata/3.root.json', await other(3)), [3, 1, 1, 1]],
    }),
  ];
}

type Edit = NonNullable<RootOptions['edit']>;

/** Changes the members of a role, or takes the role out. */
function editRole(
  signed: Members,
  role: string,
  members: Readonly<Record<string, number>> | undefined,
): void {
  const roles = new Map(signed.get('roles') as Members);
  const changed = new Map([...(roles.get(role) as Members), ...Object.entries(members ?? {})]);
  if (members === undefined) roles.delete(role);
  else roles.set(role, changed);
  signed.set('roles', roles);
}

function repeatFirst(file: { signatures: { keyid: string; sig: string }[] }): void {
  file.signatures.push(...file.signatures.slice(0, 1));
}

/** The root key once more, with a member that changes its id and not the key; both ids are needed. */
async function sameKeyTwice(): Promise<{ keyId: string; edit: Edit }> {
  const { keyId: known, raw } = keyOf(testKey('root'));
  const keyId = describeKeyId(raw as ReadonlyMap<string, unknown>);
  const edit: Edit = signed => {
    const keys = new Map(signed.get('keys') as Members);
    keys.set(keyId, new Map([...raw, ['x-note', 'same key']]));
    signed.set('keys', keys);
    const roles = new Map(signed.get('roles') as Members);
    const role = new Map(roles.get('root') as Members);
    roles.set('root', role.set('keyids', [known, keyId]).set('threshold', 2));
    signed.set('roles', roles);
  };
  return { keyId, edit };
}

/** The id of the key with the member "x-note": SHA-256 of its canonical form, whose members are sorted. */
function describeKeyId(raw: ReadonlyMap<string, unknown>): string {
  const value = Object.fromEntries(raw.get('keyval') as ReadonlyMap<string, string>) as object;
  const key = { keytype: raw.get('keytype'), keyval: value, scheme: raw.get('scheme'), 'x-note': 'same key' };
  return describe(1, JSON.stringify(key)).hashes?.get('sha256') ?? '';
}

/** What a client does not know, or what does no harm, refuses nothing. */
async function toleratedRoots(): Promise<readonly Case[]> {
  const anchor = await makeRoot();
  const take = async (description: string, options: RootOptions): Promise<Case> => ({
    section: '5.3.4',
    description,
    anchor,
    steps: accepted(
      await publish({ roots: { 2: await makeRoot({ version: 2, ...options }) } }),
      [2, 1, 1, 1],
    ),
  });
  const both = { keys: { root: keysOf('root', 'root-b') } };
  const second = keyOf(testKey('root-b')).keyId;
  return [
    await take('signed by old and new keys', {
      keys: { root: keysOf('root-b') },
      signers: keysOf('root', 'root-b'),
    }),
    await take('a key of an unknown type', {
      edit: signed => {
        const key: Members = new Map();
        key
          .set('keytype', 'future')
          .set('scheme', 'future-sha4')
          .set('keyval', new Map([['public', '00']]));
        signed.set('keys', new Map([...(signed.get('keys') as Members), ['ff'.repeat(32), key]]));
        const roles = new Map(signed.get('roles') as Members);
        const role = new Map(roles.get('timestamp') as Members);
        role.set('keyids', [...(role.get('keyids') as readonly string[]), 'ff'.repeat(32)]);
        signed.set('roles', roles.set('timestamp', role));
      },
    }),
    await take('an empty signature of another of its keys', {
      ...both,
      signers: keysOf('root'),
      forge: file => void file.signatures.push({ keyid: second, sig: '' }),
    }),
    await take('a wrong signature of another of its keys', {
      ...both,
      signers: keysOf('root'),
      forge: file => void file.signatures.push({ keyid: second, sig: '00'.repeat(64) }),
    }),
    await take('a signature of a key that is not listed', { signers: keysOf('root', 'stranger') }),
    await take('unknown members, in what is signed and beside it', {
      edit: signed => void signed.set('x-unknown', new Map([['list', [1, 'two', null]]])),
      forge: file => void Object.assign(file, { 'x-unsigned': true }),
    }),
    await take('another minor version of the specification', {
      edit: signed => void signed.set('spec_version', '1.99.0'),
    }),
  ];
}

async function expiredRoots(): Promise<readonly Case[]> {
  const anchor = await makeRoot();
  const plain = await publish();
  const expired = await makeRoot({ version: 2, expires: START });
  const served = withFile(plain, 'metadata/2.root.json', expired);
  const third = withFile(served, 'metadata/3.root.json', await makeRoot({ version: 3 }));
  const short = withFile(plain, 'metadata/2.root.json', await makeRoot({ version: 2, expires: START + DAY }));
  return [
    {
      section: '5.3.10',
      description: 'a root in between has expired',
      anchor,
      steps: accepted(third, [3, 1, 1, 1]),
    },
    refusal({
      section: '5.3.10',
      description: 'the last root has expired, in the second of the update',
      anchor,
      before: [plain, [1, 1, 1, 1]],
      serves: served,
      reason: 'expired',
      trusted: [2, 1, 1, 1],
      after: [third, [3, 1, 1, 1]],
    }),
    {
      section: '5.3.10',
      description: 'the last root is good until the second in which it expires',
      anchor,
      steps: [
        taken(short, [2, 1, 1, 1], { day: 1 - 1 / 86_400 }),
        refused(short, 'expired', [2, 1, 1, 1], { day: 1 }),
      ],
    },
  ];
}

export async function fastForwardCases(): Promise<readonly Case[]> {
  const anchor = await makeRoot();
  const [timestamp, snapshot] = [keysOf('timestamp-b'), keysOf('snapshot-b')];
  const before = [await publish(), [1, 1, 1, 1]] as const;
  const fast = await publish({ version: 2, timestamp: { version: LAST_VERSION } });
  const fastSnapshot = await publish({ timestamp: { version: 2 }, snapshot: { version: LAST_VERSION } });
  const fastTargets = await publish({
    timestamp: { version: 2 },
    snapshot: { version: 2 },
    targets: { version: LAST_VERSION },
  });
  const rotate = async (keys: RootOptions['keys']): Promise<Record<number, string>> => ({
    2: await makeRoot({ version: 2, ...(keys && { keys }) }),
  });
  const timestampRotated = await rotate({ timestamp });
  const bothRotated = await rotate({ timestamp, snapshot });
  const recovered = (version: number, roots: Record<number, string>, signers: 'timestamp' | 'both') =>
    publish({
      version,
      roots,
      timestamp: { signers: timestamp },
      ...(signers === 'both' && { snapshot: { signers: snapshot } }),
    });
  const forgiven = (
    description: string,
    run: readonly [Files, Versions],
    files: Files,
    versions: Versions,
  ): Case => ({
    section: '5.3.11',
    description,
    anchor,
    steps: [
      taken(...before),
      taken(...run),
      // Without the rotation, the floor stands.
      refused(before[0], 'rollback', run[1], { restart: true }),
      taken(files, versions, { restart: true }),
      offline(versions),
    ],
  });
  const stale = withFile(fast, 'metadata/2.root.json', bothRotated[2] ?? '');
  return [
    forgiven(
      'a timestamp that was run up, after a rotation of its key',
      [fast, [1, LAST_VERSION, 2, 2]],
      await recovered(3, timestampRotated, 'timestamp'),
      [2, 3, 3, 3],
    ),
    forgiven(
      'a snapshot that was run up, after a rotation of the keys of timestamp and snapshot',
      [fastSnapshot, [1, 2, LAST_VERSION, 1]],
      await recovered(2, bothRotated, 'both'),
      [2, 2, 2, 2],
    ),
    forgiven(
      'targets that were run up, after a rotation of the keys of timestamp and snapshot',
      [fastTargets, [1, 2, 2, LAST_VERSION]],
      await recovered(2, bothRotated, 'both'),
      [2, 2, 2, 2],
    ),
    {
      section: '5.3.11',
      description: 'a rotation of the keys of targets forgives no timestamp',
      anchor,
      steps: [
        taken(fast, [1, LAST_VERSION, 2, 2]),
        refused(
          await publish({
            version: 3,
            roots: await rotate({ targets: keysOf('targets-b') }),
            targets: { signers: keysOf('targets-b') },
          }),
          'rollback',
          [2, LAST_VERSION, 2, null],
        ),
      ],
    },
    {
      section: '5.3.11',
      description: 'the timestamp of the old key is not accepted after the rotation',
      anchor,
      steps: [
        taken(fast, [1, LAST_VERSION, 2, 2]),
        refused(stale, 'signature-threshold', [2, null, null, 2], { restart: true }),
        taken(await recovered(3, bothRotated, 'both'), [2, 3, 3, 3], { restart: true }),
        offline([2, 3, 3, 3]),
      ],
    },
  ];
}
