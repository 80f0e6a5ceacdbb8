import { openMemoryStore } from '@cargo-tuf/client';
import { formatRustupRelease } from '@cargo-tuf/release-channel';
import {
  copyPlainFiles,
  createReleases,
  publishTargets,
  readReleases,
  readState,
  renewReleases,
  rotateReleases,
} from '@cargo-tuf/repository';
import { describe, expect, it } from 'vitest';
import {
  clientOf,
  forge,
  makeSigners,
  manifest,
  NIGHTLY,
  openReleasesTrial,
  publicKeysOf,
  publishNightly,
  publishStable,
  REPOSITORY_ID,
  seen,
  STABLE,
  withSigners,
} from './releases-trial.ts';
import { codeOf, DAY, openTrial } from './trial.ts';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const rustup = (version: string) => ({
  role: 'rustup' as const,
  files: new Map([['rustup/release-stable.toml', formatRustupRelease(version)]]),
});

describe('a repository of releases', () => {
  it('delegates by name, with the keys of root for targets and crates-root', async () => {
    const trial = await openReleasesTrial();
    const { root, targets, delegated, repository } = await readReleases(trial.bytes);
    expect(repository).toBe('07'.repeat(32));
    expect(root.value.index).toBeUndefined();
    expect(root.value.roles.get('root')).toEqual(root.value.roles.get('targets'));
    const roles = targets.value.delegations?.roles ?? [];
    expect(
      roles.map(({ name, threshold, keyIds, terminating }) => [name, threshold, keyIds.length, terminating]),
    ).toEqual([
      ['release', 3, 5, true],
      ['nightly', 1, 1, true],
      ['rustup', 3, 5, true],
      ['crates-root', 5, 9, true],
    ]);
    expect(roles[3]?.keyIds).toEqual(root.value.roles.get('root')?.keyIds);
    expect([...delegated.values()].map(({ value }) => value.targets.size)).toEqual([0, 0, 0, 0]);
    expect(await seen(trial, STABLE)).toBe('absent');
  });

  it('is no registry, nor is a registry one', async () => {
    const trial = await openReleasesTrial();
    expect(await codeOf(readState(trial.bytes))).toBe('REPOSITORY_DAMAGED');
    const registry = await openTrial();
    expect(await codeOf(readReleases(registry.bytes))).toBe('REPOSITORY_DAMAGED');
  });

  it.each([
    ['an online key that another role has', { nightly: 'snapshot' }, 'REPOSITORY_KEY_REUSED'],
    ['an online key of root', { timestamp: 'root' }, 'REPOSITORY_KEY_REUSED'],
  ] as const)('is not made with %s', async (_what, shared, code) => {
    const trial = await openReleasesTrial({ create: false });
    for (const [role, other] of Object.entries(shared))
      trial.signers.set(role as 'nightly', (trial.signers.get(other) ?? []).slice(0, 1));
    const options = { publicKeys: publicKeysOf(trial.signers), repositoryId: REPOSITORY_ID };
    expect(await codeOf(createReleases(trial.context, options))).toBe(code);
    expect(trial.files.size).toBe(0);
  });

  it('is not made without a quorum, nor twice', async () => {
    const trial = await openReleasesTrial({ create: false });
    const options = { publicKeys: publicKeysOf(trial.signers), repositoryId: REPOSITORY_ID };
    const few = withSigners(trial.context, { root: trial.signers.get('root')?.slice(0, 4) ?? [] });
    await expect(createReleases(few, options)).rejects.toMatchObject({
      code: 'REPOSITORY_KEYS',
      message: 'root: 4 usable keys, expected 5',
    });
    expect(trial.files.size).toBe(0);
    await createReleases(trial.context, options);
    expect(await codeOf(createReleases(trial.context, options))).toBe('REPOSITORY_EXISTS');
  });
});

describe('publishTargets', () => {
  it('signs the role, snapshot and timestamp, and nothing else', async () => {
    const trial = await openReleasesTrial();
    await publishStable(trial.context, '2030-01-01');
    const versions = async () => {
      const { targets, delegated, snapshot, timestamp } = await readReleases(trial.bytes);
      const of = Object.fromEntries([...delegated].map(([role, { value }]) => [role, value.version]));
      return {
        targets: targets.value.version,
        ...of,
        snapshot: snapshot.value.version,
        timestamp: timestamp.value.version,
      };
    };
    expect(await versions()).toEqual({
      targets: 1,
      release: 2,
      nightly: 1,
      rustup: 1,
      'crates-root': 1,
      snapshot: 2,
      timestamp: 2,
    });
    await publishNightly(trial.context, '2030-01-02');
    expect(await versions()).toMatchObject({ release: 2, nightly: 2, snapshot: 3, timestamp: 3 });
    expect(await seen(trial, STABLE)).toBe(text(manifest('2030-01-01')));
    expect(await seen(trial, 'dist/2030-01-02/channel-rust-nightly.toml')).toBe(text(manifest('2030-01-02')));
  });

  it('replaces what stands, and keeps the rest', async () => {
    const trial = await openReleasesTrial();
    await publishNightly(trial.context, '2030-01-01');
    await publishNightly(trial.context, '2030-01-02');
    expect(await seen(trial, NIGHTLY)).toBe(text(manifest('2030-01-02')));
    expect(await seen(trial, 'dist/2030-01-01/channel-rust-nightly.toml')).toBe(text(manifest('2030-01-01')));
  });

  it('needs the keys of nightly alone for nightly', async () => {
    const trial = await openReleasesTrial();
    const online = withSigners(trial.context, { root: [], release: [], rustup: [] });
    await publishNightly(online, '2030-01-01');
    expect(await seen(trial, NIGHTLY)).toBe(text(manifest('2030-01-01')));
    expect(await codeOf(publishStable(online, '2030-01-01'))).toBe('REPOSITORY_KEYS');
  });

  it.each([
    ['nightly', STABLE, manifest('2030-01-01')],
    ['nightly', 'dist/2030-01-01/channel-rust-stable.toml', manifest('2030-01-01')],
    ['nightly', 'dist/channel-rust-1.95.0.toml', manifest('2030-01-01')],
    ['nightly', 'dist/2030-01-01/a/channel-rust-nightly.toml', manifest('2030-01-01')],
    ['release', NIGHTLY, manifest('2030-01-01')],
    ['release', 'rustup/release-stable.toml', formatRustupRelease('1.30.0')],
    ['release', 'dist/2030-01-01/rustc-1.95.0-x86_64-unknown-linux-gnu.tar.xz', new Uint8Array(3)],
    ['release', 'dist/channel-rust-stable', new Uint8Array(3)],
    ['rustup', 'rustup/archive/1.30.0/rustup-init', new Uint8Array(3)],
    ['rustup', STABLE, manifest('2030-01-01')],
    ['rustup', 'rustup/archive/newest/x86_64-unknown-linux-gnu/rustup-init', new Uint8Array(3)],
    ['rustup', 'rustup/archive/1.30.0/host/rustup-init', new Uint8Array(3)],
    ['release', 'dist/channel-rust-1.x.toml', manifest('2030-01-01')],
    ['nightly', 'dist/today/channel-rust-nightly.toml', manifest('2030-01-01')],
    ['rustup', 'crates-root/1.root.json', new Uint8Array(3)],
  ] as const)('refuses that %s signs %s, and writes nothing', async (role, path, bytes) => {
    const trial = await openReleasesTrial();
    const before = new Map(trial.files);
    expect(await codeOf(publishTargets(trial.context, { role, files: new Map([[path, bytes]]) }))).toBe(
      'REPOSITORY_PATH',
    );
    expect(trial.files).toEqual(before);
  });

  it('refuses a channel that goes back, and a manifest of another day', async () => {
    const trial = await openReleasesTrial();
    await publishStable(trial.context, '2030-01-10');
    const before = new Map(trial.files);
    await expect(publishStable(trial.context, '2030-01-09')).rejects.toMatchObject({
      code: 'REPOSITORY_RELEASE_DATE',
      message: `${STABLE}: date 2030-01-09, expected none before 2030-01-10, which is published`,
    });
    const dated = 'dist/2030-01-11/channel-rust-stable.toml';
    const files = new Map([[dated, manifest('2030-01-10')]]);
    await expect(publishTargets(trial.context, { role: 'release', files })).rejects.toMatchObject({
      code: 'REPOSITORY_RELEASE_DATE',
      message: `${dated}: date 2030-01-10, expected 2030-01-11 as its path says`,
    });
    expect(trial.files).toEqual(before);
    const again = new Map([[STABLE, manifest('2030-01-10', ' again')]]);
    await publishTargets(trial.context, { role: 'release', files: again });
    await publishStable(trial.context, '2030-01-11');
    expect(await seen(trial, STABLE)).toBe(text(manifest('2030-01-11')));
  });

  it('refuses what is no manifest, and a rustup that goes back', async () => {
    const trial = await openReleasesTrial();
    const bad = new Map([[STABLE, new Uint8Array([123])]]);
    expect(await codeOf(publishTargets(trial.context, { role: 'release', files: bad }))).toBe(
      'CHANNEL_MANIFEST',
    );
    await publishTargets(trial.context, rustup('1.30.0'));
    await expect(publishTargets(trial.context, rustup('1.9.9'))).rejects.toMatchObject({
      code: 'REPOSITORY_RUSTUP_VERSION',
      message: 'rustup: version 1.9.9, expected none before 1.30.0, which is published',
    });
    await publishTargets(trial.context, rustup('1.30.1'));
  });

  it.each([
    [2, 3],
    [4, 9],
  ])('is signed by any %i of %i, and refused with both numbers by one fewer', async (threshold, count) => {
    const trial = await openReleasesTrial({ thresholds: { release: threshold }, counts: { release: count } });
    const all = trial.signers.get('release') ?? [];
    const before = new Map(trial.files);
    const few = withSigners(trial.context, { release: [...all.slice(0, threshold - 1), ...all.slice(0, 1)] });
    await expect(publishStable(few, '2030-01-01')).rejects.toMatchObject({
      code: 'REPOSITORY_KEYS',
      message: `release: ${threshold - 1} usable keys, expected ${threshold}`,
    });
    expect(trial.files).toEqual(before);
    for (let at = 0; at + threshold <= count; at++) {
      await publishStable(
        withSigners(trial.context, { release: all.slice(at, at + threshold) }),
        '2030-01-01',
      );
      const { delegated } = await readReleases(trial.bytes);
      expect(delegated.get('release')?.signers.length).toBe(threshold);
      expect(await seen(trial, STABLE)).toBe(text(manifest('2030-01-01')));
    }
    const strangers = withSigners(trial.context, { release: makeSigners(threshold) });
    expect(await codeOf(publishStable(strangers, '2030-01-01'))).toBe('REPOSITORY_KEYS');
  });

  it('is refused while root or targets have expired, and goes on with their keys', async () => {
    const trial = await openReleasesTrial();
    const online = withSigners(trial.context, { root: [] });
    trial.now += 366 * DAY;
    expect(await codeOf(publishNightly(online, '2031-01-01'))).toBe('REPOSITORY_EXPIRED');
    await renewReleases(trial.context, ['root']);
    await publishNightly(online, '2031-01-01');
    expect(await seen(trial, NIGHTLY)).toBe(text(manifest('2031-01-01')));
  });
});

describe('what a client takes', () => {
  it('is no stable that the nightly key signed', async () => {
    const trial = await openReleasesTrial();
    await publishStable(trial.context, '2030-01-01');
    const client = clientOf(trial);
    expect(await seen(trial, STABLE, client)).toBe(text(manifest('2030-01-01')));
    const evil = new Map([[STABLE, manifest('2030-02-01')]]);
    await forge(trial, 'nightly', evil, trial.signers.get('nightly') ?? []);
    expect(await seen(trial, STABLE, client)).toBe(text(manifest('2030-01-01')));
    expect(await seen(trial, STABLE)).toBe(text(manifest('2030-01-01')));
    await forge(trial, 'release', evil, trial.signers.get('nightly') ?? []);
    expect(await seen(trial, STABLE, client)).toBe('METADATA_THRESHOLD');
  });

  it('is no stable with fewer keys than the threshold', async () => {
    const trial = await openReleasesTrial();
    const files = new Map([[STABLE, manifest('2030-02-01')]]);
    await forge(trial, 'release', files, trial.signers.get('release')?.slice(0, 2) ?? []);
    expect(await seen(trial, STABLE)).toBe('METADATA_THRESHOLD');
    await forge(trial, 'release', files, trial.signers.get('release')?.slice(0, 3) ?? []).catch(
      () => undefined,
    );
  });

  it('is no role of before: a mirror cannot take a release back', async () => {
    const trial = await openReleasesTrial();
    await publishStable(trial.context, '2030-01-01');
    const old = new Map(trial.files);
    await publishStable(trial.context, '2030-01-02');
    const store = openMemoryStore();
    expect(await seen(trial, STABLE, clientOf(trial, store))).toBe(text(manifest('2030-01-02')));
    trial.files.set('metadata/timestamp.json', old.get('metadata/timestamp.json') as Uint8Array);
    expect(await seen(trial, STABLE, clientOf(trial, store))).toBe('CLIENT_ROLLBACK');
  });

  it('follows ten versions of root', async () => {
    const trial = await openReleasesTrial();
    const store = openMemoryStore();
    const client = clientOf(trial, store);
    await client.sync();
    for (let turn = 0; turn < 10; turn++) {
      const [first, ...others] = trial.signers.get('root') ?? [];
      const next = makeSigners(1);
      trial.signers.set('root', [first as never, ...others, ...next]);
      const publicKeys = [...others, ...next].map(signer => signer.publicKey);
      await rotateReleases(trial.context, { role: 'root', publicKeys });
      trial.signers.set('root', [...others, ...next]);
    }
    await publishStable(trial.context, '2030-01-01');
    const { root } = await readReleases(trial.bytes);
    expect(root.value.version).toBe(11);
    expect(await seen(trial, STABLE, client)).toBe(text(manifest('2030-01-01')));
    expect((await client.sync()).versions.root).toBe(11);
  });
});

describe('rotateReleases', () => {
  it('replaces two of nine root keys: those of before and of after sign, targets and crates-root follow', async () => {
    const trial = await openReleasesTrial();
    await publishStable(trial.context, '2030-01-01');
    const client = clientOf(trial);
    await client.sync();
    const all = trial.signers.get('root') ?? [];
    const fresh = makeSigners(2);
    const publicKeys = [...all.slice(2), ...fresh].map(signer => signer.publicKey);
    const present = [...all.slice(2, 7), ...fresh];
    await rotateReleases(withSigners(trial.context, { root: present }), { role: 'root', publicKeys });
    const { root, targets, delegated } = await readReleases(trial.bytes);
    expect(root.value.version).toBe(2);
    expect(root.signers.length).toBe(7);
    const listed = targets.value.delegations?.roles.find(role => role.name === 'crates-root');
    expect(new Set(listed?.keyIds)).toEqual(new Set(root.value.roles.get('root')?.keyIds));
    expect(root.value.roles.get('targets')?.keyIds).toEqual(root.value.roles.get('root')?.keyIds);
    expect(delegated.get('crates-root')?.signers.length).toBeGreaterThanOrEqual(5);
    expect(await seen(trial, STABLE, client)).toBe(text(manifest('2030-01-01')));
    const gone = withSigners(trial.context, { root: [...all.slice(0, 2), ...all.slice(2, 5)] });
    expect(await codeOf(renewReleases(gone, ['root']))).toBe('REPOSITORY_KEYS');
  });

  it('survives the loss of four root keys, and not of five', async () => {
    const trial = await openReleasesTrial();
    const all = trial.signers.get('root') ?? [];
    const fresh = makeSigners(5);
    const rotation = (kept: readonly (typeof all)[number][]) => ({
      role: 'root' as const,
      publicKeys: [...kept, ...fresh].slice(0, 9).map(signer => signer.publicKey),
    });
    const before = new Map(trial.files);
    const four = withSigners(trial.context, { root: [...all.slice(5), ...fresh] });
    await expect(rotateReleases(four, rotation(all.slice(5)))).rejects.toMatchObject({
      message: 'root: 4 usable keys, expected 5',
    });
    expect(trial.files).toEqual(before);
    const five = withSigners(trial.context, { root: [...all.slice(4), ...fresh] });
    await rotateReleases(five, rotation(all.slice(4)));
    const client = clientOf(trial);
    expect((await client.sync()).versions.root).toBe(2);
  });

  it.each(['release', 'rustup', 'nightly'] as const)(
    'gives %s other keys; the old ones sign nothing more',
    async role => {
      const trial = await openReleasesTrial();
      await publishStable(trial.context, '2030-01-01');
      await publishNightly(trial.context, '2030-01-01');
      const client = clientOf(trial);
      await client.sync();
      const old = trial.signers.get(role) ?? [];
      const fresh = makeSigners(old.length);
      trial.signers.set(role, [...old, ...fresh]);
      await rotateReleases(trial.context, { role, publicKeys: fresh.map(signer => signer.publicKey) });
      expect(await seen(trial, STABLE, client)).toBe(text(manifest('2030-01-01')));
      expect(await seen(trial, NIGHTLY, client)).toBe(text(manifest('2030-01-01')));
      trial.signers.set(role, old);
      expect(await codeOf(renewReleases(trial.context, [role]))).toBe('REPOSITORY_KEYS');
      trial.signers.set(role, fresh);
      await renewReleases(trial.context, [role]);
    },
  );

  it.each(['snapshot', 'timestamp'] as const)('gives %s another key', async role => {
    const trial = await openReleasesTrial();
    const client = clientOf(trial);
    await client.sync();
    const fresh = makeSigners(1);
    trial.signers.set(role, [...(trial.signers.get(role) ?? []), ...fresh]);
    await rotateReleases(trial.context, { role, publicKeys: fresh.map(signer => signer.publicKey) });
    trial.signers.set(role, fresh);
    await publishStable(trial.context, '2030-01-01');
    expect(await seen(trial, STABLE, client)).toBe(text(manifest('2030-01-01')));
  });

  it('takes another threshold from the policy', async () => {
    const trial = await openReleasesTrial();
    const policy = { ...trial.context.policy, root: { ...trial.context.policy.root, threshold: 6 } };
    const publicKeys = (trial.signers.get('root') ?? []).map(signer => signer.publicKey);
    await rotateReleases({ ...trial.context, policy }, { role: 'root', publicKeys });
    const { root, targets } = await readReleases(trial.bytes);
    expect([root.value.roles.get('root')?.threshold, root.value.roles.get('targets')?.threshold]).toEqual([
      6, 6,
    ]);
    expect(targets.value.delegations?.roles.find(role => role.name === 'crates-root')?.threshold).toBe(6);
    const tooMany = { ...policy, root: { ...policy.root, threshold: 10 } };
    expect(
      await codeOf(rotateReleases({ ...trial.context, policy: tooMany }, { role: 'root', publicKeys })),
    ).toBe('REPOSITORY_POLICY');
  });
});

describe('renewReleases', () => {
  it('signs offline roles again when half of their period is over and a quorum is at hand', async () => {
    const trial = await openReleasesTrial();
    const version = async () => (await readReleases(trial.bytes)).delegated.get('release')?.value.version;
    trial.now += 46 * DAY;
    await renewReleases(
      withSigners(trial.context, { release: trial.signers.get('release')?.slice(0, 2) ?? [] }),
    );
    expect(await version()).toBe(1);
    await renewReleases(trial.context);
    expect(await version()).toBe(2);
    await renewReleases(trial.context);
    expect(await version()).toBe(2);
    await renewReleases(trial.context, ['release', 'targets', 'crates-root']);
    expect(await version()).toBe(3);
  });
});

describe('the files that rustup asks for', () => {
  it('are copies of targets, with checksums, and are repaired', async () => {
    const trial = await openReleasesTrial();
    await publishStable(trial.context, '2030-01-01');
    expect(await copyPlainFiles(trial.bytes, [STABLE])).toEqual([STABLE, `${STABLE}.sha256`]);
    expect(trial.files.get(STABLE)).toEqual(manifest('2030-01-01'));
    expect(text(trial.files.get(`${STABLE}.sha256`) as Uint8Array)).toMatch(
      /^[0-9a-f]{64} {2}channel-rust-stable.toml\n$/,
    );
    expect(await copyPlainFiles(trial.bytes)).toEqual([]);
    trial.files.set(STABLE, new Uint8Array(1));
    expect(await copyPlainFiles(trial.bytes)).toEqual([STABLE]);
    await publishStable(trial.context, '2030-01-02');
    expect(await copyPlainFiles(trial.bytes)).toEqual([STABLE, `${STABLE}.sha256`]);
  });
});
