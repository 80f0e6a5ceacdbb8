// Section 5 of the TUF specification 1.0.34, "detailed client workflow", step by step.

import { acceptRoot, type ClientLimits, openMemoryStore, type Store, trustRoot } from '@cargo-tuf/client';
import { encodeHex } from '@cargo-tuf/keys';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  codeOf,
  contentOf,
  DAY,
  fileOf,
  KEYS,
  leafOf,
  makeFiles,
  makeRoot,
  makeSnapshot,
  makeTargets,
  makeTimestamp,
  Mirror,
  newKey,
  newKeys,
  NOW,
  open,
  roleKeys,
  keyMap,
  type Shape,
  treeOf,
} from './world.ts';

let store: Store;
let files: Map<string, Uint8Array>;
let root: Uint8Array;

beforeEach(async () => {
  store = openMemoryStore();
  files = await makeFiles();
  root = files.get('metadata/1.root.json') as Uint8Array;
});

const sync = (
  from: ReadonlyMap<string, Uint8Array> = files,
  limits: Partial<ClientLimits> = {},
  time = NOW,
) => open(new Mirror(from), { root, store, limits, clock: () => time }).sync();
/** The outcome for a client without state. */
const first = (from: ReadonlyMap<string, Uint8Array>) => {
  store = openMemoryStore();
  return codeOf(sync(from));
};
const withFile = (name: string, bytes: Uint8Array) => new Map(files).set(`metadata/${name}.json`, bytes);
const stored = async (name: string) => (await store.read()).documents.get(name);
const next = (shape: Shape = {}) => makeFiles({ version: 2, ...shape });

describe('5.2 the trusted root', () => {
  it('is signed by a threshold of its own keys', async () => {
    expect(trustRoot(root).root.value.version).toBe(1);
    expect(await codeOf(() => trustRoot(Uint8Array.from([])))).not.toBe('accepted');
    const stranger = await makeRoot(1, {}, KEYS, [newKey()]);
    expect(await codeOf(() => trustRoot(stranger))).toBe('METADATA_THRESHOLD');
    const roles = new Map(trustRoot(root).root.value.roles).set(
      'root',
      roleKeys([...KEYS.root, newKey()], 2),
    );
    const keys = keyMap([...KEYS.root, ...KEYS.timestamp, ...KEYS.snapshot, ...KEYS.targets]);
    const half = await makeRoot(1, { roles, keys }, KEYS);
    expect(await codeOf(() => trustRoot(half))).toBe('METADATA_THRESHOLD');
  });

  it('is a root, and names the repository when it has a map', async () => {
    const timestamp = files.get('metadata/timestamp.json') as Uint8Array;
    expect(await codeOf(() => trustRoot(timestamp))).toBe('CLIENT_ANCHOR');
    const nameless = await makeRoot(1, { repository: undefined });
    expect(await codeOf(() => open(new Mirror(files), { root: nameless }))).toBe('CLIENT_ANCHOR');
  });

  it('may have expired, when a later one has not', async () => {
    root = await makeRoot(1, { expires: NOW - 1000 });
    expect(await codeOf(sync())).toBe('CLIENT_EXPIRED');
    expect(await codeOf(sync(withFile('2.root', await makeRoot(2))))).toBe('accepted');
  });
});

describe('5.3.1 the time of an update', () => {
  it('is fixed at its start', async () => {
    let calls = 0;
    const clock = () => NOW + calls++ * 30 * DAY;
    expect(await codeOf(open(new Mirror(files), { root, store, clock }).sync())).toBe('accepted');
  });
});

describe('5.3.3 the next root', () => {
  it('is asked for by number until there is none, within its limit', async () => {
    const mirror = new Mirror(withFile('2.root', await makeRoot(2)));
    await open(mirror, { root, store }).sync();
    expect(mirror.requests.slice(0, 3)).toEqual([
      'metadata/2.root.json',
      'metadata/3.root.json',
      'metadata/timestamp.json',
    ]);
    expect(mirror.lengths.get('metadata/2.root.json')).toBe(512_000);
  });

  it('is not known to be absent when the mirror gives no answer', async () => {
    const silent = { fetch: async () => Promise.reject(new Error('reset')) };
    expect(await codeOf(open(silent, { root, store }).sync())).toContain('reset');
  });

  it('comes at most as often as the limit says; what was verified is kept', async () => {
    for (const version of [2, 3, 4]) files.set(`metadata/${version}.root.json`, await makeRoot(version));
    expect(await codeOf(sync(files, { rootRotations: 3 }))).toBe('accepted');
    store = openMemoryStore();
    expect(await codeOf(sync(files, { rootRotations: 2 }))).toBe('CLIENT_ROOT_ROTATIONS');
    expect(await stored('root.3')).toEqual(files.get('metadata/3.root.json'));
    expect(await codeOf(sync(files, { rootRotations: 2 }))).toBe('accepted');
  });
});

describe('5.3.4 arbitrary software: the next root', () => {
  const two = [newKey(), newKey()];
  const cases: readonly (readonly [string, () => Promise<Uint8Array>, string])[] = [
    [
      'signed by old and new',
      () => makeRoot(2, {}, { ...KEYS, root: two }, [...KEYS.root, ...two]),
      'accepted',
    ],
    ['signed by new keys alone', () => makeRoot(2, {}, { ...KEYS, root: two }, two), 'METADATA_THRESHOLD'],
    [
      'signed by old keys alone',
      () => makeRoot(2, {}, { ...KEYS, root: two }, KEYS.root),
      'METADATA_THRESHOLD',
    ],
    ['signed by a stranger', () => makeRoot(2, {}, KEYS, [newKey()]), 'METADATA_THRESHOLD'],
  ];
  it.each(cases)('%s', async (_what, make, code) => {
    const bytes = await make();
    expect(await codeOf(() => acceptRoot(trustRoot(root), bytes))).toBe(code);
    expect(await codeOf(sync(withFile('2.root', bytes)))).toBe(code);
    expect(await stored('root.2')).toEqual(code === 'accepted' ? bytes : undefined);
  });

  it('must meet the old threshold, when the new one is lower', async () => {
    const roles = (threshold: number) =>
      new Map(trustRoot(root).root.value.roles).set('root', roleKeys(two, threshold));
    const keys = keyMap([...two, ...KEYS.timestamp, ...KEYS.snapshot, ...KEYS.targets]);
    root = await makeRoot(1, { roles: roles(2), keys }, KEYS, two);
    const lowered = { roles: roles(1), keys };
    expect(await codeOf(sync(withFile('2.root', await makeRoot(2, lowered, KEYS, two.slice(0, 1)))))).toBe(
      'METADATA_THRESHOLD',
    );
    expect(await codeOf(sync(withFile('2.root', await makeRoot(2, lowered, KEYS, two))))).toBe('accepted');
  });

  it('must be of the same repository, and keep how crates are looked up', async () => {
    const other = await makeRoot(2, { repository: '02'.repeat(32) });
    expect(await codeOf(sync(withFile('2.root', other)))).toBe('CLIENT_REPOSITORY');
    const nameless = await makeRoot(2, { repository: undefined });
    expect(await codeOf(sync(withFile('2.root', nameless)))).toBe('CLIENT_REPOSITORY');
    for (const index of [undefined, { kind: 'bins' }] as const)
      expect(await codeOf(sync(withFile('2.root', await makeRoot(2, { index }))))).toBe('CLIENT_MIX');
    root = await makeRoot(1, { index: { kind: 'map', epoch: 1 } });
    expect(await codeOf(sync(withFile('2.root', await makeRoot(2))))).toBe('CLIENT_ROLLBACK');
  });
});

describe('5.3.5 rollback: the next root', () => {
  it.each([1, 3, 9])('has the version that was asked for, not %i', async version => {
    expect(await codeOf(sync(withFile('2.root', await makeRoot(version))))).toBe('CLIENT_ROOT_VERSION');
    expect(await stored('root.2')).toBeUndefined();
  });
});

describe('5.3.8 a verified root', () => {
  it('is kept although the update fails later, and read from the store at the next', async () => {
    const second = await makeRoot(2);
    const broken = withFile('2.root', second);
    broken.delete('metadata/timestamp.json');
    expect(await codeOf(sync(broken))).toBe('CLIENT_MISSING');
    expect(await stored('root.2')).toEqual(second);
    const mirror = new Mirror(files);
    expect((await open(mirror, { root, store }).sync()).versions.root).toBe(2);
    expect(mirror.requests[0]).toBe('metadata/3.root.json');
  });
});

describe('5.3.10 freeze: the last root', () => {
  it('has not expired; one in between may have', async () => {
    const expired = await makeRoot(2, { expires: NOW });
    expect(await codeOf(sync(withFile('2.root', expired)))).toBe('CLIENT_EXPIRED');
    store = openMemoryStore();
    const both = withFile('2.root', expired).set('metadata/3.root.json', await makeRoot(3));
    expect(await codeOf(sync(both))).toBe('accepted');
  });

  it('is good until its very second', async () => {
    const last = await makeRoot(2, { expires: NOW + 1000 });
    expect(await codeOf(sync(withFile('2.root', last), {}, NOW + 999))).toBe('accepted');
    expect(await codeOf(sync(withFile('2.root', last), {}, NOW + 1000))).toBe('CLIENT_EXPIRED');
  });
});

describe('5.3.11 fast-forward: a root that rotates keys', () => {
  const keys = newKeys();
  const rotated = (...roles: readonly ('timestamp' | 'snapshot')[]) => ({
    ...KEYS,
    ...Object.fromEntries(roles.map(role => [role, keys[role]])),
  });

  it('forgives a timestamp that was run up', async () => {
    const fast = await makeTimestamp(
      2 ** 53 - 1,
      fileOf(1, files.get('metadata/1.snapshot.json') as Uint8Array),
      {
        merkleRoot: encodeHex(treeOf('crates', [leafOf('itoa')]).root),
      },
    );
    await sync(withFile('timestamp', fast));
    expect(await codeOf(sync())).toBe('CLIENT_ROLLBACK');
    const snapshot = fileOf(1, files.get('metadata/1.snapshot.json') as Uint8Array);
    const merkleRoot = encodeHex(treeOf('crates', [leafOf('itoa')]).root);
    files.set('metadata/2.root.json', await makeRoot(2, {}, rotated('timestamp')));
    files.set('metadata/timestamp.json', await makeTimestamp(1, snapshot, { merkleRoot }, keys.timestamp));
    expect((await sync()).versions).toMatchObject({ root: 2, timestamp: 1 });
  });

  it('forgives a snapshot that was run up only with the timestamp that names it', async () => {
    await sync(await makeFiles({ version: 9 }));
    const low = await makeFiles({ version: 1, tree: 9, leaves: [leafOf('itoa')] });
    const meta = Object.fromEntries(
      ['targets', 'claims', 'crates'].map(name => [
        name,
        fileOf(1, low.get(`metadata/1.${name}.json`) as Uint8Array),
      ]),
    );
    const snapshot = await makeSnapshot(1, meta, {}, keys.snapshot);
    const merkleRoot = encodeHex(treeOf('crates', [leafOf('itoa')]).root);
    low.set('metadata/1.snapshot.json', snapshot);
    low.set('metadata/2.root.json', await makeRoot(2, {}, rotated('snapshot')));
    low.set('metadata/timestamp.json', await makeTimestamp(10, fileOf(1, snapshot), { merkleRoot }));
    const before = await store.read();
    expect(await codeOf(sync(low))).toBe('CLIENT_ROLLBACK');
    store = openMemoryStore();
    await store.replace(0, before.documents);
    low.set('metadata/2.root.json', await makeRoot(2, {}, rotated('snapshot', 'timestamp')));
    low.set(
      'metadata/timestamp.json',
      await makeTimestamp(1, fileOf(1, snapshot), { merkleRoot }, keys.timestamp),
    );
    expect((await sync(low)).versions).toMatchObject({ timestamp: 1, snapshot: 1, tree: 9 });
  });
});

describe('5.4.1 the timestamp', () => {
  it('is asked for without a version, within its limit', async () => {
    const mirror = new Mirror(files);
    await open(mirror, { root, store }).sync();
    expect(mirror.lengths.get('metadata/timestamp.json')).toBe(16_384);
    files.delete('metadata/timestamp.json');
    expect(await codeOf(sync())).toBe('CLIENT_MISSING');
  });
});

describe('5.4.2 arbitrary software: the timestamp', () => {
  it.each(['root', 'snapshot', 'targets', 'crates'] as const)(
    'is not signed by the keys of %s',
    async role => {
      const bytes = await makeTimestamp(1, fileOf(1, new Uint8Array(1)), {}, KEYS[role]);
      expect(await codeOf(sync(withFile('timestamp', bytes)))).toBe('METADATA_THRESHOLD');
    },
  );

  it('is a timestamp, and of this repository', async () => {
    const snapshot = await makeSnapshot(1, { targets: { version: 1 } }, {}, KEYS.timestamp);
    expect(await codeOf(sync(withFile('timestamp', snapshot)))).toBe('METADATA_TYPE');
    const other = await makeTimestamp(1, { version: 1 }, { repository: '02'.repeat(32) });
    expect(await codeOf(sync(withFile('timestamp', other)))).toBe('CLIENT_REPOSITORY');
  });
});

describe('5.4.3 rollback: the timestamp', () => {
  it('5.4.3.1 does not fall', async () => {
    await sync(await next());
    expect(await codeOf(sync())).toBe('CLIENT_ROLLBACK');
  });

  it('5.4.3.1 of an equal version changes nothing, and is no error', async () => {
    await sync();
    const before = await stored('timestamp');
    const other = await makeTimestamp(1, fileOf(7, new Uint8Array(1)), { expires: NOW + 2 * DAY });
    const mirror = new Mirror(withFile('timestamp', other));
    expect((await open(mirror, { root, store }).sync()).versions.snapshot).toBe(1);
    expect(await stored('timestamp')).toEqual(before);
    expect(mirror.requests).toEqual(['metadata/2.root.json', 'metadata/timestamp.json']);
  });

  it('5.4.3.2 does not name a lower snapshot, and is not kept when it does', async () => {
    await sync(await next());
    const before = await stored('timestamp');
    const lower = await makeTimestamp(3, fileOf(1, files.get('metadata/1.snapshot.json') as Uint8Array));
    expect(await codeOf(sync(withFile('timestamp', lower)))).toBe('CLIENT_ROLLBACK');
    expect(await stored('timestamp')).toEqual(before);
  });

  it('has a floor in an expired one', async () => {
    await sync(await next());
    const late = await makeFiles({ timestamp: { expires: NOW + 9 * DAY } });
    expect(await codeOf(sync(late, {}, NOW + 2 * DAY))).toBe('CLIENT_ROLLBACK');
  });
});

describe('5.4.4 freeze: the timestamp', () => {
  it('has not expired, whether it is from the mirror or from the store', async () => {
    expect(await codeOf(sync(await makeFiles({ timestamp: { expires: NOW } })))).toBe('CLIENT_EXPIRED');
    expect(await stored('timestamp')).toBeUndefined();
    await sync();
    expect(await codeOf(sync(files, {}, NOW + DAY))).toBe('CLIENT_EXPIRED');
  });
});

describe('5.4.5 a verified timestamp', () => {
  it('is kept although the update fails later', async () => {
    const later = await next();
    later.delete('metadata/2.snapshot.json');
    expect(await codeOf(sync(later))).toBe('CLIENT_MISSING');
    expect(await stored('timestamp')).toEqual(later.get('metadata/timestamp.json'));
  });
});

describe('5.5.1 the snapshot', () => {
  it('is asked for by the version that the timestamp names, within its length', async () => {
    const mirror = new Mirror(files);
    await open(mirror, { root, store }).sync();
    const { length } = files.get('metadata/1.snapshot.json') as Uint8Array;
    expect(mirror.lengths.get('metadata/1.snapshot.json')).toBe(length);
  });

  it('has a limit that a signed length cannot raise', async () => {
    expect(await codeOf(sync(files, { snapshot: 100 }))).toContain('longer than 100');
  });
});

describe('5.5.2 the snapshot against its hash', () => {
  it('is the one that the timestamp names', async () => {
    const other = await makeSnapshot(1, { targets: { version: 1 } });
    expect(await codeOf(sync(withFile('1.snapshot', other)))).toMatch(/^METADATA_(LENGTH|HASH)$/);
  });

  it.each([
    ['length', (file: object) => ({ ...file, length: undefined })],
    ['hash', (file: object) => ({ ...file, hashes: undefined })],
  ])('is named with its %s', async (_what, drop) => {
    const named = drop(fileOf(1, files.get('metadata/1.snapshot.json') as Uint8Array)) as never;
    const { length, hashes, version } = named as {
      length?: number;
      hashes?: ReadonlyMap<string, string>;
      version: number;
    };
    const file = {
      version,
      ...(length !== undefined && { length }),
      ...(hashes !== undefined && { hashes }),
    };
    expect(await codeOf(sync(withFile('timestamp', await makeTimestamp(1, file))))).toBe('CLIENT_NO_HASH');
  });

  it('may be named by version alone in a repository without an id', async () => {
    const common = { repository: undefined };
    root = await makeRoot(1, { ...common, index: undefined });
    const foreign = new Map([
      ['metadata/timestamp.json', await makeTimestamp(1, { version: 1 }, common)],
      ['metadata/1.snapshot.json', await makeSnapshot(1, { targets: { version: 1 } }, common)],
      ['metadata/1.targets.json', await makeTargets(1, { ...common, delegations: undefined })],
    ]);
    const snapshot = await sync(foreign);
    expect(snapshot.versions).toMatchObject({ targets: 1, tree: undefined });
    expect(await codeOf(snapshot.leaves(['itoa']))).toBe('CLIENT_NO_MAP');
  });
});

/** Files with another snapshot, and a timestamp that names it. */
async function withSnapshot(
  from: ReadonlyMap<string, Uint8Array>,
  version: number,
  snapshot: Uint8Array,
  stamp = version,
) {
  const merkleRoot = encodeHex(treeOf('crates', [leafOf('itoa')]).root);
  return new Map(from)
    .set(`metadata/${version}.snapshot.json`, snapshot)
    .set('metadata/timestamp.json', await makeTimestamp(stamp, fileOf(version, snapshot), { merkleRoot }));
}
const metaOf = (from: ReadonlyMap<string, Uint8Array>, version: number) =>
  Object.fromEntries(
    ['targets', 'claims', 'crates'].map(name => [
      name,
      fileOf(version, from.get(`metadata/${version}.${name}.json`) as Uint8Array),
    ]),
  );

describe('5.5.3 arbitrary software: the snapshot', () => {
  it('is signed by its keys', async () => {
    const forged = await makeSnapshot(1, metaOf(files, 1), {}, KEYS.timestamp);
    expect(await codeOf(sync(await withSnapshot(files, 1, forged)))).toBe('METADATA_THRESHOLD');
  });
});

describe('5.5.4 mix-and-match: the snapshot', () => {
  it('has the version that the timestamp names', async () => {
    const other = await makeSnapshot(2, metaOf(files, 1));
    expect(await codeOf(sync(await withSnapshot(files, 1, other)))).toBe('CLIENT_MIX');
  });
});

describe('5.5.5 rollback: the snapshot', () => {
  it.each(['targets', 'claims', 'crates'])('does not lower the version of %s', async name => {
    const later = await next();
    await sync(later);
    const lowered = { ...metaOf(later, 2), [name]: metaOf(files, 1)[name] as never };
    const both = new Map([...files, ...later]);
    expect(await codeOf(sync(await withSnapshot(both, 3, await makeSnapshot(3, lowered))))).toBe(
      'CLIENT_ROLLBACK',
    );
  });

  it.each(['claims', 'crates'])('does not drop %s', async name => {
    await sync();
    const { [name]: _, ...dropped } = metaOf(files, 1);
    expect(await codeOf(sync(await withSnapshot(files, 2, await makeSnapshot(2, dropped))))).toBe(
      'CLIENT_ROLLBACK',
    );
    store = openMemoryStore();
    expect(await codeOf(sync(await withSnapshot(files, 2, await makeSnapshot(2, dropped))))).toBe(
      'CLIENT_MIX',
    );
  });
});

describe('5.5.6 freeze: the snapshot', () => {
  it('has not expired', async () => {
    expect(await codeOf(sync(await makeFiles({ snapshot: { expires: NOW } })))).toBe('CLIENT_EXPIRED');
    expect(await stored('snapshot')).toBeUndefined();
  });
});

describe('5.5.7 a verified snapshot', () => {
  it('is kept although the update fails later, and is a floor', async () => {
    const later = await next();
    later.delete('metadata/2.targets.json');
    expect(await codeOf(sync(later))).toBe('CLIENT_MISSING');
    expect(await stored('snapshot')).toEqual(later.get('metadata/2.snapshot.json'));
    expect(await codeOf(sync())).toBe('CLIENT_ROLLBACK');
  });
});

describe.each(['targets', 'claims', 'crates'] as const)('5.6 %s', name => {
  const replaced = async (bytes: Uint8Array) => {
    const meta = { ...metaOf(files, 1), [name]: fileOf(1, bytes) };
    const changed = await withSnapshot(files, 1, await makeSnapshot(1, meta));
    return changed.set(`metadata/1.${name}.json`, bytes);
  };
  const make = async (change: object, signers = KEYS[name]) => {
    if (name === 'targets') return makeTargets(1, change, signers);
    const tree = treeOf(name, name === 'crates' ? [leafOf('itoa')] : []);
    const map = { root: encodeHex(tree.root), version: 1, size: tree.size };
    return makeTargets(1, { delegations: undefined, map, ...change }, signers);
  };

  it('5.6.1 is asked for by its version, within its length', async () => {
    const mirror = new Mirror(files);
    await open(mirror, { root, store }).sync();
    const { length } = files.get(`metadata/1.${name}.json`) as Uint8Array;
    expect(mirror.lengths.get(`metadata/1.${name}.json`)).toBe(length);
    expect(await codeOf(sync(await replaced(await make({}))))).toBe('accepted');
  });

  it('5.6.2 is the one whose hash the snapshot names', async () => {
    const bytes = (files.get(`metadata/1.${name}.json`) as Uint8Array).slice();
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
    expect(await first(withFile(`1.${name}`, bytes))).toBe('METADATA_HASH');
    const meta = { ...metaOf(files, 1), [name]: { version: 1 } };
    expect(await first(await withSnapshot(files, 1, await makeSnapshot(1, meta)))).toBe('CLIENT_NO_HASH');
  });

  it('5.6.3 is signed by the keys that its delegator lists', async () => {
    for (const signers of [
      [newKey()],
      KEYS.root,
      KEYS.snapshot,
      name === 'targets' ? KEYS.crates : KEYS.targets,
    ])
      expect(await first(await replaced(await make({}, signers)))).toBe('METADATA_THRESHOLD');
    const other = await make({ repository: '02'.repeat(32) });
    expect(await first(await replaced(other))).toBe('CLIENT_REPOSITORY');
  });

  it('5.6.4 has the version that the snapshot names', async () => {
    expect(await codeOf(sync(await replaced(await make({ version: 2 }))))).toBe('CLIENT_MIX');
  });

  it('5.6.5 has not expired', async () => {
    expect(await codeOf(sync(await replaced(await make({ expires: NOW }))))).toBe('CLIENT_EXPIRED');
    expect(await stored(name === 'targets' ? 'targets' : `delegated.${name}`)).toBeUndefined();
  });
});

describe('5.6.7 delegations', () => {
  it.each(['claims', 'crates'])('without %s are an error, never an empty map', async missing => {
    const delegations = {
      keys: keyMap([...KEYS.claims, ...KEYS.crates]),
      roles: (['claims', 'crates'] as const)
        .filter(name => name !== missing)
        .map(name => ({ name, terminating: false, paths: ['*'], ...roleKeys(KEYS[name]) })),
    };
    expect(await codeOf(sync(await makeFiles({ targets: { delegations } })))).toBe('CLIENT_MIX');
  });

  it('hold for their paths alone', async () => {
    const delegations = (cratesPaths: readonly string[], claimsPaths: readonly string[]) => ({
      keys: keyMap([...KEYS.claims, ...KEYS.crates]),
      roles: [
        { name: 'claims', terminating: false, paths: claimsPaths, ...roleKeys(KEYS.claims) },
        { name: 'crates', terminating: false, paths: cratesPaths, ...roleKeys(KEYS.crates) },
      ],
    });
    const limited = await makeFiles({
      targets: { delegations: delegations(['ry/*/*', '3/?/*'], ['??/??/*']) },
    });
    const snapshot = await sync(limited);
    expect(await codeOf(snapshot.leaves(['itoa']))).toBe('CLIENT_DELEGATION');
    expect((await snapshot.leaves(['serde'])).get('serde')).toBeUndefined();
    const claim = { ...leafOf('itoa'), kind: 'claim' as const };
    const beyond = await makeFiles({
      version: 2,
      claims: [claim],
      claimsVersion: 2,
      targets: { delegations: delegations(['??/??/*'], ['se/rd/*']) },
    });
    expect(await codeOf((await sync(beyond)).leaves(['itoa']))).toBe('CLIENT_DELEGATION');
  });
});

describe('5.7 a target', () => {
  it('is fetched by its hash, and is what its leaf says', async () => {
    const hash = encodeHex(leafOf('itoa').sha256);
    const path = `targets/it/oa/${hash}.itoa`;
    const snapshot = await sync(new Map(files).set(path, contentOf('itoa')));
    expect((await snapshot.entries(['itoa'])).get('itoa')?.bytes).toEqual(contentOf('itoa'));
    store = openMemoryStore();
    const bent = await sync(new Map(files).set(path, contentOf('iota')));
    expect(await codeOf(bent.entries(['itoa']))).toBe('METADATA_HASH');
    const absent = await sync(files);
    expect(await codeOf(absent.entries(['itoa']))).toBe('CLIENT_MISSING');
  });

  it('has a limit that a signed length cannot raise', async () => {
    const snapshot = await sync(
      new Map(files).set(`targets/it/oa/${encodeHex(leafOf('itoa').sha256)}.itoa`, contentOf('itoa')),
      { target: contentOf('itoa').length - 1 },
    );
    expect(await codeOf(snapshot.entries(['itoa']))).toContain('longer than');
  });
});
