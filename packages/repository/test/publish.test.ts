import { generateKeyPair, sha256 } from '@cargo-tuf/keys';
import {
  CheckedEntry,
  createRepository,
  DEFAULT_POLICY,
  type PublishedBytes,
  publish,
  raiseEpoch,
  readState,
} from '@cargo-tuf/repository';
import { beforeEach, describe, expect, it } from 'vitest';
import { codeOf, CREATION, DAY, entries, entry, openTrial, publicKeys, runUp, type Trial } from './trial.ts';

let trial: Trial;
beforeEach(async () => {
  trial = await openTrial();
  await publish(trial.context, { entries: entries('itoa', 'ryu') });
});

describe('publish', () => {
  it('counts tree versions, and gives a leaf the version of its last change', async () => {
    await publish(trial.context, { entries: new Map([['itoa', entry('itoa', '1.0.0', '1.0.1')]]) });
    const { tree, crates } = await readState(trial.bytes);
    expect(crates.value.map?.version).toBe(3);
    expect([tree.leaf('itoa')?.version, tree.leaf('ryu')?.version]).toEqual([3, 2]);
  });

  it('takes an entry that was parsed before, for its own crate', async () => {
    const bytes = entry('itoa', '1.0.0', '1.0.1');
    const checked = CheckedEntry.of('itoa', bytes);
    const before = new Map(trial.files);
    expect(await codeOf(publish(trial.context, { entries: new Map([['ryu', checked]]) }))).toBe(
      'INDEX_WRONG_CRATE',
    );
    expect(trial.files).toEqual(before);
    await publish(trial.context, { entries: new Map([['itoa', checked]]) });
    const { tree } = await readState(trial.bytes);
    expect(tree.leaf('itoa')).toMatchObject({ version: 3, length: bytes.length, sha256: sha256(bytes) });
    expect(() => CheckedEntry.of('ryu', bytes)).toThrow(
      expect.objectContaining({ code: 'INDEX_WRONG_CRATE' }),
    );
  });

  it('gives a store that takes many files 4,096 at a time, as they are made, and looks at what stands there', async () => {
    const names = Array.from({ length: 5_000 }, (_, index) => `crate${index}`);
    const batches: number[] = [];
    const bytes: PublishedBytes = {
      ...trial.bytes,
      putManyIfAbsent: async files => {
        const results: ('done' | 'conflict' | 'same' | 'unknown')[] = [];
        for (const { path, bytes: content } of files) {
          // As if its answer was lost.
          const result = await trial.bytes.putIfAbsent(path, content);
          results.push(results.length === 4_000 ? 'unknown' : result);
        }
        batches.push(results.length);
        return results;
      },
    };
    const before = trial.files.size;
    const { tree, filesWritten } = await publish({ ...trial.context, bytes }, { entries: entries(...names) });
    expect(batches.slice(0, -1)).toEqual(batches.slice(0, -1).map(() => 4_096));
    expect(batches.at(-1)).toBeLessThan(4_096);
    expect(tree.size).toBe(5_002);
    // The timestamp counts and is no new file; one whose answer was lost is new and does not count.
    expect(filesWritten).toBe(trial.files.size - before);
    expect((await readState(trial.bytes, names)).tree.leaf('crate4999')).toMatchObject({ version: 3 });
  });

  it('leaves the tree version alone when no entry changes, and when it only renews', async () => {
    for (const publication of [{ entries: entries('itoa') }, {}]) {
      trial.now += 1000;
      expect((await publish(trial.context, publication)).treeVersion).toBe(2);
    }
    const { timestamp, crates } = await readState(trial.bytes);
    expect([timestamp.value.version, timestamp.value.expires]).toEqual([4, trial.now + DAY]);
    expect(crates.value.map?.size).toBe(2);
  });

  it('turns a deleted crate into a tombstone, once, and lets it come back at a higher version', async () => {
    await publish(trial.context, { deleted: ['ryu'] });
    expect((await readState(trial.bytes)).tree.leaf('ryu')).toMatchObject({ kind: 'tombstone', version: 3 });
    expect(await codeOf(publish(trial.context, { deleted: ['ryu'] }))).toBe('REPOSITORY_NO_CRATE');
    expect(await codeOf(publish(trial.context, { deleted: ['serde'] }))).toBe('REPOSITORY_NO_CRATE');
    await publish(trial.context, { entries: entries('ryu') });
    expect((await readState(trial.bytes)).tree.leaf('ryu')).toMatchObject({ kind: 'entry', version: 4 });
  });

  it('replaces config.json with the keys of targets only', async () => {
    const config = new TextEncoder().encode('{"dl":"https://other.example/crates"}');
    await publish(trial.context, { config });
    expect((await readState(trial.bytes)).targets.value.targets.get('config.json')?.length).toBe(
      config.length,
    );
    const { targets: _, ...signers } = Object.fromEntries(trial.signers);
    const online = { ...trial.context, signers: new Map(Object.entries(signers)) as never };
    expect(await codeOf(publish(online, { config: CREATION.config }))).toBe('REPOSITORY_KEYS');
    expect(await codeOf(publish(trial.context, { config: new Uint8Array([1]) }))).not.toBe('done');
  });

  it.each([
    ['of another crate', new Map([['itoa', entry('ryu', '1.0.0')]])],
    ['under an upper-case name', new Map([['Itoa', entry('Itoa', '1.0.0')]])],
    ['that is no index entry', new Map([['itoa', new Uint8Array([123])]])],
  ])('refuses an entry %s, and writes nothing', async (_what, bad) => {
    const before = new Map(trial.files);
    expect(await codeOf(publish(trial.context, { entries: bad }))).toMatch(/^(INDEX|JSON|MERKLE)_/);
    expect(trial.files).toEqual(before);
  });

  it('renews offline roles when half of their period is over and their keys are at hand', async () => {
    const version = async (role: 'targets' | 'claims') => (await readState(trial.bytes))[role].value.version;
    trial.now += 7 * DAY;
    await publish(trial.context);
    expect([await version('claims'), await version('targets')]).toEqual([1, 1]);
    trial.now += 1000;
    await publish(trial.context);
    expect([await version('claims'), await version('targets')]).toEqual([2, 1]);
    trial.now += 183 * DAY;
    await publish(trial.context);
    expect([await version('claims'), await version('targets')]).toEqual([3, 2]);
  });

  it('does not take keys that the role does not list for its own', async () => {
    trial.now += 10 * DAY;
    trial.signers.set('claims', [generateKeyPair('ed25519').signer]);
    await publish(trial.context);
    expect((await readState(trial.bytes)).claims.value.version).toBe(1);
  });

  it('refuses to publish what clients would find expired', async () => {
    trial.now += 15 * DAY;
    trial.signers.delete('claims');
    expect(await codeOf(publish(trial.context))).toBe('REPOSITORY_EXPIRED');
    trial.now += 365 * DAY;
    expect(await codeOf(publish(trial.context))).toBe('REPOSITORY_EXPIRED');
  });

  it('refuses at the end of an epoch, renews there, and goes on in the next one', async () => {
    await runUp(trial, 2 ** 40 - 2);
    await publish(trial.context, { entries: entries('serde') });
    expect((await readState(trial.bytes)).crates.value.map?.version).toBe(2 ** 40 - 1);
    expect(await codeOf(publish(trial.context, { entries: entries('log') }))).toBe('REPOSITORY_EPOCH');
    expect(await codeOf(publish(trial.context))).toBe('done');
    await raiseEpoch(trial.context);
    expect((await publish(trial.context, { entries: entries('log') })).treeVersion).toBe(2 ** 40 + 2);
    const { tree } = await readState(trial.bytes);
    expect([...tree.leaves()].map(leaf => leaf.version - 2 ** 40)).toHaveLength(4);
    expect(tree.leaf('itoa')?.version).toBe(2 ** 40 + 1);
  });

  it('starts from a base, or not at all', async () => {
    const base = await readState(trial.bytes, ['itoa']);
    await publish(trial.context, { entries: entries('serde') });
    expect(await codeOf(publish(trial.context, { entries: entries('itoa'), base }))).toBe(
      'REPOSITORY_CONFLICT',
    );
    const state = await readState(trial.bytes, ['log']);
    const asked: string[] = [];
    const bytes: PublishedBytes = {
      ...trial.bytes,
      get: path => {
        asked.push(path);
        return trial.bytes.get(path);
      },
    };
    const publication = { entries: entries('log'), base: state };
    expect(await codeOf(publish({ ...trial.context, bytes }, publication))).toBe('done');
    expect(asked.filter(path => path.endsWith('.tile'))).toEqual([]);
    expect((await readState(trial.bytes)).tree.leaf('serde')).toBeDefined();
  });

  it('writes content side by side, sixteen at most, and before all metadata', async () => {
    let running = 0;
    let most = 0;
    const order: string[] = [];
    const slow: PublishedBytes = {
      ...trial.bytes,
      putIfAbsent: async (path, bytes) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise(resolve => setTimeout(resolve, 1));
        running -= 1;
        order.push(path);
        return trial.bytes.putIfAbsent(path, bytes);
      },
      compareAndSwap: async (path, bytes, tag) => {
        expect(running).toBe(0);
        order.push(path);
        return trial.bytes.compareAndSwap(path, bytes, tag);
      },
    };
    const names = Array.from({ length: 60 }, (_, index) => `crate${index}`);
    await publish({ ...trial.context, bytes: slow }, { entries: entries(...names) });
    expect(most).toBe(16);
    const firstMetadata = order.findIndex(path => path.startsWith('metadata/'));
    expect(order.slice(firstMetadata).every(path => path.startsWith('metadata/'))).toBe(true);
    expect(order.at(-1)).toBe('metadata/timestamp.json');
    expect(firstMetadata).toBeGreaterThan(60);
  });

  it('lets nothing land after it has failed', async () => {
    let ended = false;
    let count = 0;
    const failing: PublishedBytes = {
      ...trial.bytes,
      putIfAbsent: async () => {
        count += 1;
        if (count === 3) throw new Error('disk full');
        await new Promise(resolve => setTimeout(resolve, 2));
        expect(ended).toBe(false);
        return 'done';
      },
    };
    const names = Array.from({ length: 40 }, (_, index) => `crate${index}`);
    await expect(
      publish({ ...trial.context, bytes: failing }, { entries: entries(...names) }),
    ).rejects.toThrow('disk full');
    ended = true;
    await new Promise(resolve => setTimeout(resolve, 10));
    expect(count).toBe(16);
  });
});

describe('policy and keys', () => {
  const create = async (change: object, counts = {}) => {
    const empty = await openTrial({ create: false, counts });
    const context = { ...empty.context, policy: { ...DEFAULT_POLICY, ...change } };
    return codeOf(createRepository(context, { ...CREATION, publicKeys: publicKeys(empty.signers) }));
  };

  it.each([
    ['a threshold of 0', { root: { threshold: 0, period: DAY } }],
    ['half a threshold', { root: { threshold: 0.5, period: DAY } }],
    ['a threshold above the keys', { root: { threshold: 2, period: DAY } }],
    ['no period', { crates: { threshold: 1, period: 0 } }],
    ['a period that is no number', { crates: { threshold: 1, period: Number.NaN } }],
  ])('refuses %s', async (_what, change) => {
    expect(await create(change)).toBe('REPOSITORY_POLICY');
  });

  it('takes a threshold of all keys, and a period of a second', async () => {
    const change = { root: { threshold: 2, period: DAY }, crates: { threshold: 1, period: 1000 } };
    expect(await create(change, { root: 2 })).toBe('done');
  });

  it('refuses such a policy in a publish as well', async () => {
    const policy = { ...DEFAULT_POLICY, timestamp: { threshold: 1, period: -1 } };
    expect(await codeOf(publish({ ...trial.context, policy }))).toBe('REPOSITORY_POLICY');
  });

  it.each(['snapshot', 'crates', 'targets', 'root'] as const)(
    'refuses one key for timestamp and %s',
    async role => {
      const empty = await openTrial({ create: false });
      empty.signers.set(role, empty.signers.get('timestamp') ?? []);
      const options = { ...CREATION, publicKeys: publicKeys(empty.signers) };
      expect(await codeOf(createRepository(empty.context, options))).toBe('REPOSITORY_KEY_REUSED');
    },
  );

  it('counts a key that is given twice once', async () => {
    const twice = await openTrial({
      counts: { timestamp: 2 },
      policy: { ...DEFAULT_POLICY, timestamp: { threshold: 2, period: DAY } },
    });
    const [one] = twice.signers.get('timestamp') ?? [];
    twice.signers.set('timestamp', one ? [one, one] : []);
    expect(await codeOf(publish(twice.context))).toBe('REPOSITORY_KEYS');
  });

  it.each(['crates', 'snapshot', 'timestamp'] as const)('does not publish without %s', async role => {
    const before = trial.files.get('metadata/timestamp.json');
    trial.signers.set(role, [generateKeyPair('ed25519').signer]);
    expect(await codeOf(publish(trial.context))).toBe('REPOSITORY_KEYS');
    expect(trial.files.get('metadata/timestamp.json')).toBe(before);
  });
});

describe('readState', () => {
  it('says that there is nothing', async () => {
    const empty = await openTrial({ create: false });
    expect(await codeOf(readState(empty.bytes))).toBe('REPOSITORY_ABSENT');
    trial.files.delete('metadata/timestamp.json');
    expect(await codeOf(readState(trial.bytes))).toBe('REPOSITORY_ABSENT');
  });

  it('refuses every file that is missing, and every file with a bit changed', async () => {
    for (const [path, bytes] of new Map(trial.files)) {
      // Targets are not read, changes spare work alone; files of the version before are referred to by nobody.
      if (/^targets\/|\.(changes|bundle)$|\/1\.(crates|snapshot)\.json$/.test(path)) continue;
      trial.files.delete(path);
      expect(await codeOf(readState(trial.bytes)), path).not.toBe('done');
      const changed = bytes.slice();
      const at = changed.length >> 1;
      changed[at] = (changed[at] as number) ^ 1;
      trial.files.set(path, changed);
      expect(await codeOf(readState(trial.bytes)), path).not.toBe('done');
      trial.files.set(path, bytes);
    }
    expect(await codeOf(readState(trial.bytes))).toBe('done');
  });

  it('refuses a root under the number of another, and tiles that lead in a circle', async () => {
    trial.files.set('metadata/2.root.json', trial.files.get('metadata/1.root.json') as Uint8Array);
    expect(await codeOf(readState(trial.bytes))).toBe('REPOSITORY_DAMAGED');
    trial.files.delete('metadata/2.root.json');
    const [path] = [...trial.files.keys()].filter(each => each.endsWith('.tile'));
    const hash = (path as string).slice(-69, -5);
    const head = [0x54, 0x4d, 1, 1, 0, 2];
    const exit = (hash.match(/../g) ?? []).map(digits => Number.parseInt(digits, 16));
    trial.files.set(path as string, Uint8Array.from([...head, 0x80, ...exit, ...exit]));
    expect(await codeOf(readState(trial.bytes))).toBe('REPOSITORY_DAMAGED');
  });
});
