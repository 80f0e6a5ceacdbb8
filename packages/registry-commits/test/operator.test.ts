// The operator's steps, each of which a client follows without a question.
import {
  editTree,
  formatCommit,
  formatTag,
  type ObjectId,
  parseCommit,
  parseTag,
  parseTree,
  withSignature,
} from '@cargo-tuf/git-object';
import { formatTomlTimestamp } from '@cargo-tuf/metadata';
import { parseSignatures, signDetached } from '@cargo-tuf/openpgp';
import {
  auditHistory,
  changeIndex,
  countersign,
  discardProposals,
  initRegistry,
  openVerifiedIndex,
  ownersFile,
  registryStatus,
  renewTimestamp,
  rotateRoot,
  rotationTag,
  squashHistory,
  trustRegistry,
} from '@cargo-tuf/registry-commits';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  BRANCH,
  DAY,
  makeKeys,
  MemoryRepository,
  NOW,
  openIndex,
  Operator,
  proposed,
  published,
  role,
  type TestKey,
  text,
} from './operator-world.ts';
import { line } from './world.ts';

const NAMES = [
  'root1',
  'root2',
  'root3',
  'bot1',
  'bot2',
  'bot3',
  'owner1',
  'owner2',
  'keeper',
  'brief',
  'stranger',
] as const;
let keys: Readonly<Record<(typeof NAMES)[number], TestKey>>;
beforeAll(async () => {
  keys = await makeKeys(NAMES, { brief: 30 * DAY });
});

const change = (files: Readonly<Record<string, string | null>>, message = 'Publish') => ({
  files: new Map(
    Object.entries(files).map(([path, content]) => [path, content === null ? null : text(content)]),
  ),
  message,
});
const ITOA = line('itoa', '1.0.0', '1');
const add = (name: keyof typeof keys) => ({ add: [keys[name].certificate], remove: [] });
const remove = (name: keyof typeof keys) => ({ add: [], remove: [keys[name].certificate.fingerprint] });
const roots = (...changes: readonly (readonly ['root' | 'timestamp' | 'targets', object])[]) => ({
  roles: new Map(changes as readonly (readonly ['root', ReturnType<typeof add>])[]),
  rootExpires: NOW + 400 * DAY,
});

describe.each(['sha1', 'sha256'] as const)('a %s repository', format => {
  /** One root key, one bot, apart: the usual. */
  const simple = () =>
    openIndex({ root: role([keys.root1]), timestamp: role([keys.bot1]), signers: [keys.bot1], format });

  it('begins, changes, is renewed and squashed, with one signature a commit', async () => {
    const { operator, client } = await simple();
    const first = operator.tip;
    await changeIndex(
      operator.context(keys.bot1),
      change({ 'it/oa/itoa': ITOA, 'config.json': '{"dl":"https://e.org"}' }),
    );
    const registry = await client.follow();
    expect(registry.timestamp.version).toBe(2);
    expect(await registry.read('it/oa/itoa', 1000)).toEqual(text(ITOA));
    operator.now += DAY;
    published(await renewTimestamp(operator.context(keys.root1, keys.bot1)));
    expect((await client.follow()).timestamp).toMatchObject({ version: 3, expires: NOW + 8 * DAY });
    const before = operator.tip;
    await squashHistory(operator.context(keys.bot1), { keep: 'refs/heads/snapshot' });
    expect((await client.follow()).timestamp.version).toBe(4);
    const { bytes } = await operator.repository.read(operator.tip);
    const commit = parseCommit(bytes, format);
    expect(commit.parents).toEqual([]);
    expect(new TextDecoder().decode(commit.message)).toContain(`\nPrevious-tip: ${before}\n`);
    expect(parseSignatures(commit.signature ?? '')).toHaveLength(1);
    expect(operator.repository.refs.get('refs/heads/snapshot')).toBe(before);
    expect(await registry.read('it/oa/itoa', 1000)).toEqual(text(ITOA));
    await changeIndex(operator.context(keys.bot1), change({ 'it/oa/itoa': null }));
    expect(await (await client.follow()).read('it/oa/itoa', 1000)).toBeUndefined();
    expect(first).not.toBe(operator.tip);
    expect(await auditHistory(operator.context(), { limit: 100 })).toEqual({
      commits: 2,
      end: 'first',
      findings: [],
    });
  });

  it('exchanges a timestamp key: the commit of the root key, and one of the timestamp key on top', async () => {
    const { operator, client } = await simple();
    const outcome = await rotateRoot(
      operator.context(keys.root1, keys.bot2),
      roots(['timestamp', { add: [keys.bot2.certificate], remove: [keys.bot1.certificate.fingerprint] }]),
    );
    expect(published(outcome).tag).toBe(rotationTag(2));
    expect((await client.follow()).signers).toEqual([keys.bot2.certificate.keyId]);
    const tag = await operator.repository.read(
      operator.repository.refs.get(`refs/tags/${rotationTag(2)}`) as never,
    );
    expect(parseTag(tag.bytes, format)).toMatchObject({ name: rotationTag(2), type: 'commit' });
    expect(parseSignatures(parseTag(tag.bytes, format).signature ?? '')).toHaveLength(1);
    await expect(renewTimestamp(operator.context(keys.bot1))).rejects.toMatchObject({
      code: 'REGISTRY_NO_KEY',
    });
    published(await renewTimestamp(operator.context(keys.bot2)));
    await client.follow();
    expect(await auditHistory(operator.context(), { limit: 100 })).toEqual({
      commits: 4,
      end: 'first',
      findings: [],
    });
  });

  it('makes one commit of a rotation where the root key signs timestamps too', async () => {
    const { operator, client } = await openIndex({
      root: role([keys.root1]),
      timestamp: role([keys.root1, keys.bot1]),
      signers: [keys.bot1],
      format,
    });
    const before = operator.tip;
    published(
      await rotateRoot(operator.context(keys.bot1, keys.root1), roots(['timestamp', remove('bot1')])),
    );
    const { parents } = parseCommit((await operator.repository.read(operator.tip)).bytes, format);
    expect(parents).toEqual([before]);
    expect((await client.follow()).signers).toEqual([keys.root1.certificate.keyId]);
  });
});

/** One root key, one bot, apart. */
const simple = () =>
  openIndex({
    root: role([keys.root1]),
    timestamp: role([keys.bot1]),
    signers: [keys.bot1],
    files: { 'it/oa/itoa': ITOA },
  });

describe('root keys', () => {
  it('the only one is exchanged in two rotations, each with one signature', async () => {
    const { operator, client } = await simple();
    const exchange = roots([
      'root',
      { add: [keys.root2.certificate], remove: [keys.root1.certificate.fingerprint] },
    ]);
    const all = operator.context(keys.root1, keys.root2, keys.bot1);
    await expect(rotateRoot(all, exchange)).rejects.toMatchObject({ code: 'REGISTRY_ROTATION_LINK' });
    published(await rotateRoot(all, roots(['root', add('root2')])));
    published(await rotateRoot(operator.context(keys.root2, keys.bot1), roots(['root', remove('root1')])));
    expect((await client.follow()).root.version).toBe(3);
    for (const version of [2, 3]) {
      const id = operator.repository.refs.get(`refs/tags/${rotationTag(version)}`) as never;
      const tag = parseTag((await operator.repository.read(id)).bytes, 'sha1');
      const commit = parseCommit((await operator.repository.read(tag.object)).bytes, 'sha1');
      for (const { signature } of [tag, commit]) expect(parseSignatures(signature ?? '')).toHaveLength(1);
    }
    expect((await auditHistory(operator.context(), { limit: 100 })).findings).toEqual([]);
  });

  it('with a threshold of two sign together, the commit first, then the tag, then the bot', async () => {
    const { operator, client } = await openIndex({
      root: role([keys.root1, keys.root2], 2),
      timestamp: role([keys.bot1]),
      signers: [keys.bot1],
      files: { 'it/oa/itoa': ITOA },
    });
    const swap = { add: [keys.root3.certificate], remove: [keys.root1.certificate.fingerprint] };
    const one = proposed(await rotateRoot(operator.context(keys.root1), roots(['root', swap])));
    expect(one).toMatchObject({
      tag: undefined,
      missing: [
        { subject: 'commit', role: 'root, before', have: 1, need: 2 },
        { role: 'root, after', have: 0 },
      ],
    });
    // The index goes on meanwhile.
    published(
      await changeIndex(operator.context(keys.bot1), change({ 'se/rd/serde': line('serde', '1.0.0', '2') })),
    );
    await client.follow();
    await expect(rotateRoot(operator.context(keys.root1), roots(['root', swap]))).rejects.toMatchObject({
      code: 'REGISTRY_PROPOSAL',
    });
    await expect(countersign(operator.context(keys.root1), one.commit)).rejects.toMatchObject({
      code: 'REGISTRY_NO_KEY',
    });
    const two = proposed(await countersign(operator.context(keys.root2), one.commit));
    expect(two.missing).toMatchObject([{ subject: 'commit', role: 'root, after', have: 1, need: 2 }]);
    const three = proposed(await countersign(operator.context(keys.root3), two.commit));
    expect(three.missing).toMatchObject([
      { subject: 'tag', role: 'root, before', have: 0 },
      { subject: 'tag', role: 'root, after', have: 1 },
    ]);
    expect(three.tag).toBeDefined();
    const four = proposed(await countersign(operator.context(keys.root1, keys.root2), three.commit));
    expect(four.missing).toMatchObject([{ subject: 'tip', role: 'timestamp', have: 0, need: 1 }]);
    expect((await registryStatus(operator.context())).proposals).toMatchObject([
      {
        kind: 'rotation',
        id: four.commit,
        isStale: false,
        changes: [
          `root: adds ${keys.root3.certificate.keyId}`,
          `root: removes ${keys.root1.certificate.keyId}`,
        ],
      },
    ]);
    const before = operator.tip;
    const done = published(await countersign(operator.context(keys.bot1), four.commit));
    expect(done.tag).toBe(rotationTag(2));
    const { parents } = parseCommit((await operator.repository.read(operator.tip)).bytes, 'sha1');
    expect(parents).toEqual([before, four.commit]);
    const registry = await client.follow();
    expect(registry.root.version).toBe(2);
    expect(await registry.read('se/rd/serde', 1000)).toBeDefined();
    expect([...operator.repository.refs.keys()].filter(name => name.startsWith('refs/proposal'))).toEqual([]);
    expect(await auditHistory(operator.context(), { limit: 100 })).toEqual({
      commits: 3,
      end: 'first',
      findings: [],
    });
  });
});

describe('timestamp keys with a threshold of two', () => {
  const two = () =>
    openIndex({
      root: role([keys.root1]),
      timestamp: role([keys.bot1, keys.bot2, keys.bot3], 2),
      signers: [keys.bot2, keys.bot1, keys.bot3],
      files: { 'it/oa/itoa': ITOA },
    });

  it('sign one after the other, and the branch moves when both have', async () => {
    const { operator, client } = await two();
    const before = operator.tip;
    const one = proposed(
      await changeIndex(
        operator.context(keys.bot1),
        change({ 'it/oa/itoa': ITOA + line('itoa', '1.0.1', '2') }),
      ),
    );
    expect(operator.tip).toBe(before);
    await expect(renewTimestamp(operator.context(keys.bot2))).rejects.toMatchObject({
      code: 'REGISTRY_PROPOSAL',
    });
    expect((await registryStatus(operator.context())).proposals).toMatchObject([
      {
        kind: 'tip',
        id: one.commit,
        changes: ['changes it/oa/itoa', 'changes timestamp.toml'],
        signers: [keys.bot1.certificate.keyId],
      },
    ]);
    published(await countersign(operator.context(keys.bot3), one.commit));
    expect((await client.follow()).signers).toEqual(
      [keys.bot1, keys.bot3].map(({ certificate }) => certificate.keyId),
    );
    expect(operator.repository.refs.has('refs/proposal/tip')).toBe(false);
  });

  it('adopt a rotation together', async () => {
    const { operator, client } = await two();
    const waits = proposed(
      await rotateRoot(operator.context(keys.root1, keys.bot1), roots(['timestamp', remove('bot3')])),
    );
    expect(waits.missing).toMatchObject([{ subject: 'commit', role: 'timestamp', have: 1, need: 2 }]);
    const { proposals } = await registryStatus(operator.context());
    expect(proposals.map(({ kind }) => kind)).toEqual(['rotation', 'tip']);
    expect(published(await countersign(operator.context(keys.bot2), waits.commit)).tag).toBe(rotationTag(2));
    expect((await client.follow()).root.version).toBe(2);
    expect([...operator.repository.refs.keys()].filter(name => name.startsWith('refs/proposal'))).toEqual([]);
  });

  it('cannot publish a proposal that the index has passed by; it gives way', async () => {
    const { operator, client } = await two();
    const one = proposed(await renewTimestamp(operator.context(keys.bot1)));
    published(await renewTimestamp(operator.context(keys.bot1, keys.bot2)));
    await client.follow();
    await expect(countersign(operator.context(keys.bot2), one.commit)).rejects.toMatchObject({
      code: 'REGISTRY_PROPOSAL_STALE',
      kind: 'conflict',
    });
    const other = proposed(await renewTimestamp(operator.context(keys.bot2)));
    expect(other.commit).not.toBe(one.commit);
    expect((await discardProposals(operator.context())).tip).toBe(other.commit);
    await expect(countersign(operator.context(keys.bot2), other.commit)).rejects.toMatchObject({
      code: 'REGISTRY_NO_PROPOSAL',
    });
  });

  it('sign nothing that a client would refuse', async () => {
    const { operator } = await two();
    const bad = change({ 'it/oa/itoa': line('itoa', '1.0.0', '2') });
    await expect(changeIndex(operator.context(keys.bot1), bad)).rejects.toMatchObject({
      code: 'REGISTRY_CHECKSUM',
    });
    expect(operator.repository.refs.has('refs/proposal/tip')).toBe(false);
  });
});

describe('owners', () => {
  const SERDE = line('serde', '1.0.0', '1');
  const owned = async () => {
    const { operator, client } = await openIndex({
      root: role([keys.root1]),
      timestamp: role([keys.bot1]),
      targets: role([keys.keeper]),
      signers: [keys.bot1],
      files: { 'se/rd/serde': SERDE, 'it/oa/itoa': ITOA },
    });
    const targets = await ownersFile(operator.context(), {
      crate: 'serde',
      owners: [keys.owner1.certificate, keys.owner2.certificate],
      threshold: 2,
      expires: NOW + 100 * DAY,
    });
    const files = { files: new Map([['targets.toml', targets]]), message: 'Delegate serde' };
    published(await changeIndex(operator.context(keys.bot1, keys.keeper, keys.owner1, keys.owner2), files));
    return { operator, client };
  };

  it('sign their entries, with keys at hand or by signatures that they sent', async () => {
    const { operator, client } = await owned();
    expect((await client.follow()).targets?.roles).toMatchObject([
      { name: 'serde', threshold: 2, paths: ['/se/rd/serde'] },
    ]);
    const next = SERDE + line('serde', '1.0.1', '2');
    await expect(
      changeIndex(operator.context(keys.bot1), change({ 'se/rd/serde': next })),
    ).rejects.toMatchObject({
      code: 'REGISTRY_RESULT',
      details: { reason: 'REGISTRY_OWNER_SIGNATURE_MISSING' },
    });
    await expect(
      changeIndex(operator.context(keys.bot1, keys.owner1), change({ 'se/rd/serde': next })),
    ).rejects.toMatchObject({
      code: 'REGISTRY_RESULT',
      details: { reason: 'REGISTRY_OWNER' },
    });
    const sent = await signDetached(text(next), keys.owner1.signer, keys.owner1.certificate, { time: NOW });
    published(
      await changeIndex(
        operator.context(keys.bot1, keys.owner2),
        change({ 'se/rd/serde': next, 'se/rd/serde.asc': sent }),
      ),
    );
    const registry = await client.follow();
    expect(
      parseSignatures(new TextDecoder().decode(await registry.read('se/rd/serde.asc', 10_000))),
    ).toHaveLength(2);
    // Other crates need nobody.
    published(
      await changeIndex(
        operator.context(keys.bot1),
        change({ 'it/oa/itoa': ITOA + line('itoa', '1.0.1', '3') }),
      ),
    );
    await client.follow();
    await expect(
      changeIndex(operator.context(keys.bot1, keys.owner1, keys.owner2), change({ 'se/rd/serde': null })),
    ).rejects.toMatchObject({ code: 'REGISTRY_RESULT', details: { reason: 'REGISTRY_FILE_MISSING' } });
  });

  it('are of single crates, and end when the keeper says so', async () => {
    const { operator, client } = await owned();
    const context = operator.context(keys.bot1, keys.keeper, keys.owner1);
    const commit = async (input: { crate: string; owners: TestKey[] }) => {
      const owners = input.owners.map(({ certificate }) => certificate);
      const bytes = await ownersFile(context, {
        crate: input.crate,
        owners,
        threshold: 1,
        expires: NOW + 100 * DAY,
      });
      published(await changeIndex(context, { files: new Map([['targets.toml', bytes]]), message: 'Owners' }));
      return (await client.follow()).targets;
    };
    expect((await commit({ crate: 'Itoa', owners: [keys.owner1] }))?.roles).toHaveLength(2);
    const left = await commit({ crate: 'serde', owners: [] });
    expect(left?.roles).toMatchObject([{ name: 'itoa', keyIds: [keys.owner1.certificate.keyId] }]);
    expect(left?.keys.size).toBe(1);
    expect(left?.version).toBe(3);
    published(
      await changeIndex(
        operator.context(keys.bot1),
        change({ 'se/rd/serde': SERDE + line('serde', '2.0.0', '5') }),
      ),
    );
    await client.follow();
  });

  it('need a role that names them', async () => {
    const { operator } = await simple();
    await expect(
      ownersFile(operator.context(), { crate: 'itoa', owners: [], threshold: 1, expires: NOW + DAY }),
    ).rejects.toMatchObject({ code: 'REGISTRY_TARGETS_ROLE' });
  });
});

describe('what an operator builds upon', () => {
  it('may have expired; what comes of it may not', async () => {
    const { operator, client } = await simple();
    operator.now += 20 * DAY;
    await expect(client.follow()).rejects.toMatchObject({ code: 'REGISTRY_EXPIRED' });
    expect((await registryStatus(operator.context())).problem).toMatchObject({ code: 'REGISTRY_EXPIRED' });
    published(await renewTimestamp(operator.context(keys.bot1)));
    await client.follow();
    operator.now += 360 * DAY;
    await expect(renewTimestamp(operator.context(keys.bot1))).rejects.toMatchObject({
      code: 'REGISTRY_RESULT',
      details: { reason: 'REGISTRY_EXPIRED' },
    });
    published(
      await rotateRoot(operator.context(keys.root1, keys.bot1), {
        roles: new Map(),
        rootExpires: operator.now + DAY,
      }),
    );
    await client.follow();
  });

  it('may be signed by a key that has expired, which a rotation exchanges', async () => {
    const { operator, client } = await openIndex({
      root: role([keys.root1]),
      timestamp: role([keys.brief]),
      signers: [keys.brief],
    });
    operator.now += 40 * DAY;
    await expect(renewTimestamp(operator.context(keys.brief))).rejects.toMatchObject({
      code: 'OPENPGP_KEY_EXPIRED',
    });
    const exchange = { add: [keys.bot1.certificate], remove: [keys.brief.certificate.fingerprint] };
    published(await rotateRoot(operator.context(keys.root1, keys.bot1), roots(['timestamp', exchange])));
    await client.follow();
  });

  it('is verified: nothing is put on a commit of a stranger', async () => {
    const { operator } = await simple();
    const thief = new Operator(operator.repository);
    const good = operator.tip;
    const other = await openIndex({
      root: role([keys.stranger]),
      timestamp: role([keys.stranger]),
      signers: [keys.stranger],
    });
    for (const [id, object] of other.operator.repository.objects) operator.repository.objects.set(id, object);
    operator.repository.refs.set(BRANCH, other.operator.tip);
    await expect(renewTimestamp(operator.context(keys.bot1))).rejects.toMatchObject({
      code: 'REGISTRY_EQUIVOCATION',
    });
    operator.repository.refs.set(BRANCH, good);
    await expect(renewTimestamp(thief.context(keys.bot1))).rejects.toMatchObject({
      code: 'REGISTRY_UNTRUSTED',
    });
  });

  it('never falls below what was seen', async () => {
    const { operator } = await simple();
    const first = operator.tip;
    published(await renewTimestamp(operator.context(keys.bot1)));
    operator.repository.refs.set(BRANCH, first);
    await expect(renewTimestamp(operator.context(keys.bot1))).rejects.toMatchObject({
      code: 'REGISTRY_ROLLBACK',
    });
  });

  it('is trusted by its fingerprint where others made it', async () => {
    const { operator } = await simple();
    const second = new Operator(operator.repository);
    await expect(trustRegistry(second.context(), '00'.repeat(32))).rejects.toMatchObject({
      code: 'REGISTRY_ANCHOR',
    });
    const { fingerprint } = await registryStatus(operator.context());
    await trustRegistry(second.context(), fingerprint);
    published(await renewTimestamp(second.context(keys.bot1)));
  });
});

describe('init', () => {
  const input = () => ({
    roles: new Map([
      ['root', role([keys.root1])],
      ['timestamp', role([keys.bot1])],
    ] as const),
    rootExpires: NOW + DAY,
    repository: undefined,
  });

  it('signs an index that others kept unsigned, once', async () => {
    const { operator: other } = await simple();
    const operator = new Operator(new MemoryRepository());
    const tree = operator.repository;
    const { bytes } = await other.repository.read(other.tip);
    for (const [id, object] of other.repository.objects) tree.objects.set(id, object);
    tree.refs.set(BRANCH, other.tip);
    await expect(initRegistry(operator.context(keys.bot1), input())).rejects.toMatchObject({
      code: 'REGISTRY_EXISTS',
    });
    expect(parseCommit(bytes, 'sha1').parents).toEqual([]);
    tree.refs.delete(BRANCH);
    await initRegistry(operator.context(keys.bot1), input());
    await expect(initRegistry(operator.context(keys.bot1), input())).rejects.toMatchObject({
      code: 'REGISTRY_EXISTS',
    });
  });

  it('needs the timestamp keys', async () => {
    const operator = new Operator(new MemoryRepository());
    await expect(initRegistry(operator.context(keys.root1), input())).rejects.toMatchObject({
      code: 'REGISTRY_NO_KEY',
    });
    expect(operator.repository.refs.size).toBe(0);
  });

  it('makes nothing that a client would refuse', async () => {
    const operator = new Operator(new MemoryRepository());
    const expired = { ...input(), rootExpires: NOW };
    await expect(initRegistry(operator.context(keys.bot1), expired)).rejects.toMatchObject({
      code: 'REGISTRY_RESULT',
    });
    expect(operator.repository.refs.size).toBe(0);
  });
});

describe('refused before anything is written', () => {
  it.each([
    ['root.toml by hand', 'REGISTRY_RESERVED', { 'root.toml': 'x' }],
    ['timestamp.toml by hand', 'REGISTRY_RESERVED', { 'timestamp.toml': 'x' }],
    ['a path that is none', 'REGISTRY_PATH', { 'a//b': 'x' }],
    ['a file where a folder is', 'REGISTRY_PATH', { it: 'x' }],
    ['a folder where a file is', 'REGISTRY_PATH', { 'it/oa/itoa/x': 'x' }],
    ['an entry that is none', 'REGISTRY_RESULT', { 'it/oa/itoa': 'x' }],
    ['targets.toml without a role', 'REGISTRY_RESULT', { 'targets.toml': 'x' }],
    ['another checksum', 'REGISTRY_RESULT', { 'it/oa/itoa': line('itoa', '1.0.0', '9') }],
  ])('%s', async (_, code, files) => {
    const { operator } = await simple();
    const { writes } = operator.repository;
    await expect(changeIndex(operator.context(keys.bot1), change(files))).rejects.toMatchObject({ code });
    expect(operator.repository.writes).toBe(writes);
  });

  it('a removal of a key that the role has not', async () => {
    const { operator } = await simple();
    await expect(
      rotateRoot(operator.context(keys.root1), roots(['timestamp', remove('bot2')])),
    ).rejects.toMatchObject({ code: 'REGISTRY_ROLE_KEY' });
  });
});

describe('crashes', () => {
  const steps = {
    'a change': (operator: Operator) =>
      changeIndex(operator.context(keys.bot1), change({ 'it/oa/itoa': ITOA + line('itoa', '1.0.1', '2') })),
    'a rotation': (operator: Operator) =>
      rotateRoot(operator.context(keys.root1, keys.bot1), roots(['timestamp', add('bot2')])),
    'a squash': (operator: Operator) => squashHistory(operator.context(keys.bot1)),
  };
  it.each(Object.keys(steps) as (keyof typeof steps)[])(
    'at any write of %s leave the old or the new state, and the next step works',
    async name => {
      for (let write = 1; write <= 2; write += 1) {
        for (const when of ['before', 'after'] as const) {
          const { operator, client } = await simple();
          const before = new Map(operator.repository.refs);
          operator.repository.writes = 0;
          operator.repository.fault = { write, when };
          await expect(steps[name](operator)).rejects.toThrow('crash');
          operator.repository.fault = undefined;
          const isDone = write === 2 && when === 'after';
          if (!isDone) expect(operator.repository.refs).toEqual(before);
          await client.follow();
          published(await renewTimestamp(operator.context(keys.bot1)));
          await client.follow();
          expect((await auditHistory(operator.context(), { limit: 9 })).findings).toEqual([]);
        }
      }
    },
  );

  it('of a rotation that waits for signatures lose none of them', async () => {
    for (const when of ['before', 'after'] as const) {
      for (let write = 1; write <= 2; write += 1) {
        const { operator, client } = await openIndex({
          root: role([keys.root1, keys.root2], 2),
          timestamp: role([keys.bot1]),
          signers: [keys.bot1],
        });
        const one = proposed(
          await rotateRoot(operator.context(keys.root1), roots(['timestamp', add('bot2')])),
        );
        operator.repository.writes = 0;
        operator.repository.fault = { write, when };
        await expect(
          countersign(operator.context(keys.root2, keys.root1, keys.bot1), one.commit),
        ).rejects.toThrow('crash');
        operator.repository.fault = undefined;
        const waiting = operator.repository.refs.get('refs/proposal/rotation');
        if (waiting !== undefined)
          published(await countersign(operator.context(keys.root2, keys.root1, keys.bot1), waiting));
        expect((await client.follow()).root.version).toBe(2);
      }
    }
  });
});

describe('two operators at once', () => {
  it('lose no commit: the second is told, and begins again', async () => {
    const { operator, client } = await simple();
    const other = new Operator(operator.repository);
    await trustRegistry(other.context(), (await registryStatus(operator.context())).fingerprint);
    operator.repository.meanwhile = async () => {
      published(
        await changeIndex(other.context(keys.bot1), change({ 'se/rd/serde': line('serde', '1.0.0', '4') })),
      );
    };
    const mine = change({ 'it/oa/itoa': ITOA + line('itoa', '1.0.1', '2') });
    await expect(changeIndex(operator.context(keys.bot1), mine)).rejects.toMatchObject({
      code: 'TEST_CONFLICT',
    });
    await client.follow();
    published(await changeIndex(operator.context(keys.bot1), mine));
    const registry = await client.follow();
    expect(await registry.read('se/rd/serde', 1000)).toBeDefined();
    expect(new TextDecoder().decode(await registry.read('it/oa/itoa', 1000))).toContain('1.0.1');
  });
});

describe('what others propose', () => {
  type Files = Readonly<Record<string, Uint8Array | string>>;
  /** A commit of these files on the branch's tip, by these keys, as whoever can write refs would leave it. */
  async function plant(operator: Operator, files: Files, signers: readonly TestKey[] = []) {
    const { repository } = operator;
    const { tree: before } = parseCommit((await repository.read(operator.tip)).bytes, 'sha1');
    const editor = {
      format: 'sha1' as const,
      readTree: async (id: ObjectId) => parseTree((await repository.read(id)).bytes, 'sha1'),
      splitPath: (path: string) => path.split('/'),
      refuse: () => new Error('tree'),
    };
    const blobs = Object.values(files).map(content => ({
      type: 'blob' as const,
      bytes: typeof content === 'string' ? text(content) : content,
    }));
    const ids = await repository.writeAll(blobs);
    const entries = Object.keys(files).map(
      (path, index) => [path, { kind: 'file', id: ids[index] as ObjectId }] as const,
    );
    const { id: tree, objects } = await editTree(editor, before, new Map(entries));
    await repository.writeAll(objects);
    const who = { name: 'X', email: 'x@example.org', time: NOW / 1000, zone: '+0000' };
    const parts = {
      tree,
      parents: [operator.tip],
      author: who,
      committer: who,
      mergeTags: [],
      message: text('X\n'),
    };
    let bytes = formatCommit(parts, 'sha1');
    for (const { signer, certificate } of signers) {
      const armor = await signDetached(bytes, signer, certificate, { time: NOW });
      bytes = withSignature('commit', bytes, armor, 'sha1');
    }
    const [commit] = await repository.writeAll([{ type: 'commit', bytes }]);
    return commit as ObjectId;
  }
  async function plantTag(operator: Operator, object: ObjectId, { signer, certificate }: TestKey) {
    const name = rotationTag(2);
    const tagger = { name: 'X', email: 'x@example.org', time: NOW / 1000, zone: '+0000' };
    const tag = formatTag({ object, type: 'commit', name, tagger, message: text('R\n') }, 'sha1');
    const armor = await signDetached(tag, signer, certificate, { time: NOW });
    const bytes = withSignature('tag', tag, armor, 'sha1');
    const [id] = await operator.repository.writeAll([{ type: 'tag', bytes }]);
    operator.repository.refs.set(`refs/tags/${name}`, id as ObjectId);
    return id as ObjectId;
  }
  const stamp = (version: number) =>
    formatTomlTimestamp({ version, expires: NOW + DAY, repository: 'ab'.repeat(32) });

  /** root.toml of version 2, as a rotation elsewhere would have it. */
  async function nextRoot(change = add('bot2')) {
    const { operator } = await simple();
    const { store } = operator;
    // The same root.toml as in another world: its bytes are made of the same keys and times.
    published(await rotateRoot(operator.context(keys.root1, keys.bot1), roots(['timestamp', change])));
    return (await store.read()).documents.get('registry.root') as Uint8Array;
  }

  it('is not signed when a rotation brings other changes along', async () => {
    const { operator } = await simple();
    const files = { 'root.toml': await nextRoot(), 'timestamp.toml': stamp(2) };
    const sneaky = await plant(operator, { ...files, 'se/rd/serde': line('serde', '6.6.6', '6') });
    operator.repository.refs.set('refs/proposal/rotation', sneaky);
    const all = operator.context(keys.root1, keys.bot1);
    await expect(countersign(all, sneaky)).rejects.toMatchObject({ code: 'REGISTRY_ROTATION_CONTENT' });
    const honest = await plant(operator, files);
    operator.repository.refs.set('refs/proposal/rotation', honest);
    expect(published(await countersign(all, honest)).tag).toBe(rotationTag(2));
  });

  it('is not signed when its version leaps ahead', async () => {
    const { operator } = await simple();
    const all = operator.context(keys.root1, keys.bot1);
    const rotation = await plant(operator, { 'root.toml': await nextRoot(), 'timestamp.toml': stamp(3) });
    operator.repository.refs.set('refs/proposal/rotation', rotation);
    await expect(countersign(all, rotation)).rejects.toMatchObject({ code: 'REGISTRY_LEAP' });
    const tip = await plant(operator, { 'timestamp.toml': stamp(4) });
    operator.repository.refs.set('refs/proposal/tip', tip);
    await expect(countersign(all, tip)).rejects.toMatchObject({ code: 'REGISTRY_LEAP' });
    operator.repository.refs.set(BRANCH, tip);
    operator.repository.refs.delete('refs/proposal/tip');
    await expect(countersign(all, tip)).rejects.toMatchObject({ code: 'REGISTRY_LEAP' });
  });

  it('is not signed when a signature in it does not verify', async () => {
    const { operator } = await simple();
    const tip = await plant(operator, { 'timestamp.toml': stamp(2) }, [keys.stranger]);
    operator.repository.refs.set('refs/proposal/tip', tip);
    await expect(countersign(operator.context(keys.bot1), tip)).rejects.toMatchObject({
      code: 'OPENPGP_UNKNOWN_KEY',
    });
  });

  it('by hand on the branch: an unsigned commit is signed by who looked at it, and a change alone moves on from it', async () => {
    const { operator, client } = await simple();
    const hand = await plant(operator, {
      'timestamp.toml': stamp(2),
      'se/rd/serde': line('serde', '1.0.0', '1'),
    });
    operator.repository.refs.set(BRANCH, hand);
    await expect(renewTimestamp(operator.context(keys.bot1))).rejects.toMatchObject({
      code: 'REGISTRY_UNSIGNED',
    });
    published(await countersign(operator.context(keys.bot1), hand));
    await client.follow();
  });

  it('a rotation of root keys by hand is built upon, one that brings more along is not', async () => {
    for (const more of [{}, { 'se/rd/serde': line('serde', '6.6.6', '6') }]) {
      const { operator, client } = await simple();
      const files = { 'root.toml': await nextRoot(), 'timestamp.toml': stamp(2), ...more };
      const commit = await plant(operator, files, [keys.root1]);
      await plantTag(operator, commit, keys.root1);
      operator.repository.refs.set(BRANCH, commit);
      const renewal = renewTimestamp(operator.context(keys.bot1));
      if (Object.keys(more).length > 0)
        await expect(renewal).rejects.toMatchObject({ code: 'REGISTRY_ROTATION_CONTENT' });
      else {
        published(await renewal);
        expect((await client.follow()).root.version).toBe(2);
      }
    }
  });

  it('by hand, a rotation that lacks signatures: it waits properly, and the index is good meanwhile', async () => {
    const shape = () =>
      openIndex({
        root: role([keys.root1, keys.root2], 2),
        timestamp: role([keys.bot1]),
        signers: [keys.bot1],
      });
    const twin = await shape();
    const both = twin.operator.context(keys.root1, keys.root2, keys.bot1);
    published(await rotateRoot(both, roots(['timestamp', add('bot2')])));
    const next = (await twin.operator.store.read()).documents.get('registry.root') as Uint8Array;

    const { operator, client } = await shape();
    const before = operator.tip;
    const commit = await plant(operator, { 'root.toml': next, 'timestamp.toml': stamp(2) }, [keys.root1]);
    const tag = await plantTag(operator, commit, keys.root1);
    operator.repository.refs.set(BRANCH, commit);
    await expect(client.follow()).rejects.toMatchObject({ code: 'REGISTRY_ROTATION_SIGNERS' });
    const waits = proposed(await countersign(operator.context(keys.root2), commit));
    expect(waits.missing).toMatchObject([
      { subject: 'tag', have: 1 },
      { subject: 'tag', have: 1 },
    ]);
    expect(waits.tag).not.toBe(tag);
    expect(operator.tip).toBe(before);
    await client.follow();
    published(await countersign(operator.context(keys.root1, keys.bot1), waits.commit));
    expect((await client.follow()).root.version).toBe(2);
  });

  it('by hand, a commit that lacks two of three: it waits properly as well', async () => {
    const three = [keys.bot1, keys.bot2, keys.bot3];
    const { operator, client } = await openIndex({
      root: role([keys.root1]),
      timestamp: role(three, 3),
      signers: three,
    });
    const hand = await plant(operator, { 'timestamp.toml': stamp(2) }, [keys.bot1]);
    operator.repository.refs.set(BRANCH, hand);
    const waits = proposed(await countersign(operator.context(keys.bot2), hand));
    await client.follow();
    published(await countersign(operator.context(keys.bot3), waits.commit));
    expect((await client.follow()).timestamp.version).toBe(2);
  });

  it('a change that was made from another tip is not committed', async () => {
    const { operator } = await simple();
    const { tip: from } = await openVerifiedIndex(operator.context());
    published(await renewTimestamp(operator.context(keys.bot1)));
    const stale = { ...change({ 'it/oa/itoa': ITOA }), from };
    await expect(changeIndex(operator.context(keys.bot1), stale)).rejects.toMatchObject({
      code: 'REGISTRY_MOVED',
      kind: 'conflict',
    });
  });
});

describe('an audit', () => {
  it('finds what clients do not look at', async () => {
    const { operator } = await simple();
    const { repository } = operator;
    published(await renewTimestamp(operator.context(keys.bot1)));
    // A commit without a signature in between, which an operator who verifies no parents signs over.
    const { bytes } = await repository.read(operator.tip);
    const { signature: _, ...commit } = parseCommit(bytes, 'sha1');
    const [unsigned] = await repository.writeAll([
      { type: 'commit', bytes: formatCommit({ ...commit, message: text('Sneak\n') }, 'sha1') },
    ]);
    published(await renewTimestamp(operator.context(keys.bot1)));
    const tip = parseCommit((await repository.read(operator.tip)).bytes, 'sha1');
    const { signature: _signature, ...unsignedTip } = tip;
    const forged = formatCommit({ ...unsignedTip, parents: [unsigned as never] }, 'sha1');
    const armor = await signDetached(forged, keys.bot1.signer, keys.bot1.certificate, { time: NOW });
    const [id] = await repository.writeAll([
      { type: 'commit', bytes: withSignature('commit', forged, armor, 'sha1') },
    ]);
    repository.refs.set(BRANCH, id as never);
    const audit = await auditHistory(operator.context(), { limit: 10 });
    expect(audit.findings).toMatchObject([{ commit: unsigned, code: 'REGISTRY_UNSIGNED' }]);
    expect((await auditHistory(operator.context(), { limit: 1 })).end).toBe('limit');
  });
});
