import { generateKeyPair } from '@cargo-tuf/keys';
import {
  createRepository,
  type PublishedBytes,
  type PublisherContext,
  publish,
  raiseEpoch,
  readState,
  renewRoot,
  ROLE_NAMES,
  rotate,
} from '@cargo-tuf/repository';
import { describe, expect, it } from 'vitest';
import {
  ACCIDENTS,
  accidentAt,
  codeOf,
  CREATION,
  entries,
  openTrial,
  publicKeys,
  type Trial,
} from './trial.ts';

type Change = (context: PublisherContext, trial: Trial) => Promise<unknown>;

const CHANGES: readonly (readonly [string, Change])[] = [
  ['publish', context => publish(context, { entries: entries('serde', 'log') })],
  [
    'publish of a config',
    context => publish(context, { config: new TextEncoder().encode('{"dl":"https://b.example/c"}') }),
  ],
  ['renewal of root', context => renewRoot(context)],
  ['epoch', context => raiseEpoch(context)],
  ...ROLE_NAMES.map(
    role =>
      [
        `rotation of ${role}`,
        async (context: PublisherContext, trial: Trial) => {
          const next = generateKeyPair('ed25519').signer;
          const signers = new Map(trial.signers).set(role, [...(trial.signers.get(role) ?? []), next]);
          trial.signers.set(role, signers.get(role) ?? []);
          return rotate({ ...context, signers }, { role, publicKeys: [next.publicKey] });
        },
      ] as const,
  ),
];

async function published(): Promise<Trial> {
  const trial = await openTrial();
  await publish(trial.context, { entries: entries('itoa', 'ryu') });
  trial.now += 60_000;
  return trial;
}

/** The published state is one that stood before or stands after, and every crate of before is in it. */
async function assertWhole(trial: Trial, what: string): Promise<void> {
  const { tree, crates, timestamp } = await readState(trial.bytes);
  expect(tree.leaf('itoa')?.kind, what).toBe('entry');
  expect(tree.leaf('ryu')?.kind, what).toBe('entry');
  expect(timestamp.value.merkleRoot, what).toBe(crates.value.map?.root);
}

describe.each(CHANGES)('a %s that is cut off', (_name, change) => {
  it.each(ACCIDENTS)('%s, at every write, is repaired by the next publish', async accident => {
    const counted = await published();
    const counter = accidentAt(counted.bytes, 0, 'before');
    await change({ ...counted.context, bytes: counter.bytes }, counted);
    expect(counter.state.writes).toBeGreaterThan(2);
    for (let at = 1; at <= counter.state.writes; at++) {
      const trial = await published();
      const what = `write ${at}`;
      const { bytes } = accidentAt(trial.bytes, at, accident);
      const code = await codeOf(change({ ...trial.context, bytes }, trial));
      if (accident === 'unknown, written') expect(code, what).toBe('done');
      if (accident === 'unknown, lost') expect(code, what).toBe('REPOSITORY_UNKNOWN');
      await assertWhole(trial, what);
      trial.now += 60_000;
      await publish(trial.context, { entries: entries('semver') });
      await assertWhole(trial, what);
      const { root, targets, tree, snapshot, timestamp } = await readState(trial.bytes);
      expect(tree.leaf('semver'), what).toBeDefined();
      // What the newest root's keys did not sign, no client would take.
      const keys = (role: 'targets' | 'snapshot' | 'timestamp') =>
        (root.value.roles.get(role)?.keyIds ?? []).map(id => root.value.keys.get(id)?.publicKey?.identity);
      expect(keys('targets'), what).toEqual(expect.arrayContaining(targets.signers.slice(0, 1)));
      expect(keys('snapshot'), what).toEqual(expect.arrayContaining(snapshot.signers.slice(0, 1)));
      expect(keys('timestamp'), what).toEqual(expect.arrayContaining(timestamp.signers.slice(0, 1)));
    }
  });
});

describe('a creation that is cut off', () => {
  it.each(ACCIDENTS)('%s, at every write, goes on when it is run again', async accident => {
    for (let at = 1; ; at++) {
      const trial = await openTrial({ create: false });
      const options = { ...CREATION, publicKeys: publicKeys(trial.signers) };
      const { bytes, state } = accidentAt(trial.bytes, at, accident);
      const code = await codeOf(createRepository({ ...trial.context, bytes }, options));
      trial.now += 60_000;
      if (code !== 'done' && !trial.files.has('metadata/timestamp.json'))
        await createRepository(trial.context, options);
      await publish(trial.context, { entries: entries('itoa') });
      expect((await readState(trial.bytes)).tree.size).toBe(1);
      if (state.writes < at) break;
    }
  });

  it('is no way into a repository with other keys', async () => {
    const trial = await openTrial();
    trial.files.delete('metadata/timestamp.json');
    const other = await openTrial({ create: false });
    const options = { ...CREATION, publicKeys: publicKeys(other.signers) };
    const context = { ...other.context, bytes: trial.bytes };
    expect(await codeOf(createRepository(context, options))).toBe('REPOSITORY_EXISTS');
    const otherId = {
      ...CREATION,
      repositoryId: new Uint8Array(32).fill(2),
      publicKeys: publicKeys(trial.signers),
    };
    expect(await codeOf(createRepository(trial.context, otherId))).toBe('REPOSITORY_EXISTS');
  });

  it('is refused where a repository stands', async () => {
    const trial = await openTrial();
    const options = { ...CREATION, publicKeys: publicKeys(trial.signers) };
    expect(await codeOf(createRepository(trial.context, options))).toBe('REPOSITORY_EXISTS');
  });
});

describe('two publishers at once', () => {
  /** Runs `other` right before the `at`th write. */
  function interrupted(bytes: PublishedBytes, at: number, other: () => Promise<unknown>): PublishedBytes {
    let writes = 0;
    const pass = async <T>(write: () => Promise<T>): Promise<T> => {
      writes += 1;
      if (writes === at) await other();
      return write();
    };
    return {
      get: path => bytes.get(path),
      putIfAbsent: (path, content) => pass(() => bytes.putIfAbsent(path, content)),
      compareAndSwap: (path, content, tag) => pass(() => bytes.compareAndSwap(path, content, tag)),
    };
  }

  it('one wins, the other gets a conflict, and nothing is lost, wherever they meet', async () => {
    for (let at = 1; ; at++) {
      const trial = await published();
      let met = false;
      const bytes = interrupted(trial.bytes, at, async () => {
        met = true;
        await publish(trial.context, { entries: entries('serde') });
      });
      const code = await codeOf(publish({ ...trial.context, bytes }, { entries: entries('log') }));
      if (!met) break;
      expect(code, `write ${at}`).toBe('REPOSITORY_CONFLICT');
      await publish(trial.context, { entries: entries('log') });
      const { tree } = await readState(trial.bytes);
      expect([...tree.leaves()].map(leaf => leaf.name).sort()).toEqual(['itoa', 'log', 'ryu', 'serde']);
    }
  });

  it('side by side, at most one wins', async () => {
    const trial = await published();
    const codes = await Promise.all(
      ['serde', 'log', 'cc'].map(name => codeOf(publish(trial.context, { entries: entries(name) }))),
    );
    expect(codes.sort()).toEqual(['REPOSITORY_CONFLICT', 'REPOSITORY_CONFLICT', 'done']);
    await assertWhole(trial, 'side by side');
  });

  it.each(CHANGES.slice(2))('a %s against a publish: what stands is whole', async (_name, change) => {
    for (let at = 1; ; at++) {
      const trial = await published();
      let met = false;
      const bytes = interrupted(trial.bytes, at, async () => {
        met = true;
        await publish(trial.context, { entries: entries('serde') });
      });
      const code = await codeOf(change({ ...trial.context, bytes }, trial));
      if (!met) break;
      expect(['done', 'REPOSITORY_CONFLICT'], `write ${at}`).toContain(code);
      trial.now += 60_000;
      await publish(trial.context);
      await assertWhole(trial, `write ${at}`);
      expect((await readState(trial.bytes)).tree.leaf('serde')).toBeDefined();
    }
  });

  it('takes a conflict with its own repeated write for its own', async () => {
    const trial = await published();
    const bytes: PublishedBytes = {
      ...trial.bytes,
      compareAndSwap: async (path, content, tag) => {
        await trial.bytes.compareAndSwap(path, content, tag);
        return trial.bytes.compareAndSwap(path, content, tag);
      },
    };
    expect(await codeOf(publish({ ...trial.context, bytes }, { entries: entries('log') }))).toBe('done');
  });
});
