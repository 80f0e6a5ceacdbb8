import {
  type Draft,
  draftChange,
  draftedRole,
  draftHash,
  draftSigners,
  mergeDrafts,
  publishCratesRoot,
  publishTargets,
  readReleases,
  type ReleasesContext,
  renewReleases,
  rotateReleases,
  signDraft,
} from '@cargo-tuf/repository';
import type { Signer } from '@cargo-tuf/keys';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  clientOf,
  makeSigners,
  manifest,
  openReleasesTrial,
  publishNightly,
  publishStable,
  type ReleasesTrial,
  seen,
  STABLE,
  withSigners,
} from './releases-trial.ts';
import { accidentAt, codeOf, DAY, openTrial } from './trial.ts';

let trial: ReleasesTrial;
/** What the publisher's machine has: the online keys. */
let online: ReleasesContext;

const STABLE_FILES = {
  role: 'release' as const,
  files: new Map([[STABLE, manifest('2030-01-01')]]),
};
const text = (date: string): string => new TextDecoder().decode(manifest(date));

beforeEach(async () => {
  trial = await openReleasesTrial();
  online = withSigners(trial.context, { root: [], release: [], rustup: [] });
});

async function signedBy(draft: Draft, signers: readonly Signer[]): Promise<Draft> {
  let signed = draft;
  for (const signer of signers) signed = await signDraft(signed, signer);
  return signed;
}

describe('a draft of a release', () => {
  it('is published when a quorum has signed it, one after the other', async () => {
    const all = trial.signers.get('release') ?? [];
    const draft = await draftChange(online, { kind: 'targets', ...STABLE_FILES });
    expect(draft.roles.map(({ role, quorums }) => [role, quorums.map(each => each.threshold)])).toEqual([
      ['release', [3]],
    ]);
    const two = await signedBy(draft, all.slice(0, 2));
    const before = new Map(trial.files);
    await expect(publishTargets({ ...online, draft: two }, STABLE_FILES)).rejects.toMatchObject({
      code: 'REPOSITORY_KEYS',
      message: 'release: 2 usable keys, expected 3',
    });
    expect(trial.files).toEqual(before);
    const three = await signedBy(two, [all[1] as Signer, all[4] as Signer]);
    const [role] = three.roles;
    expect(role && draftSigners(three, role)).toHaveLength(3);
    trial.now += DAY / 2;
    await publishTargets({ ...online, draft: three }, STABLE_FILES);
    expect(await seen(trial, STABLE)).toBe(text('2030-01-01'));
  });

  it('is put together from copies that were signed apart', async () => {
    const all = trial.signers.get('release') ?? [];
    const draft = await draftChange(online, { kind: 'targets', ...STABLE_FILES });
    const copies = await Promise.all(all.slice(0, 3).map(signer => signDraft(draft, signer)));
    expect(new Set(copies.map(draftHash)).size).toBe(1);
    const merged = mergeDrafts(copies[0] as Draft, [...copies.slice(1), copies[1] as Draft]);
    expect(merged.roles.map(role => draftSigners(merged, role).length)).toEqual([3]);
    const files = new Map([[STABLE, manifest('2030-02-01')]]);
    const other = await draftChange(online, { kind: 'targets', role: 'release', files });
    expect(draftHash(other)).not.toBe(draftHash(draft));
    expect(() => mergeDrafts(draft, [other])).toThrow('draft of release: the copies do not say the same');
    await publishTargets({ ...online, draft: merged }, STABLE_FILES);
    expect(await seen(trial, STABLE)).toBe(text('2030-01-01'));
  });

  it('stays good while other roles are published, and not when its own is', async () => {
    const all = trial.signers.get('release') ?? [];
    const draft = await signedBy(
      await draftChange(online, { kind: 'targets', ...STABLE_FILES }),
      all.slice(0, 3),
    );
    await publishNightly(trial.context, '2030-01-01');
    const other = await signedBy(
      await draftChange(online, { kind: 'targets', ...STABLE_FILES }),
      all.slice(1, 4),
    );
    await publishTargets({ ...online, draft }, STABLE_FILES);
    await expect(publishTargets({ ...online, draft: other }, STABLE_FILES)).rejects.toMatchObject({
      code: 'REPOSITORY_DRAFT',
      message: 'draft of release: version 2, but 2 is published',
    });
  });

  it('brings nothing but what was signed', async () => {
    const all = trial.signers.get('release') ?? [];
    const draft = await signedBy(
      await draftChange(online, { kind: 'targets', ...STABLE_FILES }),
      all.slice(0, 3),
    );
    const other = { role: 'release' as const, files: new Map([[STABLE, manifest('2030-02-01')]]) };
    expect(await codeOf(publishTargets({ ...online, draft }, other))).toBe('REPOSITORY_DRAFT');
    const strangers = makeSigners(3);
    for (const stranger of strangers)
      expect(await codeOf(signDraft(draft, stranger))).toBe('REPOSITORY_KEYS');
    const forged = {
      roles: draft.roles.map(role => ({ ...role, quorums: [{ keyIds: ['a', 'b', 'c'], threshold: 1 }] })),
      keys: new Map(strangers.map((signer, index) => ['abc'[index] as string, signer.publicKey])),
    };
    const signed = await signedBy(forged, strangers);
    expect(await codeOf(publishTargets({ ...online, draft: signed }, STABLE_FILES))).toBe('REPOSITORY_KEYS');
    expect(await seen(trial, STABLE)).toBe('absent');
  });

  it('goes on where its publication was cut off', async () => {
    const all = trial.signers.get('release') ?? [];
    const draft = await signedBy(
      await draftChange(online, { kind: 'targets', ...STABLE_FILES }),
      all.slice(0, 3),
    );
    for (let at = 1; at <= 4; at++) {
      const { bytes } = accidentAt(trial.bytes, at, 'before');
      await codeOf(publishTargets({ ...online, draft, bytes }, STABLE_FILES));
    }
    await publishTargets({ ...online, draft }, STABLE_FILES);
    expect(await seen(trial, STABLE)).toBe(text('2030-01-01'));
  });

  it('is of a version whose file is free', async () => {
    const { bytes } = accidentAt(trial.bytes, 3, 'before');
    await codeOf(publishStable({ ...trial.context, bytes }, '2030-01-05'));
    const all = trial.signers.get('release') ?? [];
    const draft = await signedBy(
      await draftChange(online, { kind: 'targets', ...STABLE_FILES }),
      all.slice(0, 3),
    );
    expect(draft.roles.map(role => draftedRole(role).version)).toEqual([3]);
    await publishTargets({ ...online, draft }, STABLE_FILES);
    expect(await seen(trial, STABLE)).toBe(text('2030-01-01'));
  });
});

describe('a draft of a rotation', () => {
  it('of root is signed by those of before and of after, on root, targets and crates-root', async () => {
    await publishStable(trial.context, '2030-01-01');
    const client = clientOf(trial);
    await client.sync();
    const all = trial.signers.get('root') ?? [];
    const fresh = makeSigners(2);
    const rotation = {
      role: 'root' as const,
      publicKeys: [...all.slice(2), ...fresh].map(each => each.publicKey),
    };
    const draft = await draftChange(online, { kind: 'rotation', ...rotation });
    expect(draft.roles.map(({ role, quorums }) => [role, quorums.map(each => each.threshold)])).toEqual([
      ['root', [5, 5]],
      ['targets', [5, 5]],
      ['crates-root', [5]],
    ]);
    const few = await signedBy(draft, [...all.slice(0, 2), ...all.slice(4, 6), ...fresh]);
    await expect(rotateReleases({ ...online, draft: few }, rotation)).rejects.toMatchObject({
      message: 'root: 4 usable keys, expected 5',
    });
    await rotateReleases({ ...online, draft: await signedBy(few, [all[8] as Signer]) }, rotation);
    const { root } = await readReleases(trial.bytes);
    expect(root.value.version).toBe(2);
    expect(await seen(trial, STABLE, client)).toBe(text('2030-01-01'));
  });

  it('of release is signed by the root quorum and by the new keys', async () => {
    const fresh = makeSigners(5);
    const rotation = { role: 'release' as const, publicKeys: fresh.map(each => each.publicKey) };
    const draft = await draftChange(online, { kind: 'rotation', ...rotation });
    const roots = trial.signers.get('root')?.slice(0, 5) ?? [];
    const signed = await signedBy(draft, [...roots, ...fresh.slice(0, 3)]);
    await rotateReleases({ ...online, draft: signed }, rotation);
    expect((await readReleases(trial.bytes)).delegated.get('release')?.signers).toHaveLength(3);
  });

  it('of nightly has the root quorum in it, and the new key at hand', async () => {
    const fresh = makeSigners(1);
    const rotation = { role: 'nightly' as const, publicKeys: fresh.map(each => each.publicKey) };
    const draft = await draftChange(online, { kind: 'rotation', ...rotation });
    expect(draft.roles.map(({ role }) => role)).toEqual(['targets']);
    const signed = await signedBy(draft, trial.signers.get('root')?.slice(0, 5) ?? []);
    await rotateReleases({ ...withSigners(online, { nightly: fresh }), draft: signed }, rotation);
    await publishNightly(withSigners(online, { nightly: fresh }), '2030-01-01');
  });
});

describe('a draft of the root quorum', () => {
  it('lists a root of the registry', async () => {
    const registry = await openTrial();
    const roots = [registry.files.get('metadata/1.root.json') as Uint8Array];
    const draft = await draftChange(online, { kind: 'crates-root', roots });
    const signed = await signedBy(draft, trial.signers.get('root')?.slice(4) ?? []);
    await publishCratesRoot({ ...online, draft: signed }, roots);
    expect((await readReleases(trial.bytes)).delegated.get('crates-root')?.value.targets.size).toBe(1);
  });

  it('renews root, targets and crates-root', async () => {
    const roles = ['root', 'targets', 'crates-root'] as const;
    const draft = await draftChange(online, { kind: 'renewal', roles });
    expect(draft.roles.map(({ quorums }) => quorums.length)).toEqual([1, 1, 1]);
    const signed = await signedBy(draft, trial.signers.get('root')?.slice(0, 5) ?? []);
    await renewReleases({ ...online, draft: signed }, roles);
    const { root, targets, delegated } = await readReleases(trial.bytes);
    const versions = [root.value.version, targets.value.version, delegated.get('crates-root')?.value.version];
    expect(versions).toEqual([2, 2, 2]);
  });
});
