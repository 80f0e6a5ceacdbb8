import { indexPathOfLowerCase } from '@cargo-tuf/crate-index';
import { generateKeyPair, type Signer } from '@cargo-tuf/keys';
import { decodeTile, MerkleTree, tilePath } from '@cargo-tuf/merkle-snapshot';
import { formatAudit, formatKey, type MapRoot, signEnvelope } from '@cargo-tuf/metadata';
import {
  LEAST_KEEP,
  openMemoryBytes,
  type PrunableBytes,
  prune,
  type PruneOptions,
  publish,
  readState,
  renewRoot,
  rotate,
  setAuditors,
} from '@cargo-tuf/repository';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
const KEEP = 2 * DAY;
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
const steps: fc.Arbitrary<Step> = fc.oneof(
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

const run = (trial: Trial, options: PruneOptions & { readonly bytes?: PrunableBytes } = {}) =>
  prune({ bytes: options.bytes ?? trial.bytes, clock: trial.context.clock }, { keep: KEEP, ...options });

const slice = (from: number, count: number, vers: number) =>
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
function retainedSnapshots(files: Files, newest: number, horizon: number): readonly number[] {
  return versionsOf(files, 'snapshot.json').filter(
    version => version >= newest || snapshotOf(files, version).expires > horizon,
  );
}

/** The files that a prune shall remove, by full mark and sweep. */
async function garbage(files: Files, trial: Trial, horizon: number): Promise<Set<string>> {
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

async function grown(seed: readonly Step[]): Promise<Trial> {
  const trial = await openTrial();
  for (const step of seed) await take(trial, step);
  trial.now += HOUR;
  await publish(trial.context);
  return trial;
}

function copyOf(files: Files): PrunableBytes & { readonly files: Map<string, Uint8Array> } {
  const bytes = openMemoryBytes();
  for (const [path, content] of files) bytes.files.set(path, content);
  return bytes;
}

/** Publishes, takes a yank back, and reads everything; all tiles that the next publisher counts on are there. */
async function assertAlive(trial: Trial): Promise<void> {
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
const HISTORY: readonly Step[] = [
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

describe('prune', () => {
  it('removes exactly what no retained snapshot leads to, after any history', async () => {
    let removed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 8, maxLength: 24, size: 'max' }), async history => {
        const trial = await grown(history);
        const before = new Map(trial.files);
        const expected = await garbage(before, trial, trial.now - KEEP);
        const retained = retainedSnapshots(
          before,
          (await readState(trial.bytes, [])).snapshot.value.version,
          trial.now - KEEP,
        );
        const pinned = new Set(retained.flatMap(version => [...reachable(before, version)]));

        const dry = await run(trial, { dryRun: true });
        expect(trial.files).toEqual(before);
        const report = await run(trial);
        expect(report).toEqual(dry);
        const gone = [...before.keys()].filter(path => !trial.files.has(path));
        expect(new Set(gone)).toEqual(expected);
        for (const path of pinned) expect(trial.files.get(path), path).toBe(before.get(path));
        expect(report).toEqual({
          retained: retained.length,
          retired: versionsOf(before, 'snapshot.json').length - retained.length,
          tiles: gone.filter(path => path.endsWith('.tile')).length,
          entries: gone.filter(path => path.startsWith('targets/') && !path.endsWith('.json')).length,
          files: gone.length,
          bytes: gone.reduce((sum, path) => sum + (before.get(path)?.length ?? 0), 0),
        });
        removed += gone.length;
        expect((await run(trial)).files).toBe(0);
        await assertAlive(trial);
      }),
      { numRuns: 30 },
    );
    // Several files a history, or the property would say little.
    expect(removed).toBeGreaterThan(100);
  });

  it.each(['before', 'after'] as const)('cut off %s any removal, is finished by the next one', async when => {
    const trial = await grown(HISTORY);
    const horizon = trial.now - KEEP;
    const before = new Map(trial.files);
    const expected = await garbage(before, trial, horizon);
    const kept = [...before.keys()].filter(path => !expected.has(path)).sort();
    expect(expected.size).toBeGreaterThan(30);
    for (let at = 0; at < expected.size; at++) {
      const bytes = copyOf(before);
      let removals = 0;
      const cutOff: PrunableBytes = {
        ...bytes,
        remove: async path => {
          const isLast = removals++ === at;
          if (isLast && when === 'before') throw new Error('killed');
          await bytes.remove(path);
          if (isLast) throw new Error('killed');
        },
      };
      await expect(run(trial, { bytes: cutOff })).rejects.toThrow('killed');
      expect(kept.every(path => bytes.files.has(path))).toBe(true);
      await run(trial, { bytes });
      expect([...bytes.files.keys()].sort()).toEqual(kept);
    }
  });

  it('keeps a published repository working when it was cut off in the middle', async () => {
    const trial = await grown(HISTORY);
    let removals = 0;
    const bytes: PrunableBytes = {
      ...trial.bytes,
      remove: async path => {
        if (removals++ > 20) throw new Error('killed');
        await trial.bytes.remove(path);
      },
    };
    await expect(run(trial, { bytes })).rejects.toThrow('killed');
    await assertAlive(trial);
    await run(trial);
    await assertAlive(trial);
  });

  it('refuses where a retained tile or role is missing or wrong, and removes nothing', async () => {
    const trial = await grown(HISTORY);
    const { snapshot } = await readState(trial.bytes, []);
    const retained = retainedSnapshots(trial.files, snapshot.value.version, trial.now - KEEP);
    const pinned = new Set(retained.flatMap(version => [...reachable(trial.files, version)]));
    const spare = /\.(?:counts|changes|bundle)$|^targets\//;
    const checked = [...pinned].filter(path => !spare.test(path));
    expect(checked.length).toBeGreaterThan(15);
    for (const path of checked) {
      for (const damage of ['missing', 'wrong'] as const) {
        const bytes = copyOf(trial.files);
        const content = bytes.files.get(path) as Uint8Array;
        // A snapshot that is missing is one that never was.
        if (
          damage === 'missing' &&
          path.endsWith('.snapshot.json') &&
          !path.includes(`/${snapshot.value.version}.`)
        )
          continue;
        if (damage === 'missing') bytes.files.delete(path);
        else
          bytes.files.set(
            path,
            content.with(content.length >> 1, (content[content.length >> 1] as number) ^ 1),
          );
        const damaged = [...bytes.files];
        const code = await codeOf(run(trial, { bytes }));
        expect(code, `${path} ${damage}`).not.toBe('done');
        if (path.startsWith('map/')) expect(code, `${path} ${damage}`).toBe('REPOSITORY_DAMAGED');
        expect([...bytes.files]).toEqual(damaged);
      }
    }
  });

  it('passes over a retired tile that is damaged, and does not believe a retired snapshot that is', async () => {
    const trial = await grown(HISTORY);
    const expected = await garbage(trial.files, trial, trial.now - KEEP);
    const tile = [...expected].find(
      path => path.endsWith('.tile') && decodeTile(trial.files.get(path) as Uint8Array).kind === 'bucket',
    ) as string;
    const bytes = copyOf(trial.files);
    bytes.files.set(tile, new Uint8Array(3));
    await run(trial, { bytes });
    expect(bytes.files.has(tile)).toBe(false);
    const snapshot = [...expected].find(path => path.endsWith('.snapshot.json')) as string;
    const other = copyOf(trial.files);
    const content = other.files.get(snapshot) as Uint8Array;
    const at = Buffer.from(content).indexOf('"expires":"20') + '"expires":"20'.length;
    other.files.set(snapshot, content.with(at, 0x39));
    expect(await codeOf(run(trial, { bytes: other }))).toBe('REPOSITORY_DAMAGED');
    expect(other.files.size).toBe(trial.files.size);
  });

  it('keeps the maps that audits state as long as these count', async () => {
    const trial = await openTrial();
    const auditor = generateKeyPair('ed25519').signer;
    const { keyId } = formatKey(auditor.publicKey);
    await setAuditors(trial.context, { publicKeys: [auditor.publicKey], required: 1 });
    await publish(trial.context, { entries: slice(0, 50, 0) });
    const state = await readState(trial.bytes, []);
    const mapOf = (role: 'crates' | 'claims'): MapRoot => {
      const { root, version, size } = state[role].value.map as MapRoot;
      return { root, version, size };
    };
    const audit = formatAudit({
      version: state.timestamp.value.version,
      expires: trial.now + 20 * DAY,
      repository: state.repository,
      crates: mapOf('crates'),
      claims: mapOf('claims'),
    });
    const path = `audits/${keyId}.json`;
    trial.files.set(path, await signEnvelope(audit, [auditor]));
    const { paths } = reachableFromMap(trial.files, mapOf('crates'));
    const tiles = [...paths].filter(each => each.endsWith('.tile'));
    const standing = (files: Files) => tiles.filter(each => files.has(each)).length;
    expect(tiles.length).toBeGreaterThan(2);

    trial.now += 10 * DAY;
    await publish(trial.context, { entries: slice(0, 50, 1) });
    await run(trial);
    expect(standing(trial.files)).toBe(tiles.length);
    const stranger = copyOf(trial.files);
    stranger.files.set(path, await signEnvelope(audit, [generateKeyPair('ed25519').signer]));
    await run(trial, { bytes: stranger });
    expect(standing(stranger.files)).toBe(0);
    trial.now += 10 * DAY + KEEP;
    await publish(trial.context);
    await run(trial);
    expect(standing(trial.files)).toBe(0);
    expect(trial.files.has(path)).toBe(true);
  });

  it('refuses to keep less than clients need, and to go by a clock that finds everything expired', async () => {
    const trial = await grown([]);
    for (const keep of [LEAST_KEEP - 1, 0, Number.NaN])
      expect(await codeOf(run(trial, { keep }))).toBe('REPOSITORY_POLICY');
    trial.now += 2 * DAY;
    expect(await codeOf(run(trial))).toBe('REPOSITORY_EXPIRED');
  });

  it('tells how far it is', async () => {
    const trial = await grown(HISTORY);
    const seen: (readonly [string, number, number])[] = [];
    await run(trial, { onProgress: (...step) => seen.push(step) });
    expect(seen.every(([, done, total]) => done >= 1 && done <= total)).toBe(true);
    expect(new Set(seen.map(([phase]) => phase))).toEqual(new Set(['read', 'sweep']));
    expect(seen.at(-1)?.[1]).toBe(seen.at(-1)?.[2]);
  });
});
