import { generateKeyPair } from '@cargo-tuf/keys';
import { decodeTile } from '@cargo-tuf/merkle-snapshot';
import { formatAudit, formatKey, type MapRoot, signEnvelope } from '@cargo-tuf/metadata';
import { LEAST_KEEP, type PrunableBytes, publish, readState, setAuditors } from '@cargo-tuf/repository';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Files, reachable, reachableFromMap, versionsOf } from './reachable.ts';
import { codeOf, DAY, openTrial } from './trial.ts';
import {
  KEEP,
  steps,
  run,
  slice,
  retainedSnapshots,
  garbage,
  grown,
  copyOf,
  assertAlive,
  HISTORY,
} from './prune-histories.ts';

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
