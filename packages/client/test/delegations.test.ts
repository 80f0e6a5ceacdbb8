// TUF specification 1.0.34, section 5.6.7: which role speaks for a path.

import { generateKeyPair, type Signer, encodeHex, sha256 } from '@cargo-tuf/keys';
import { openClient, openMemoryStore, type Source } from '@cargo-tuf/client';
import {
  type DelegatedRole,
  formatKey,
  formatRoot,
  formatSnapshot,
  formatTargets,
  formatTimestamp,
  type Key,
  type MetaFile,
  roleUrlPath,
  signEnvelope,
  type SuccinctRoles,
  succinctRoleName,
  targetUrlPath,
} from '@cargo-tuf/metadata';
import { describe, expect, it } from 'vitest';

const NOW = Date.UTC(2030, 0, 1);
const EXPIRES = NOW + 86_400_000;
const SHARED = generateKeyPair('ed25519').signer;

interface Child {
  readonly name: string;
  readonly paths?: readonly string[];
  readonly pathHashPrefixes?: readonly string[];
  readonly terminating?: boolean;
  readonly key?: Signer;
}
interface Plan {
  readonly targets?: Readonly<Record<string, string>>;
  readonly delegates?: readonly Child[];
  readonly succinct?: { readonly bitLength: number; readonly namePrefix: string };
  /** Who signs this role; every delegator must name that key for the role to count. */
  readonly signer?: Signer;
  readonly version?: number;
}

/** A repository of these roles, the requests that were made to it, and a client. */
async function open(
  plans: Readonly<Record<string, Plan>>,
  options: { consistent?: boolean; limit?: number } = {},
) {
  const { consistent = true } = options;
  const files = new Map<string, Uint8Array>();
  const meta = new Map<string, MetaFile>();
  const keyOf = (signer: Signer): Key => ({ ...formatKey(signer.publicKey), publicKey: signer.publicKey });
  const shared = keyOf(SHARED);
  for (const [name, plan] of Object.entries(plans)) {
    const targets = new Map(
      Object.entries(plan.targets ?? {}).map(([path, content]) => {
        const bytes = new TextEncoder().encode(content);
        const digest = encodeHex(sha256(bytes));
        files.set(`targets/${consistent ? targetUrlPath(path, digest) : path}`, bytes);
        return [path, { length: bytes.length, hashes: new Map([['sha256', digest]]) }] as const;
      }),
    );
    const children = plan.delegates ?? [];
    const keys = new Map(
      [shared, ...children.map(child => keyOf(child.key ?? SHARED))].map(key => [key.keyId, key]),
    );
    const succinct: SuccinctRoles | undefined = plan.succinct && {
      ...plan.succinct,
      keyIds: [shared.keyId],
      threshold: 1,
    };
    const roles = children.map(
      (child): DelegatedRole => ({
        name: child.name,
        terminating: child.terminating ?? false,
        keyIds: [keyOf(child.key ?? SHARED).keyId],
        threshold: 1,
        ...(child.pathHashPrefixes
          ? { pathHashPrefixes: child.pathHashPrefixes }
          : { paths: child.paths ?? ['*', '*/*'] }),
      }),
    );
    const version = plan.version ?? 1;
    const bytes = await signEnvelope(
      formatTargets({
        version,
        expires: EXPIRES,
        repository: undefined,
        targets,
        map: undefined,
        delegations:
          children.length === 0 && !succinct
            ? undefined
            : { keys, roles, ...(succinct && { succinctRoles: succinct }) },
      }),
      [plan.signer ?? SHARED],
    );
    files.set(`metadata/${roleUrlPath(name, consistent ? version : undefined)}`, bytes);
    meta.set(`${name}.json`, {
      version,
      length: bytes.length,
      hashes: new Map([['sha256', encodeHex(sha256(bytes))]]),
    });
  }
  const common = { version: 1, expires: EXPIRES, repository: undefined };
  const snapshot = await signEnvelope(formatSnapshot({ ...common, meta }), [SHARED]);
  files.set(`metadata/${consistent ? '1.' : ''}snapshot.json`, snapshot);
  files.set(
    'metadata/timestamp.json',
    await signEnvelope(formatTimestamp({ ...common, snapshot: { version: 1 }, merkleRoot: undefined }), [
      SHARED,
    ]),
  );
  const role = { keyIds: [shared.keyId], threshold: 1 };
  const root = await signEnvelope(
    formatRoot({
      ...common,
      consistentSnapshot: consistent,
      keys: new Map([[shared.keyId, shared]]),
      roles: new Map((['root', 'timestamp', 'snapshot', 'targets'] as const).map(name => [name, role])),
      index: undefined,
      claimsFloor: 0,
    }),
    [SHARED],
  );
  const requests: string[] = [];
  const source: Source = {
    fetch: async path => {
      requests.push(path);
      return files.get(path) ?? null;
    },
  };
  const store = openMemoryStore();
  const limits = options.limit === undefined ? {} : { limits: { delegations: options.limit } };
  const client = openClient({ root, source, store, clock: () => NOW, ...limits });
  const visited = () =>
    requests
      .map(path => /^metadata\/(?:1\.)?(.*)\.json$/.exec(path)?.[1])
      .filter(name => name !== undefined)
      .map(decodeURIComponent)
      .filter(name => !['timestamp', 'snapshot', 'targets', '2.root'].includes(name));
  return { client, store, requests, visited, files };
}

const codeOf = async (work: Promise<unknown>) => {
  try {
    await work;
    return 'accepted';
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe('5.6.7: the order of the search', () => {
  const to = (...names: string[]): Child[] => names.map(name => ({ name }));
  it.each<[string, Record<string, Plan>, string[]]>([
    ['one role', { targets: { delegates: to('A') }, A: {} }, ['A']],
    ['siblings', { targets: { delegates: to('A', 'B') }, A: {}, B: {} }, ['A', 'B']],
    [
      'depth first',
      { targets: { delegates: to('A', 'B') }, A: { delegates: to('C', 'D') }, B: {}, C: {}, D: {} },
      ['A', 'C', 'D', 'B'],
    ],
    [
      'a terminating role ends it after what is below',
      {
        targets: { delegates: [{ name: 'A', terminating: true }, { name: 'B' }] },
        A: { delegates: to('C') },
        B: {},
        C: {},
      },
      ['A', 'C'],
    ],
    [
      'a terminating role below ends it for all',
      {
        targets: { delegates: to('A', 'B') },
        A: { delegates: [{ name: 'C', terminating: true }, { name: 'D' }] },
        B: {},
        C: {},
        D: {},
      },
      ['A', 'C'],
    ],
    [
      'a terminating role that does not match',
      {
        targets: { delegates: [{ name: 'A', terminating: true, paths: ['other/*'] }, { name: 'B' }] },
        A: {},
        B: {},
      },
      ['B'],
    ],
    [
      'a cycle',
      { targets: { delegates: to('A') }, A: { delegates: to('B') }, B: { delegates: to('A') } },
      ['A', 'B'],
    ],
    ['a role of its own', { targets: { delegates: to('A') }, A: { delegates: to('A') } }, ['A']],
    [
      'a diamond',
      { targets: { delegates: to('A', 'B') }, A: { delegates: to('C') }, B: { delegates: to('C') }, C: {} },
      ['A', 'C', 'B'],
    ],
  ])('%s', async (_what, plans, order) => {
    const { client, visited } = await open(plans);
    expect(await (await client.sync()).findTarget('dir/file')).toBeUndefined();
    expect(visited()).toEqual(order);
  });

  it('ends at the first role that lists the path', async () => {
    const { client, visited } = await open({
      targets: { delegates: to('A', 'B') },
      A: { targets: { 'dir/file': 'from A' } },
      B: { targets: { 'dir/file': 'from B' } },
    });
    const snapshot = await client.sync();
    expect(await snapshot.findTarget('dir/file')).toMatchObject({ role: 'A' });
    expect(new TextDecoder().decode(await snapshot.fetchTarget('dir/file'))).toBe('from A');
    expect(visited()).toEqual(['A']);
  });

  it('stops at the limit, one visit below it goes through', async () => {
    const plans = {
      targets: { delegates: to('A') },
      A: { delegates: to('B') },
      B: { delegates: to('C') },
      C: {},
    };
    const { client } = await open(plans, { limit: 3 });
    expect(await (await client.sync()).findTarget('x/y')).toBeUndefined();
    const bounded = await open(plans, { limit: 2 });
    expect(await codeOf((await bounded.client.sync()).findTarget('x/y'))).toBe('CLIENT_DELEGATIONS');
  });
});

describe('a list of all targets', () => {
  it('has each path with the role that speaks for it, and none that is not entitled to its path', async () => {
    const { client } = await open({
      targets: {
        targets: { top: 'x' },
        delegates: [
          { name: 'A', paths: ['a/*', 'both/*'] },
          { name: 'B', paths: ['b/*', 'both/*'] },
        ],
      },
      A: {
        targets: { 'a/1': 'x', 'b/stolen': 'x', 'both/1': 'of A' },
        delegates: [{ name: 'C', paths: ['a/*'] }],
      },
      B: { targets: { 'b/1': 'x', 'both/1': 'of B', 'both/2': 'x' } },
      C: { targets: { 'a/2': 'x' }, delegates: [{ name: 'A', paths: ['a/*'] }] },
    });
    const targets = await (await client.sync()).listTargets();
    expect([...targets].map(([path, { role }]) => [path, role])).toEqual([
      ['a/1', 'A'],
      ['a/2', 'C'],
      ['b/1', 'B'],
      ['both/1', 'A'],
      ['both/2', 'B'],
      ['top', 'targets'],
    ]);
  });

  it('opens no hash bins, and stops at the limit', async () => {
    const bins = await open({
      targets: { targets: { top: 'x' }, succinct: { bitLength: 8, namePrefix: 'bin' } },
    });
    expect([...(await (await bins.client.sync()).listTargets()).keys()]).toEqual(['top']);
    const plans = {
      targets: { delegates: [{ name: 'A' }] },
      A: { delegates: [{ name: 'B' }] },
      B: {},
    };
    const within = await open(plans, { limit: 2 });
    expect((await (await within.client.sync()).listTargets()).size).toBe(0);
    const beyond = await open(plans, { limit: 1 });
    expect(await codeOf((await beyond.client.sync()).listTargets())).toBe('CLIENT_DELEGATIONS');
  });
});

describe('authority is (delegator, role)', () => {
  it('a role that two delegators name by different keys counts only for the one whose key signed it', async () => {
    const [mine, other] = [generateKeyPair('ed25519').signer, generateKeyPair('ed25519').signer];
    const { client } = await open({
      targets: {
        delegates: [
          { name: 'A', paths: ['team-a/*'] },
          { name: 'B', paths: ['team-b/*'] },
        ],
      },
      A: { delegates: [{ name: 'C', key: mine }] },
      B: { delegates: [{ name: 'C', key: other }] },
      C: { signer: mine, targets: { 'team-a/x': 'a', 'team-b/x': 'b' } },
    });
    const snapshot = await client.sync();
    expect(await snapshot.findTarget('team-a/x')).toMatchObject({ role: 'C' });
    expect(await codeOf(snapshot.findTarget('team-b/x'))).toBe('METADATA_THRESHOLD');
  });

  it.each([
    '?',
    '#',
    '../x',
    '/x',
    'a/b',
    'constructor',
    '__proto__',
    'toString',
    'ö',
    '00',
    '0a',
    '10',
    'x y',
    '.',
  ])('a role can be named %j', async name => {
    const { client, store } = await open({
      targets: { delegates: [{ name }] },
      [name]: { targets: { 'dir/f': 'x' } },
    });
    expect(await (await client.sync()).findTarget('dir/f')).toMatchObject({ role: name });
    expect([...(await store.read()).documents.keys()]).toContain(`delegated.${name}`);
    expect(await (await client.openOffline()).findTarget('dir/f')).toMatchObject({ role: name });
  });

  it('role names that look like numbers keep their order', async () => {
    const names = ['00', '0a', '10', '2', '1'];
    const { client, visited } = await open({
      targets: { delegates: names.map(name => ({ name })) },
      ...Object.fromEntries(names.map(name => [name, {}])),
    });
    await (await client.sync()).findTarget('a/b');
    expect(visited()).toEqual(names);
  });
});

describe('how paths are delegated', () => {
  it('by path_hash_prefixes', async () => {
    const prefix = encodeHex(sha256(new TextEncoder().encode('dir/f'))).slice(0, 2);
    const { client } = await open({
      targets: { delegates: [{ name: 'bin', pathHashPrefixes: [prefix] }] },
      bin: { targets: { 'dir/f': 'x' } },
    });
    const snapshot = await client.sync();
    expect(await snapshot.findTarget('dir/f')).toMatchObject({ role: 'bin' });
    expect(await snapshot.findTarget('dir/g')).toBeUndefined();
  });

  it('by succinct hash bins (TAP 15)', async () => {
    const succinct = { bitLength: 4, namePrefix: 'bin' };
    const bin = succinctRoleName({ ...succinct, keyIds: [], threshold: 1 }, 'dir/f');
    const { client, visited } = await open({ targets: { succinct }, [bin]: { targets: { 'dir/f': 'x' } } });
    expect(new TextDecoder().decode(await (await client.sync()).fetchTarget('dir/f'))).toBe('x');
    expect(visited()).toEqual([bin]);
  });

  it('by bins, which are kept in the cache and not among the documents', async () => {
    const succinct = { bitLength: 4, namePrefix: 'bin' };
    const bin = succinctRoleName({ ...succinct, keyIds: [], threshold: 1 }, 'dir/f');
    const { client, store, visited } = await open({
      targets: { succinct },
      [bin]: { targets: { 'dir/f': 'x' } },
    });
    expect(await (await client.sync()).findTarget('dir/f')).toMatchObject({ role: bin });
    expect([...(await store.read()).documents.keys()]).not.toContain(`delegated.${bin}`);
    expect(await (await client.openOffline()).findTarget('dir/f')).toMatchObject({ role: bin });
    expect(await (await client.sync()).findTarget('dir/f')).toMatchObject({ role: bin });
    expect(visited()).toEqual([bin]);

    // What lies there is no more trusted than what a mirror sends.
    await store.keep('role', encodeHex(sha256(new TextEncoder().encode(`"${bin}"`))), new Uint8Array([1]));
    expect(await codeOf((await client.openOffline()).findTarget('dir/f'))).toBe('CLIENT_OFFLINE');
    expect(await (await client.sync()).findTarget('dir/f')).toMatchObject({ role: bin });
    expect(visited()).toEqual([bin, bin]);
  });

  it('without consistent snapshots, under plain names', async () => {
    const { client, requests } = await open(
      { targets: { delegates: [{ name: 'A' }] }, A: { targets: { 'dir/f': 'x' } } },
      { consistent: false },
    );
    expect(new TextDecoder().decode(await (await client.sync()).fetchTarget('dir/f'))).toBe('x');
    expect(requests).toEqual([
      'metadata/2.root.json',
      'metadata/timestamp.json',
      'metadata/snapshot.json',
      'metadata/targets.json',
      'metadata/A.json',
      'targets/dir/f',
    ]);
  });

  it('a role that is not in the snapshot is an error, not an absence', async () => {
    const { client } = await open({ targets: { delegates: [{ name: 'A' }] } });
    expect(await codeOf((await client.sync()).findTarget('a/b'))).toBe('CLIENT_MIX');
  });
});
