import { generateKeyPair } from '@cargo-tuf/keys';
import {
  createRepository,
  publishCratesRoot,
  readReleases,
  readTarget,
  renewRoot,
  rotate,
  type RoleName,
} from '@cargo-tuf/repository';
import { beforeEach, describe, expect, it } from 'vitest';
import { openReleasesTrial, type ReleasesTrial, withSigners } from './releases-trial.ts';
import { codeOf, CREATION, openTrial, publicKeys, type Trial } from './trial.ts';

let trial: ReleasesTrial;
let registry: Trial;

beforeEach(async () => {
  trial = await openReleasesTrial();
  registry = await openTrial();
});

async function rotateRegistry(of: Trial, role: RoleName = 'root'): Promise<void> {
  const next = generateKeyPair('ed25519').signer;
  of.signers.set(role, [...(of.signers.get(role) ?? []), next]);
  await rotate(of.context, { role, publicKeys: [next.publicKey] });
}

function rootsOf(of: Trial): Uint8Array[] {
  const roots: Uint8Array[] = [];
  for (let version = 1; of.files.has(`metadata/${version}.root.json`); version++)
    roots.push(of.files.get(`metadata/${version}.root.json`) as Uint8Array);
  return roots;
}

/** A root of the same registry, in the version after `after`, that only its own keys signed. */
async function unrelatedRoot(after: number): Promise<Uint8Array> {
  const other = await openTrial({ create: false });
  await createRepository(other.context, { ...CREATION, publicKeys: publicKeys(other.signers) });
  for (let version = 1; version <= after; version++) await renewRoot(other.context);
  return rootsOf(other)[after] as Uint8Array;
}

describe('publishCratesRoot', () => {
  it('lists every root from 1 on, byte for byte, and adds those that come', async () => {
    await publishCratesRoot(trial.context, rootsOf(registry));
    await rotateRegistry(registry);
    await rotateRegistry(registry, 'timestamp');
    await publishCratesRoot(trial.context, rootsOf(registry));
    const role = (await readReleases(trial.bytes)).delegated.get('crates-root')?.value;
    expect([...(role?.targets.keys() ?? [])]).toEqual(
      [1, 2, 3].map(version => `crates-root/${version}.root.json`),
    );
    for (const [index, bytes] of rootsOf(registry).entries())
      expect(role && (await readTarget(trial.bytes, role, `crates-root/${index + 1}.root.json`))).toEqual(
        bytes,
      );
  });

  it('needs the quorum of root', async () => {
    const few = withSigners(trial.context, { root: trial.signers.get('root')?.slice(0, 4) ?? [] });
    const before = new Map(trial.files);
    await expect(publishCratesRoot(few, rootsOf(registry))).rejects.toMatchObject({
      code: 'REPOSITORY_KEYS',
      message: 'crates-root: 4 usable keys, expected 5',
    });
    expect(trial.files).toEqual(before);
  });

  it.each([
    ['none', (): Uint8Array[] => []],
    ['one that leaves a version out', (roots: Uint8Array[]) => [roots[0], roots[2]]],
    ['one that begins later', (roots: Uint8Array[]) => roots.slice(1)],
    ['one with a damaged root', (roots: Uint8Array[]) => [roots[0], (roots[1] ?? []).slice(0, -3)]],
    ['one with a root that is no root', (roots: Uint8Array[]) => [...roots, new Uint8Array([123])]],
  ])('refuses a list of %s, and writes nothing', async (_what, change) => {
    await rotateRegistry(registry);
    await rotateRegistry(registry);
    const before = new Map(trial.files);
    const roots = change(rootsOf(registry)) as Uint8Array[];
    expect(await codeOf(publishCratesRoot(trial.context, roots))).toBe('REPOSITORY_CRATES_ROOT');
    expect(trial.files).toEqual(before);
  });

  it('refuses to take back or to change what is listed, re-anchoring or not', async () => {
    await rotateRegistry(registry);
    const roots = rootsOf(registry);
    await publishCratesRoot(trial.context, roots);
    const changed = [roots[0] as Uint8Array, await unrelatedRoot(1)];
    for (const reanchor of [false, true]) {
      for (const list of [roots.slice(0, 1), changed]) {
        expect(await codeOf(publishCratesRoot(trial.context, list, { reanchor }))).toBe(
          'REPOSITORY_CRATES_ROOT',
        );
      }
    }
  });

  it('lists a root that breaks the chain only when it is asked for, and goes on from there', async () => {
    await publishCratesRoot(trial.context, rootsOf(registry));
    const broken = [...rootsOf(registry), await unrelatedRoot(1)];
    await expect(publishCratesRoot(trial.context, broken)).rejects.toMatchObject({
      code: 'REPOSITORY_CRATES_ROOT',
      kind: 'security',
      message:
        'crates-root/2.root.json: does not follow the root before it: crates-root 2: signed by 0 of its keys, expected 1',
    });
    await publishCratesRoot(trial.context, broken, { reanchor: true });
    await publishCratesRoot(trial.context, broken);
    const role = (await readReleases(trial.bytes)).delegated.get('crates-root')?.value;
    expect(role?.targets.size).toBe(2);
  });

  it('refuses the root of another repository, re-anchoring or not', async () => {
    const other = await openTrial({ create: false });
    const options = {
      ...CREATION,
      repositoryId: new Uint8Array(32).fill(9),
      publicKeys: publicKeys(other.signers),
    };
    await createRepository(other.context, options);
    await renewRoot(other.context);
    const list = [...rootsOf(registry), rootsOf(other)[1] as Uint8Array];
    for (const reanchor of [false, true])
      expect(await codeOf(publishCratesRoot(trial.context, list, { reanchor }))).toBe(
        'REPOSITORY_CRATES_ROOT',
      );
  });
});
