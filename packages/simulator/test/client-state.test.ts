// What a client keeps, and what it does with it: side by side, cut off, without a network, damaged.

import {
  type Client,
  openClient,
  openMemoryStore,
  type RequiredVersions,
  type Source,
  type Store,
} from '@cargo-tuf/client';
import {
  Attacker,
  DAY,
  flipMiddle,
  HonestRepository,
  indexEntry,
  signedPart,
  SimulatedClock,
} from '@cargo-tuf/simulator';
import { beforeEach, describe, expect, it } from 'vitest';

let clock: SimulatedClock;
let honest: HonestRepository;
let mirror: Attacker;
let store: Store;
let client: Client;

const open = (over: { store?: Store; required?: RequiredVersions; source?: Source; limits?: object } = {}) =>
  openClient({ root: honest.root, source: mirror, store, clock: clock.now, ...over });
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'accepted';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};
const versionsOf = async (name: string) =>
  Number(signedPart((await store.read()).documents.get(name) as Uint8Array).get('version'));
const publish = (...versions: readonly string[]) =>
  honest.publish({ entries: new Map([['itoa', indexEntry('itoa', ...versions)]]) });

beforeEach(async () => {
  clock = new SimulatedClock();
  honest = await HonestRepository.create({ clock });
  await publish('1.0.0');
  mirror = new Attacker(honest.files);
  store = openMemoryStore();
  client = open();
  await (await client.sync()).entries(['itoa']);
});

describe('several syncs on one store', () => {
  it('side by side all come to the same state', async () => {
    await honest.renewRoot();
    await publish('1.0.0', '1.0.1');
    const clients = Array.from({ length: 6 }, () => open());
    const snapshots = await Promise.all(clients.map(each => each.sync()));
    expect(new Set(snapshots.map(each => each.versions.tree))).toEqual(new Set([3]));
    const entries = await Promise.all(snapshots.map(each => each.entries(['itoa'])));
    expect(entries.every(each => each.get('itoa')?.leaf.version === 3)).toBe(true);
    expect((await client.openOffline()).versions).toMatchObject({ root: 2, tree: 3 });
  });

  it('lose to the one that was faster, and start over from its state', async () => {
    await publish('1.0.0', '1.0.1');
    let meddled = false;
    const source: Source = {
      fetch: async (path, options) => {
        if (path.endsWith('.bundle') && !meddled) {
          meddled = true;
          await publish('1.0.0', '1.0.1', '1.0.2');
          await open().sync();
        }
        return mirror.fetch(path, options);
      },
    };
    expect((await open({ source }).sync()).versions.tree).toBe(4);
    expect(await versionsOf('timestamp')).toBe(4);
  });

  it('give up after eight changes by others, and keep theirs', async () => {
    let runs = 0;
    const busy: Store = {
      ...store,
      replace: async (expected, changes) => {
        runs += 1;
        await store.replace(expected, new Map());
        return store.replace(expected, changes);
      },
    };
    await publish('1.0.0', '1.0.1');
    expect(await codeOf(open({ store: busy }).sync())).toBe('CLIENT_STORE_BUSY');
    expect(runs).toBe(8);
    expect(await versionsOf('timestamp')).toBe(2);
  });

  it('raise the floors of leaves together', async () => {
    await honest.publish({
      entries: new Map(['ryu', 'log', 'cc'].map(name => [name, indexEntry(name, '1.0.0')])),
    });
    const snapshots = await Promise.all([open().sync(), open().sync(), open().sync()]);
    await Promise.all(['ryu', 'log', 'cc'].map((name, index) => snapshots[index]?.leaves([name])));
    const floors = new TextDecoder().decode((await store.read()).documents.get('floors'));
    for (const name of ['itoa', 'ryu', 'log', 'cc']) expect(floors).toContain(`"${name}":`);
  });
});

describe('a sync that is cut off', () => {
  const steps = [
    ['the root', /2\.root\.json/],
    ['the timestamp', /timestamp\.json/],
    ['the snapshot', /snapshot\.json/],
    ['targets', /targets\.json/],
    ['claims', /claims\.json/],
    ['crates', /crates\.json/],
  ] as const;

  it.each(steps)('before %s leaves what was complete to work without a network', async (_what, match) => {
    clock.advance(200 * DAY);
    await honest.renewRoot();
    await publish('1.0.0', '1.0.1');
    mirror.bendPath(match, () => 'outage');
    expect(await codeOf(client.sync())).toBe('SIMULATED_OUTAGE');
    expect(await codeOf(client.sync())).toBe('SIMULATED_OUTAGE');
    const snapshot = await client.openOffline();
    expect(snapshot.versions.tree).toBe(2);
    expect((await snapshot.entries(['itoa'])).get('itoa')?.leaf.version).toBe(2);
    mirror.relent();
    expect((await client.sync()).versions.tree).toBe(3);
    expect([...(await store.read()).documents.keys()].filter(name => name.startsWith('complete.'))).toEqual(
      [],
    );
    expect((await client.openOffline()).versions.tree).toBe(3);
  });

  it.each(steps.slice(2))('before %s keeps the version of the timestamp', async (_what, match) => {
    clock.advance(200 * DAY);
    const old = honest.copy();
    await publish('1.0.0', '1.0.1');
    mirror.bendPath(match, () => 'outage');
    expect(await codeOf(client.sync())).toBe('SIMULATED_OUTAGE');
    mirror.relent(old);
    expect(await codeOf(client.sync())).toBe('CLIENT_ROLLBACK');
  });

  it('tells why it failed when the store cannot be written either', async () => {
    await publish('1.0.0', '1.0.1');
    const broken: Store = { ...store, replace: async () => Promise.reject(new Error('disk full')) };
    mirror.bendPath(/snapshot\.json/, () => null);
    expect(await codeOf(open({ store: broken }).sync())).toBe('CLIENT_MISSING');
    mirror.relent();
    expect(await codeOf(open({ store: broken }).sync())).toContain('disk full');
  });

  it('does not make state of a rotation whose rest never came', async () => {
    await honest.rotate('timestamp');
    await honest.renew();
    mirror.bendPath(/timestamp\.json/, () => 'outage');
    expect(await codeOf(client.sync())).toBe('SIMULATED_OUTAGE');
    // The keys of the trusted root did not sign the timestamp that is stored (5.3.11).
    expect(await codeOf(client.openOffline())).toBe('CLIENT_NO_STATE');
    mirror.relent();
    await client.sync();
    expect(await codeOf(client.openOffline())).toBe('accepted');
  });
});

describe('without a network', () => {
  it('is nothing without a complete state', async () => {
    const { revision, documents } = await store.read();
    expect(await codeOf(open({ store: openMemoryStore() }).openOffline())).toBe('CLIENT_NO_STATE');
    for (const name of ['timestamp', 'snapshot', 'targets', 'delegated.claims', 'delegated.crates']) {
      const part = openMemoryStore();
      await part.replace(0, new Map([...documents, [name, null] as const]));
      expect(await codeOf(open({ store: part }).openOffline()), name).toBe('CLIENT_NO_STATE');
    }
    expect((await store.read()).revision).toBe(revision);
  });

  it.each([
    ['root', { root: 2 }],
    ['tree', { tree: 3 }],
    ['claims', { claims: 2 }],
  ])('a floor from outside holds for %s', async (_what, required) => {
    expect(await codeOf(open({ required }).openOffline())).toBe('CLIENT_ROLLBACK');
    const met = Object.fromEntries(Object.entries(required).map(([name, version]) => [name, version - 1]));
    expect(await codeOf(open({ required: met }).openOffline())).toBe('accepted');
  });

  it.each([
    ['root', { root: Number.NaN }],
    ['tree', { tree: Number.NaN }],
    ['claims', { claims: Number.NaN }],
  ])('a floor of %s that is no number refuses', async (_what, required) => {
    expect(await codeOf(open({ required }).openOffline())).toBe('CLIENT_ROLLBACK');
    expect(await codeOf(open({ required }).sync())).toBe('CLIENT_ROLLBACK');
  });

  it('asks nobody', async () => {
    mirror.requests.length = 0;
    const snapshot = await client.openOffline();
    await snapshot.entries(['itoa']);
    expect(await codeOf(snapshot.entries(['serde']))).toBe('accepted');
    expect(await codeOf(snapshot.fetchTarget('config.json'))).toBe('CLIENT_OFFLINE');
    expect(mirror.requests).toEqual([]);
  });
});

describe('a bent file', () => {
  it('of the whole index gives way to the next mirror, and a damaged cache to the network', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `crate-${index}`);
    await honest.publish({ entries: new Map(names.map(name => [name, indexEntry(name, '1.0.0')])) });
    const rejected: string[] = [];
    const source: Source = {
      fetch: async (path, options) => {
        const bytes = await mirror.fetch(path, options);
        return path.endsWith('.tile') && !rejected.includes(path) ? flipMiddle(bytes) : bytes;
      },
      reject: path => rejected.push(path) > 0 && rejected.indexOf(path) === rejected.length - 1,
    };
    const damaged: Store = { ...store, cached: async () => new Uint8Array([1, 2, 3]) };
    const snapshot = await open({ source, store: damaged }).sync();
    expect((await snapshot.tree()).size).toBe(301);
    expect(rejected.length).toBeGreaterThan(5);
    expect(new Set(rejected).size).toBe(rejected.length);
  });

  it('of the whole index on every mirror is an error', async () => {
    mirror.bendPath(/\.tile$/, flipMiddle);
    const snapshot = await open({ store: openMemoryStore() }).sync();
    expect(await codeOf(snapshot.tree())).toMatch(/^MERKLE_/);
  });
});

describe('a snapshot', () => {
  it('is not made young again by a clock that is set back', async () => {
    const snapshot = await client.sync();
    clock.advance(-7 * 60 * 60 * 1000);
    expect(await codeOf(snapshot.leaves(['itoa']))).toBe('CLIENT_RUN_TOO_LONG');
  });
});
