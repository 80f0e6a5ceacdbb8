// Histories of a repository that is pruned now and then, and what a naive mark-and-sweep says of them.

import { indexPathOfLowerCase } from '@cargo-tuf/crate-index';
import { generateKeyPair, type Signer } from '@cargo-tuf/keys';
import { MerkleTree, tilePath } from '@cargo-tuf/merkle-snapshot';
import {
  openMemoryBytes,
  type PrunableBytes,
  prune,
  type PruneOptions,
  publish,
  readState,
  renewRoot,
  rotate,
} from '@cargo-tuf/repository';
import fc from 'fast-check';
import { expect } from 'vitest';
import {
  type Files,
  reachable,
  reachableFromMap,
  reachableFromRole,
  roleOf,
  snapshotOf,
  tilePathsOf,
  versionsOf,
} from './reachable.ts';
import { type Accident, accidentAt, codeOf, DAY, entry, openTrial, type Trial } from './trial.ts';

const HOUR = DAY / 24;
export const KEEP = 2 * DAY;
/** Past two cuts of the map: 64 and 128 names. */
const NAMES = Array.from({ length: 150 }, (_, index) => `crate${index}`);
const ROLES = ['targets', 'claims', 'crates'] as const;

type Step =
  | { readonly kind: 'publish'; readonly from: number; readonly count: number; readonly vers: number }
  | { readonly kind: 'delete'; readonly from: number }
  | { readonly kind: 'renew' | 'renew root' | 'config' | 'lost race' | 'pass two days' | 'prune' }
  | { readonly kind: 'rotate'; readonly role: 'timestamp' | 'snapshot' | 'crates' | 'targets' }
  | { readonly kind: 'killed'; readonly from: number; readonly at: number; readonly accident: Accident };

const name = fc.nat(NAMES.length - 1);
export const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      from: name,
      count: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(60)),
      // Contents come back, as after a yank that is taken back.
      vers: fc.integer({ min: 0, max: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), from: name }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'renew' as const,
        'renew root',
        'config',
        'lost race',
        'pass two days',
        'pass two days',
        'prune',
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('rotate' as const),
      role: fc.constantFrom('timestamp' as const, 'snapshot', 'crates', 'targets'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('killed' as const),
      from: name,
      at: fc.integer({ min: 1, max: 14 }),
      accident: fc.constantFrom<Accident>('before', 'after', 'unknown, lost'),
    }),
  },
);

export const run = (trial: Trial, options: PruneOptions & { readonly bytes?: PrunableBytes } = {}) =>
  prune({ bytes: options.bytes ?? trial.bytes, clock: trial.context.clock }, { keep: KEEP, ...options });

export const slice = (from: number, count: number, vers: number) =>
  new Map(NAMES.slice(from, from + count).map(each => [each, entry(each, `1.${vers}.0`)] as const));

async function take(trial: Trial, step: Step): Promise<void> {
  const { context } = trial;
  trial.now += HOUR;
  if (step.kind === 'publish') await publish(context, { entries: slice(step.from, step.count, step.vers) });
  if (step.kind === 'delete') await codeOf(publish(context, { deleted: [NAMES[step.from] as string] }));
  if (step.kind === 'renew') await publish(context);
  if (step.kind === 'renew root') await renewRoot(context);
  if (step.kind === 'pass two days') trial.now += 2 * DAY;
  if (step.kind === 'prune') await codeOf(run(trial));
  if (step.kind === 'config')
    await publish(context, { config: new TextEncoder().encode(`{"dl":"https://${trial.now}.example/c"}`) });
  if (step.kind === 'rotate') {
    const next = generateKeyPair('ed25519').signer;
    trial.signers.set(step.role, [...(trial.signers.get(step.role) as Signer[]), next]);
    await rotate(context, { role: step.role, publicKeys: [next.publicKey] });
  }
  if (step.kind === 'lost race') {
    const base = await readState(trial.bytes, ['crate0']);
    await publish(context);
    // It starts from what stands no more, and finds out at its last write.
    expect(await codeOf(publish(context, { entries: slice(0, 1, 7), base }))).toBe('REPOSITORY_CONFLICT');
  }
  if (step.kind === 'killed') {
    const { bytes } = accidentAt(trial.bytes, step.at, step.accident);
    await codeOf(publish({ ...context, bytes }, { entries: slice(step.from, 1, 8) }));
  }
}

/** By the plain rule. */
export function retainedSnapshots(files: Files, newest: number, horizon: number): readonly number[] {
  return versionsOf(files, 'snapshot.json').filter(
    version => version >= newest || snapshotOf(files, version).expires > horizon,
  );
}

/** The files that a prune shall remove, by full mark and sweep. */
export async function garbage(files: Files, trial: Trial, horizon: number): Promise<Set<string>> {
  const state = await readState(trial.bytes, []);
  const newest = state.snapshot.value;
  const retained = new Set(retainedSnapshots(files, newest.version, horizon));
  const [needed, rest] = [new Set<string>(), new Set<string>()];
  const all = (into: Set<string>, from: Iterable<string>) => [...from].forEach(path => into.add(path));
  const named = new Set<string>();
  for (const version of versionsOf(files, 'snapshot.json')) {
    all(retained.has(version) ? needed : rest, reachable(files, version));
    for (const [file, meta] of snapshotOf(files, version).meta) named.add(`metadata/${meta.version}.${file}`);
  }
  for (const role of ROLES) {
    for (const version of versionsOf(files, `${role}.json`)) {
      const path = `metadata/${version}.${role}.json`;
      const isAbove = version > (newest.meta.get(`${role}.json`)?.version as number);
      const isUnnamed = !named.has(path) && roleOf(files, path).expires > horizon;
      const into = isAbove || isUnnamed ? needed : rest;
      if (needed.has(path)) continue;
      all(into, [path, ...reachableFromRole(files, path)]);
    }
  }
  for (const path of [...needed].filter(each => each.endsWith('.crates.json'))) {
    const { leaves } = reachableFromMap(files, roleOf(files, path).map as never);
    all(needed, tilePathsOf(state.repository, leaves));
  }
  return new Set([...rest].filter(path => !needed.has(path)));
}

export async function grown(seed: readonly Step[]): Promise<Trial> {
  const trial = await openTrial();
  for (const step of seed) await take(trial, step);
  trial.now += HOUR;
  await publish(trial.context);
  return trial;
}

export function copyOf(files: Files): PrunableBytes & { readonly files: Map<string, Uint8Array> } {
  const bytes = openMemoryBytes();
  for (const [path, content] of files) bytes.files.set(path, content);
  return bytes;
}

/** Publishes, takes a yank back, and reads everything; all tiles that the next publisher counts on are there. */
export async function assertAlive(trial: Trial): Promise<void> {
  const whole = await readState(trial.bytes);
  const repository = Uint8Array.from(Buffer.from(whole.repository, 'hex'));
  const empty = MerkleTree.from({ map: 1, repository, path: indexPathOfLowerCase }, []);
  for (const { hash } of whole.tree.tilesSince(empty)) expect(trial.files.has(tilePath(hash))).toBe(true);
  for (const vers of [0, 1, 0]) {
    trial.now += HOUR;
    await publish(trial.context, { entries: slice(0, NAMES.length, vers) });
    const { tree, snapshot } = await readState(trial.bytes);
    expect(tree.size).toBeGreaterThanOrEqual(NAMES.length);
    reachable(trial.files, snapshot.value.version);
  }
}

/** Publishes, a yank that is taken back, a leftover of a killed publisher; some of it expired long ago. */
export const HISTORY: readonly Step[] = [
  { kind: 'publish', from: 0, count: 60, vers: 0 },
  { kind: 'killed', from: 10, at: 10, accident: 'after' },
  { kind: 'killed', from: 20, at: 11, accident: 'after' },
  { kind: 'killed', from: 30, at: 12, accident: 'after' },
  { kind: 'publish', from: 3, count: 1, vers: 1 },
  { kind: 'config' },
  { kind: 'pass two days' },
  { kind: 'pass two days' },
  { kind: 'publish', from: 3, count: 2, vers: 0 },
  { kind: 'publish', from: 40, count: 30, vers: 1 },
];
