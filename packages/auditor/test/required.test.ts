// A root that requires auditors: a client takes no state that too few of them have followed, and no leaf that takes back what
// they saw.

import { countersign, type VerifiedState } from '@cargo-tuf/auditor';
import { type Client, openClient, openMemoryStore, type Source, type Store } from '@cargo-tuf/client';
import { encodeHex, generateKeyPair, type Signer } from '@cargo-tuf/keys';
import type { Leaf } from '@cargo-tuf/merkle-snapshot';
import { formatKey } from '@cargo-tuf/metadata';
import { setAuditors } from '@cargo-tuf/repository';
import { DAY, forge, HonestRepository, HOUR, indexEntry, signedPart } from '@cargo-tuf/simulator';
import type { JsonObject, JsonValue } from '@cargo-tuf/canonical-json';
import { beforeEach, describe, expect, it } from 'vitest';
import { Auditor, type Files, misbehave, openRegistry, sourceOf } from './world.ts';

let honest: HonestRepository;
let auditor: Auditor;
let signers: Signer[];
const OTHER = { length: 7, sha256: new Uint8Array(32).fill(7) };

beforeEach(async () => {
  honest = await openRegistry();
  auditor = new Auditor(honest);
  signers = Array.from({ length: 3 }, () => generateKeyPair('ed25519').signer);
});

function list(required: number): Promise<unknown> {
  return setAuditors(honest.context, { publicKeys: signers.map(each => each.publicKey), required });
}

/** The file of one auditor for a state, put where the repository serves it. */
async function put(
  state: VerifiedState,
  index = 0,
  files: Map<string, Uint8Array> = honest.files,
): Promise<string> {
  const { keyId, bytes, listed } = await countersign(state, signers[index], honest.clock.now() + DAY);
  expect(listed).toBe(true);
  files.set(`audits/${keyId}.json`, bytes);
  return `audits/${keyId}.json`;
}

async function audit(index = 0): Promise<string> {
  const look = await auditor.look(honest.files);
  expect(look.findings).toEqual([]);
  return put(look.state, index);
}

function client(files: Files | Source, store: Store = openMemoryStore()): Client {
  const source = 'fetch' in files ? files : sourceOf(files);
  return openClient({ root: honest.root, source, store, clock: honest.clock.now });
}

const publish = (name: string, ...versions: string[]): Promise<unknown> =>
  honest.publish({ entries: new Map([[name, indexEntry(name, ...versions)]]) });

describe('a client', () => {
  it.each([undefined, 0])('asks for no audit where root requires none (%s)', async required => {
    if (required !== undefined) await list(required);
    const asked: string[] = [];
    const source: Source = {
      fetch: async path => {
        asked.push(path);
        return honest.files.get(path) ?? null;
      },
    };
    await (await client(source).sync()).entries(['itoa']);
    expect(asked.filter(path => path.startsWith('audits/'))).toEqual([]);
  });

  it('refuses a state that nobody has audited, and takes it once enough have', async () => {
    await list(2);
    await expect(client(honest.files).sync()).rejects.toMatchObject({
      code: 'CLIENT_AUDITORS',
      kind: 'unavailable',
      message: 'auditors: 0 have followed this repository to its current state or near it, expected 2',
    });
    await audit(0);
    await expect(client(honest.files).sync()).rejects.toMatchObject({ code: 'CLIENT_AUDITORS' });
    await audit(2);
    const snapshot = await client(honest.files).sync();
    expect((await snapshot.entries(['itoa', 'absent'])).get('itoa')?.leaf.version).toBe(3);
  });

  it('counts an auditor once, however many key ids root has for the key', async () => {
    await list(1);
    const path = await audit();
    const version = 2;
    const bytes = honest.files.get(`metadata/${version}.root.json`) as Uint8Array;
    const extension = signedPart(bytes).get('x-cargo-tuf') as JsonObject;
    const auditors = extension.get('auditors') as JsonObject;
    const { raw } = formatKey(signers[0].publicKey);
    const keys = new Map<string, JsonValue>([
      ...(auditors.get('keys') as JsonObject),
      ['ab'.repeat(32), raw],
    ]);
    const root = await forge(
      bytes,
      {
        version: 3,
        'x-cargo-tuf': new Map([
          ...extension,
          [
            'auditors',
            new Map([
              ['keys', keys],
              ['threshold', 2],
            ] as never),
          ],
        ]),
      },
      honest.signers.get('root') ?? [],
    );
    honest.files.set('metadata/3.root.json', root);
    honest.files.set(`audits/${'ab'.repeat(32)}.json`, honest.files.get(path) as Uint8Array);
    await expect(client(honest.files).sync()).rejects.toMatchObject({ code: 'CLIENT_AUDITORS' });
  });

  it('refuses an audit that is expired, of another repository, or signed by nobody who is listed', async () => {
    await list(1);
    const { state } = await auditor.look(honest.files);
    const path = await put(state);
    const good = honest.files.get(path) as Uint8Array;
    const other = { ...state, repository: '02'.repeat(32) } as VerifiedState;
    const bad = [
      (await countersign(state, signers[0], honest.clock.now())).bytes,
      (await countersign(other, signers[0], honest.clock.now() + DAY)).bytes,
      await forge(good, {}, [generateKeyPair('ed25519').signer]),
      good.map((byte, at) => (at === good.length >> 1 ? byte ^ 1 : byte)),
    ];
    for (const bytes of bad) {
      honest.files.set(path, bytes);
      await expect(client(honest.files).sync()).rejects.toMatchObject({ code: 'CLIENT_AUDITORS' });
    }
    honest.files.set(path, good);
    await client(honest.files).sync();
  });

  it('lets auditors lag: what was published since is taken, above what they saw', async () => {
    await list(1);
    await audit();
    await publish('ryu', '1.0.0', '1.0.1');
    await publish('newer', '0.1.0');
    const snapshot = await client(honest.files).sync();
    const entries = await snapshot.entries(['ryu', 'newer', 'serde', 'absent']);
    expect([...entries.values()].map(entry => entry?.leaf.version)).toEqual(
      expect.arrayContaining([4, 5, 2, undefined]),
    );
    expect((await snapshot.tree()).size).toBe(5);
  });

  it.each<readonly [string, string, (leaves: Map<string, Leaf>, tree: number) => unknown]>([
    ['drops a crate', 'serde', leaves => leaves.delete('serde')],
    [
      'lowers a version',
      'itoa',
      leaves => leaves.set('itoa', { ...(leaves.get('itoa') as Leaf), version: 2 }),
    ],
    ['changes bytes', 'ryu', leaves => leaves.set('ryu', { ...(leaves.get('ryu') as Leaf), ...OTHER })],
    [
      'backdates',
      'libc',
      leaves => leaves.set('libc', { ...(leaves.get('libc') as Leaf), ...OTHER, version: 3 }),
    ],
  ])('without any memory refuses what %s after the audit, and that alone', async (_, name, leaves) => {
    await list(1);
    await audit();
    const files = await misbehave(honest, { leaves: (all, tree) => void leaves(all, tree) });
    const snapshot = await client(files).sync();
    await expect(snapshot.leaves([name])).rejects.toMatchObject({ code: 'CLIENT_AUDIT', kind: 'security' });
    await expect(snapshot.tree()).rejects.toMatchObject({ code: 'CLIENT_AUDIT' });
    const honestName = name === 'itoa' ? 'ryu' : 'itoa';
    expect((await snapshot.leaves([honestName])).get(honestName)).toBeDefined();
  });

  it('refuses a map of which an auditor saw another under the same version', async () => {
    await list(1);
    await audit();
    const face = await misbehave(honest, {
      tree: tree => tree,
      leaves: leaves => leaves.set('ryu', { ...(leaves.get('ryu') as Leaf), ...OTHER }),
    });
    await expect(client(face).sync()).rejects.toMatchObject({ code: 'CLIENT_EQUIVOCATION' });
  });

  it('reads the state again when the auditors are ahead of it', async () => {
    await list(1);
    await audit();
    const behind = honest.copy();
    await publish('ryu', '1.0.0', '1.0.1');
    const path = await audit();
    const mirror = new Map(behind).set(path, honest.files.get(path) as Uint8Array);
    await expect(client(mirror).sync()).rejects.toMatchObject({
      code: 'CLIENT_AUDIT_AHEAD',
      kind: 'conflict',
    });
    // Between the timestamp and the audit the repository moved on.
    let stamps = 0;
    const source: Source = {
      fetch: async asked => {
        if (asked !== 'metadata/timestamp.json') return honest.files.get(asked) ?? null;
        stamps += 1;
        return (stamps === 1 ? behind : honest.files).get(asked) ?? null;
      },
    };
    expect((await client(source).sync()).versions.tree).toBe(4);
    expect(stamps).toBe(2);
  });

  it('remembers audits: a mirror can neither take one back nor make it go away before it expires', async () => {
    await list(1);
    const first = await audit();
    const old = honest.files.get(first) as Uint8Array;
    await publish('ryu', '1.0.0', '1.0.1');
    await audit();
    const store = openMemoryStore();
    await client(honest.files, store).sync();
    honest.files.set(first, old);
    await client(honest.files, store).sync();
    const kept = (await store.read()).documents.get(`audit.${first.slice(7, -5)}`) as Uint8Array;
    expect(encodeHex(kept)).not.toBe(encodeHex(old));
    honest.files.delete(first);
    await client(honest.files, store).sync();
    honest.clock.advance(DAY + HOUR);
    await honest.renew();
    await expect(client(honest.files, store).sync()).rejects.toMatchObject({ code: 'CLIENT_AUDITORS' });
  });

  it('works offline on what was audited, and on nothing else', async () => {
    await list(1);
    await audit();
    await publish('ryu', '1.0.0', '1.0.1');
    const store = openMemoryStore();
    await (await client(honest.files, store).sync()).entries(['ryu', 'serde']);
    const offline = await client(new Map(), store).openOffline();
    expect((await offline.entries(['ryu'])).get('ryu')?.leaf.version).toBe(4);
    const { revision, documents } = await store.read();
    const audits = [...documents.keys()].filter(name => name.startsWith('audit.'));
    expect(audits.length).toBe(1);
    await store.replace(revision, new Map(audits.map(name => [name, null])));
    await expect(client(new Map(), store).openOffline()).rejects.toMatchObject({ code: 'CLIENT_AUDITORS' });
  });
});

describe('setAuditors', () => {
  it('refuses a key that signs a role, and more auditors than are listed', async () => {
    const [timestamp] = honest.signers.get('timestamp') ?? [];
    const keys = [timestamp as Signer].map(each => each.publicKey);
    await expect(setAuditors(honest.context, { publicKeys: keys, required: 0 })).rejects.toMatchObject({
      code: 'REPOSITORY_KEY_REUSED',
    });
    await expect(list(4)).rejects.toMatchObject({ code: 'REPOSITORY_POLICY' });
    expect(honest.files.has('metadata/2.root.json')).toBe(false);
  });

  it('outlives rotations, and ends with an empty list', async () => {
    await list(1);
    await honest.rotate('timestamp');
    await expect(client(honest.files).sync()).rejects.toMatchObject({ code: 'CLIENT_AUDITORS' });
    await setAuditors(honest.context, { publicKeys: [], required: 0 });
    const { root } = await client(honest.files).sync();
    expect(root.value.auditors).toBeUndefined();
  });
});
