// What a client asks for when it comes back after some publishes: the changes, and proofs of what changed.

import { type Client, openClient, openMemoryStore, type Source } from '@cargo-tuf/client';
import { decodeHex, encodeHex, sha256 } from '@cargo-tuf/keys';
import { changesPath, type Leaf } from '@cargo-tuf/merkle-snapshot';
import type { MapRoot } from '@cargo-tuf/metadata';
import { openMemoryBytes, type PublishedState } from '@cargo-tuf/repository';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { stillProved } from '../../client/src/changed-names.ts';
import { shapeOf } from '../../client/src/map-shape.ts';
import { nextChanges } from '../../repository/src/changes.ts';
import { HonestRepository, indexEntry, SimulatedClock } from '@cargo-tuf/simulator';

const NAMES = Array.from({ length: 400 }, (_, index) => `crate-${index}`);
const WANTED = NAMES.slice(0, 40);

class CountingMirror implements Source {
  readonly files: ReadonlyMap<string, Uint8Array>;
  asked: string[] = [];

  constructor(files: ReadonlyMap<string, Uint8Array>) {
    this.files = files;
  }

  async fetch(path: string): Promise<Uint8Array | null> {
    this.asked.push(path);
    return this.files.get(path) ?? null;
  }

  count(ending: string): number {
    return this.asked.filter(path => path.endsWith(ending)).length;
  }
}

const entriesOf = (names: readonly string[], ...versions: readonly string[]) =>
  new Map(names.map(name => [name, indexEntry(name, ...versions)]));

/** What a process does that ends in order. */
async function lookUp(
  client: Client,
  names: readonly string[],
): Promise<ReadonlyMap<string, Leaf | undefined>> {
  const snapshot = await client.sync();
  const leaves = await snapshot.leaves(names);
  await snapshot.settle();
  return leaves;
}

const textOf = (leaves: ReadonlyMap<string, Leaf | undefined>): readonly string[] =>
  [...leaves].map(([name, leaf]) => `${name} ${leaf?.version} ${leaf && encodeHex(leaf.sha256)}`);

describe('a client that comes back', () => {
  let honest: HonestRepository;
  let mirror: CountingMirror;
  const store = () => openMemoryStore();
  const open = (of: ReturnType<typeof store>, source: Source = mirror) =>
    openClient({ root: honest.root, source, store: of, clock: honest.clock.now });

  beforeEach(async () => {
    honest = await HonestRepository.create({ clock: new SimulatedClock() });
    await honest.publish({ entries: entriesOf(NAMES, '1.0.0') });
    mirror = new CountingMirror(honest.files);
  });

  it('asks for the changes alone where nothing of its own changed, in a new process as well', async () => {
    const kept = store();
    await lookUp(open(kept), WANTED);
    for (const name of NAMES.slice(100, 103))
      await honest.publish({ entries: entriesOf([name], '1.0.0', '1.1.0') });
    mirror.asked = [];
    const leaves = await lookUp(open(kept), WANTED);
    expect(mirror.count('.tile')).toBe(0);
    expect(mirror.count('.changes')).toBe(1);
    expect(textOf(leaves)).toEqual(textOf(await lookUp(open(store()), WANTED)));
    mirror.asked = [];
    await lookUp(open(kept), WANTED);
    expect(mirror.asked).toEqual(['metadata/2.root.json', 'metadata/timestamp.json']);
  });

  it('remembers the leaves of all projects, whichever asks', async () => {
    const kept = store();
    const projects = [WANTED.slice(0, 20), WANTED.slice(20)];
    for (const names of projects) await lookUp(open(kept), names);
    for (const names of [...projects, ...projects]) {
      await honest.publish({ entries: entriesOf(['crate-300'], '1.0.0', `3.${honest.files.size}.0`) });
      mirror.asked = [];
      await lookUp(open(kept), names);
      expect(mirror.count('.tile')).toBe(0);
      expect(mirror.count('.changes')).toBe(1);
    }
  });

  it('sees a new version, a deleted crate, and a name that was absent', async () => {
    const kept = store();
    const names = [...WANTED, 'new-one', 'crate-deleted'];
    await honest.publish({ entries: entriesOf(['crate-deleted'], '1.0.0') });
    await lookUp(open(kept), names);
    await honest.publish({
      entries: entriesOf(['crate-7', 'new-one'], '1.0.0', '2.0.0'),
      deleted: ['crate-deleted'],
    });
    mirror.asked = [];
    const leaves = await lookUp(open(kept), names);
    expect(leaves.get('crate-deleted')?.kind).toBe('tombstone');
    expect(leaves.get('new-one')?.version).toBe(leaves.get('crate-7')?.version);
    expect(mirror.count('.tile')).toBeLessThanOrEqual(1 + 3);
    expect(textOf(leaves)).toEqual(textOf(await lookUp(open(store()), names)));
  });

  it('gets what a new client gets, after any number of publishes', async () => {
    const clients = [store()];
    for (let version = 0; version < 140; version += 1) {
      const name = NAMES[(version * 37) % NAMES.length] as string;
      await honest.publish({ entries: entriesOf([name], '1.0.0', `2.${version}.0`) });
      if (version % 23 === 0 || version === 139) {
        for (const kept of clients) {
          mirror.asked = [];
          const leaves = await lookUp(open(kept), WANTED);
          expect(mirror.count('.changes'), `version ${version}`).toBeLessThanOrEqual(2);
          expect(textOf(leaves)).toEqual(textOf(await lookUp(open(store()), WANTED)));
        }
        clients.push(store());
      }
      if (version === 5) await lookUp(open(clients[0] as ReturnType<typeof store>), WANTED);
    }
  });

  it('proves everything where the mirror has no changes, and refuses changes that are damaged', async () => {
    const kept = store();
    await lookUp(open(kept), WANTED);
    await honest.publish({ entries: entriesOf(['crate-7'], '1.0.0', '2.0.0') });
    const changes = [...honest.files].filter(([path]) => path.endsWith('.changes'));
    const damaged = new Map(honest.files);
    for (const [path, bytes] of changes) damaged.set(path, bytes.with(5, (bytes[5] as number) ^ 1));
    const bent = (await open(kept, new CountingMirror(damaged)).sync()).leaves(WANTED);
    await expect(bent).rejects.toMatchObject({ code: 'METADATA_HASH', kind: 'security' });
    for (const [path] of changes) damaged.delete(path);
    const leaves = await lookUp(open(kept, new CountingMirror(damaged)), WANTED);
    expect(leaves.get('crate-7')?.version).toBe(3);
  });

  it('is told of a past that was not the one it saw', async () => {
    const fork = honest.fork(honest.clock);
    await honest.publish({ entries: entriesOf(['crate-1'], '1.0.0', '6.6.6') });
    await fork.publish({ entries: entriesOf(['crate-2'], '1.0.0', '2.0.0') });
    await fork.publish({ entries: entriesOf(['crate-3'], '1.0.0', '2.0.0') });
    const kept = store();
    await lookUp(open(kept), WANTED);
    const other = (await open(kept, new CountingMirror(fork.files)).sync()).leaves(WANTED);
    await expect(other).rejects.toMatchObject({ code: 'CLIENT_EQUIVOCATION', kind: 'security' });
  });
});

describe('the changes of a long history', () => {
  const VERSIONS = 9_000;
  const rootOf = (version: number) => encodeHex(sha256(new TextEncoder().encode(`root ${version}`)));
  const bytes = openMemoryBytes();
  const repository = '07'.repeat(32);
  const leaf = (name: string): Leaf => ({
    name,
    kind: 'entry',
    version: 1,
    length: 3,
    sha256: sha256(new TextEncoder().encode(name)),
  });
  /** What `crates.json` said at each version. */
  const maps: MapRoot[] = [{ root: rootOf(0), version: 0, size: 1 }];
  const changed = (version: number): readonly string[] =>
    version % 3 === 0 ? [] : [`crate-${(version * 7919) % 1_001}`, `crate-${version % 11}`];

  it('are written in few bytes', async () => {
    let largest = 0;
    for (let version = 1; version <= VERSIONS; version += 1) {
      const state = {
        repository,
        crates: { value: { map: maps[version - 1] } },
      } as unknown as PublishedState;
      const { windows, files } = await nextChanges(bytes, state, version, changed(version));
      for (const [path, content] of files) {
        bytes.files.set(path, content);
        largest = Math.max(largest, content.length);
      }
      expect(windows.size).toBeLessThanOrEqual(8);
      maps.push({ root: rootOf(version), version, size: 1, changes: windows });
    }
    expect(largest).toBeLessThan(40_000);
    expect([...(maps[VERSIONS]?.changes?.keys() ?? [])].sort((a, b) => a - b)).toEqual([
      1,
      4,
      16,
      64,
      8 * 64,
      64 * 64,
      8 * 4096,
      64 * 4096,
    ]);
  });

  it('name all that changed since any version, with three files at most', async () => {
    const names = Array.from({ length: 1_501 }, (_, index) => `crate-${index}`);
    const shape = shapeOf('crates', repository);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 200, max: VERSIONS }),
        fc.integer({ min: 1, max: VERSIONS }),
        async (to, back) => {
          const from = Math.max(to - back, 1);
          const mirror = new CountingMirror(bytes.files);
          const leaves = new Map(names.map(name => [name, leaf(name)] as const));
          const context = {
            shape,
            root: rootOf(to),
            subject: 'crates',
            source: mirror,
            store: openMemoryStore(),
            parallel: 16,
            signal: undefined,
            tiles: new Map(),
          };
          const still = await stillProved(
            context,
            maps[to] as MapRoot,
            { version: from, root: rootOf(from), leaves },
            names.length,
          );
          const changedAfter = (version: number): ReadonlySet<string> =>
            new Set(Array.from({ length: to - version }, (_, at) => changed(version + 1 + at)).flat());
          for (const name of changedAfter(from))
            expect(still.has(name), `${name} since ${from} to ${to}`).toBe(false);
          expect(mirror.asked.length).toBeLessThanOrEqual(3);
          // A run is no finer than 4,096 versions, and one name in some hundred thousand is taken for another.
          const least = names.length - changedAfter(Math.max(0, from - 4_096)).size - 3;
          if (still.size > 0) expect(still.size).toBeGreaterThanOrEqual(least);
          const isKept = from >= 64 && (to - from < 64 || from >= 128);
          if (isKept) expect(still.size, `since ${from} to ${to}`).toBeGreaterThan(0);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('are not asked for where the proofs cost less, or a file that they name is another', async () => {
    const map = maps[VERSIONS] as MapRoot;
    const file = map.changes?.get(4);
    expect(bytes.files.has(changesPath(decodeHex(file?.sha256 ?? '', 32)))).toBe(true);
    const mirror = new CountingMirror(bytes.files);
    const context = {
      shape: shapeOf('crates', repository),
      root: map.root,
      subject: 'crates',
      source: mirror,
      store: openMemoryStore(),
      parallel: 16,
      signal: undefined,
      tiles: new Map(),
    };
    const one = new Map([['crate-1', leaf('crate-1')]]);
    const proved = { version: 4_200, root: rootOf(4_200), leaves: one };
    expect((await stillProved(context, map, proved, 1)).size).toBe(0);
    expect(mirror.asked).toEqual([]);
    const swapped = { ...map, changes: new Map(map.changes).set(1, map.changes?.get(64) as never) };
    const recent = { version: VERSIONS - 1, root: rootOf(VERSIONS - 1), leaves: one };
    expect((await stillProved(context, map, recent, 1)).size).toBe(1);
    expect((await stillProved(context, swapped, recent, 1)).size).toBe(1);
    const older = { ...map, changes: new Map([[1, maps[VERSIONS - 1]?.changes?.get(1) as never]]) };
    await expect(stillProved(context, older, recent, 1)).rejects.toMatchObject({ code: 'CLIENT_MIX' });
  });
});
