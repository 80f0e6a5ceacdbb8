import { type Client, openMemoryStore } from '@cargo-tuf/client';
import {
  createReleases,
  type PublishedBytes,
  publishCratesRoot,
  readReleases,
  RELEASE_HOLDERS,
  type ReleaseHolder,
  type ReleasesContext,
  renewReleases,
  rotateReleases,
} from '@cargo-tuf/repository';
import { describe, expect, it } from 'vitest';
import {
  clientOf,
  makeSigners,
  manifest,
  NIGHTLY,
  openReleasesTrial,
  publicKeysOf,
  publishNightly,
  publishStable,
  REPOSITORY_ID,
  type ReleasesTrial,
  seen,
  STABLE,
} from './releases-trial.ts';
import { ACCIDENTS, accidentAt, codeOf, openTrial } from './trial.ts';

type Change = (context: ReleasesContext, trial: ReleasesTrial) => Promise<unknown>;

/** Half of the keys, or the only one, give way to fresh ones. */
const rotation =
  (role: ReleaseHolder): Change =>
  async (context, trial) => {
    const all = trial.signers.get(role) ?? [];
    const kept = all.slice(Math.ceil(all.length / 2));
    const fresh = makeSigners(all.length - kept.length);
    const signers = new Map(context.signers).set(role, [...all, ...fresh]);
    trial.signers.set(role, [...all, ...fresh]);
    const publicKeys = [...kept, ...fresh].map(signer => signer.publicKey);
    return rotateReleases({ ...context, signers }, { role, publicKeys });
  };

const registry = await openTrial();
const CRATES_ROOT = registry.files.get('metadata/1.root.json') as Uint8Array;

const CHANGES: readonly (readonly [string, Change])[] = [
  ['release of stable', context => publishStable(context, '2030-01-02')],
  ['listing of a root', context => publishCratesRoot(context, [CRATES_ROOT])],
  ['renewal of all', context => renewReleases(context, ['root', 'targets', 'release', 'crates-root'])],
  ...RELEASE_HOLDERS.map(role => [`rotation of ${role}`, rotation(role)] as const),
];

const SMALL = {
  counts: { root: 3, release: 3, rustup: 3 },
  thresholds: { root: 2, release: 2, rustup: 2 },
};

async function published(): Promise<ReleasesTrial> {
  const trial = await openReleasesTrial(SMALL);
  await publishStable(trial.context, '2030-01-01');
  await publishNightly(trial.context, '2030-01-01');
  trial.now += 60_000;
  return trial;
}

const text = (date: string): string => new TextDecoder().decode(manifest(date));

/** A client that was there before, and one that comes now, see one state of before or after. */
async function assertWhole(trial: ReleasesTrial, old: Client, what: string): Promise<void> {
  for (const client of [old, clientOf(trial)]) {
    expect([text('2030-01-01'), text('2030-01-02')], what).toContain(await seen(trial, STABLE, client));
    expect([text('2030-01-01'), text('2030-01-03')], what).toContain(await seen(trial, NIGHTLY, client));
  }
}

describe.each(CHANGES)('a %s that is cut off', (_name, change) => {
  it.each(ACCIDENTS)('%s, at every write, leaves one whole state', async accident => {
    const counted = await published();
    const counter = accidentAt(counted.bytes, 0, 'before');
    await change({ ...counted.context, bytes: counter.bytes }, counted);
    expect(counter.state.writes).toBeGreaterThan(2);
    for (let at = 1; at <= counter.state.writes; at++) {
      const trial = await published();
      const what = `write ${at}`;
      const client = clientOf(trial, openMemoryStore());
      await client.sync();
      const { bytes } = accidentAt(trial.bytes, at, accident);
      const code = await codeOf(change({ ...trial.context, bytes }, trial));
      if (accident === 'unknown, written') expect(code, what).toBe('done');
      if (accident === 'unknown, lost') expect(code, what).toBe('REPOSITORY_UNKNOWN');
      await assertWhole(trial, client, what);
      trial.now += 60_000;
      await publishNightly(trial.context, '2030-01-03');
      await assertWhole(trial, client, what);
      expect(await seen(trial, NIGHTLY), what).toBe(text('2030-01-03'));
      if (code === 'done') continue;
      await change({ ...trial.context, signers: trial.signers }, trial);
      await assertWhole(trial, client, `${what}, again`);
    }
  });
});

describe('a creation of releases that is cut off', () => {
  it.each(ACCIDENTS)('%s, at every write, goes on when it is run again', async accident => {
    for (let at = 1; ; at++) {
      const trial = await openReleasesTrial({ ...SMALL, create: false });
      const options = { publicKeys: publicKeysOf(trial.signers), repositoryId: REPOSITORY_ID };
      const { bytes, state } = accidentAt(trial.bytes, at, accident);
      const code = await codeOf(createReleases({ ...trial.context, bytes }, options));
      trial.now += 60_000;
      if (code !== 'done' && !trial.files.has('metadata/timestamp.json'))
        await createReleases(trial.context, options);
      await publishStable(trial.context, '2030-01-01');
      expect(await seen(trial, STABLE)).toBe(text('2030-01-01'));
      if (state.writes < at) break;
    }
  });
});

describe('two publishers of releases at once', () => {
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

  it.each(CHANGES)(
    'a %s and a nightly: one wins, and nothing is lost, wherever they meet',
    async (_name, change) => {
      for (let at = 1; ; at++) {
        const trial = await published();
        const client = clientOf(trial);
        await client.sync();
        let met = false;
        const bytes = interrupted(trial.bytes, at, async () => {
          met = true;
          await publishNightly(trial.context, '2030-01-03');
        });
        const code = await codeOf(change({ ...trial.context, bytes }, trial));
        if (!met) break;
        expect(['done', 'REPOSITORY_CONFLICT'], `write ${at}`).toContain(code);
        trial.now += 60_000;
        await renewReleases(trial.context);
        await assertWhole(trial, client, `write ${at}`);
        expect(await seen(trial, NIGHTLY), `write ${at}`).toBe(text('2030-01-03'));
      }
    },
  );

  it('side by side, at most one wins', async () => {
    const trial = await published();
    const codes = await Promise.all([
      codeOf(publishStable(trial.context, '2030-01-02')),
      codeOf(publishNightly(trial.context, '2030-01-03')),
      codeOf(renewReleases(trial.context)),
    ]);
    expect(codes.filter(code => code === 'done').length).toBe(1);
    expect(codes.filter(code => code === 'REPOSITORY_CONFLICT').length).toBe(2);
    await assertWhole(trial, clientOf(trial), 'side by side');
  });

  it('of two that publish the same channel, the later one is told, and does not take back', async () => {
    const trial = await published();
    const bytes = interrupted(trial.bytes, 1, () => publishStable(trial.context, '2030-01-05'));
    expect(await codeOf(publishStable({ ...trial.context, bytes }, '2030-01-04'))).toBe(
      'REPOSITORY_CONFLICT',
    );
    expect(await codeOf(publishStable(trial.context, '2030-01-04'))).toBe('REPOSITORY_RELEASE_DATE');
    expect(await seen(trial, STABLE)).toBe(text('2030-01-05'));
  });
});

describe('what a cut-off publish leaves', () => {
  it('is referred to by nobody', async () => {
    const trial = await published();
    const before = await readReleases(trial.bytes);
    const named = new Set(trial.files.keys());
    const { bytes } = accidentAt(trial.bytes, 3, 'after');
    await codeOf(publishStable({ ...trial.context, bytes }, '2030-01-02'));
    const left = [...trial.files.keys()].filter(path => !named.has(path));
    expect(left.length).toBeGreaterThan(0);
    const after = await readReleases(trial.bytes);
    const referred = [...after.snapshot.value.meta].map(
      ([name, { version }]) => `metadata/${version}.${name}`,
    );
    for (const path of left) expect(referred).not.toContain(path);
    expect(after.timestamp.value.version).toBe(before.timestamp.value.version);
  });
});
