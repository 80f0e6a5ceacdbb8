// A repository whose online keys do what they must not: each way is seen by who follows it, and the evidence convinces
// somebody who has nothing but the root.

import { checkEvidence, type Rule } from '@cargo-tuf/auditor';
import { generateKeyPair } from '@cargo-tuf/keys';
import { encodeChanges, type Leaf } from '@cargo-tuf/merkle-snapshot';
import { HonestRepository, indexEntry, SimulatedClock } from '@cargo-tuf/simulator';
import { describe, expect, it } from 'vitest';
import { Auditor, type Misdeed, misbehave, openRegistry } from './world.ts';

const change = (leaves: Map<string, Leaf>, name: string, fields: Partial<Leaf>): void => {
  leaves.set(name, { ...(leaves.get(name) as Leaf), ...fields });
};
const OTHER = { length: 7, sha256: new Uint8Array(32).fill(7) };

const MISDEEDS: readonly (readonly [string, Rule, Misdeed])[] = [
  ['drops a crate', 'vanished', { leaves: leaves => leaves.delete('serde') }],
  ['lowers a version', 'lowered', { leaves: leaves => change(leaves, 'itoa', { version: 2 }) }],
  ['changes bytes and not the version', 'changed', { leaves: leaves => change(leaves, 'itoa', OTHER) }],
  [
    'makes bytes older than they are',
    'backdated',
    { leaves: leaves => change(leaves, 'serde', { ...OTHER, version: 3 }) },
  ],
  [
    'slips an old name in',
    'backdated',
    { leaves: leaves => leaves.set('evil', { ...(leaves.get('ryu') as Leaf), name: 'evil' }) },
  ],
  [
    'has a leaf above its map',
    'above-map',
    { leaves: (leaves, tree) => change(leaves, 'ryu', { ...OTHER, version: tree + 1 }) },
  ],
  ['lowers the map', 'map-lowered', { tree: tree => tree - 1 }],
  [
    'has two maps of one version',
    'two-roots',
    { tree: tree => tree, leaves: leaves => change(leaves, 'ryu', OTHER) },
  ],
  ['states another root in the timestamp', 'merkle-root', { merkleRoot: '11'.repeat(32) }],
  [
    'hides a change from clients that remember',
    'hidden',
    {
      leaves: (leaves, tree) => change(leaves, 'ryu', { ...OTHER, version: tree }),
      changes: (root, to) =>
        encodeChanges({ to, span: 1, runs: [{ start: root.slice(0, 8), prefixes: new Uint32Array(0) }] }),
    },
  ],
  [
    'says of another past what changed since',
    'hidden',
    {
      leaves: (leaves, tree) => change(leaves, 'ryu', { ...OTHER, version: tree }),
      changes: (_, to) =>
        encodeChanges({ to, span: 1, runs: [{ start: new Uint8Array(8), prefixes: new Uint32Array(0) }] }),
    },
  ],
  ['runs ahead of its epoch', 'epoch', { tree: () => 2 ** 40 + 1 }],
];

describe('a repository that', () => {
  it.each(MISDEEDS)('%s is caught: %s', async (_, rule, misdeed) => {
    const honest = await openRegistry();
    const auditor = new Auditor(honest);
    expect((await auditor.look(honest.files)).findings).toEqual([]);
    const files = await misbehave(honest, misdeed);
    const { findings } = await auditor.look(files);
    expect(findings.map(each => each.rule)).toContain(rule);
    const finding = findings.find(each => each.rule === rule);
    const verdict = await checkEvidence(finding?.evidence as Uint8Array, honest.root);
    expect(verdict.proved.map(each => each.rule)).toContain(rule);
    // It never goes on record, so it is seen again.
    expect((await auditor.look(files)).findings.map(each => each.rule)).toContain(rule);
    expect([...auditor.records.kept.keys()]).toEqual([3]);
  });

  it('shows two faces under one timestamp version is caught by who sees both', async () => {
    const honest = await openRegistry();
    const face = await misbehave(honest, {
      timestamp: version => version,
      leaves: leaves => change(leaves, 'ryu', OTHER),
    });
    const byMirror = await new Auditor(honest).look(honest.files, { others: [face] });
    expect(byMirror.findings.map(each => each.rule)).toEqual(['two-timestamps']);
    const stamp = face.get('metadata/timestamp.json') as Uint8Array;
    const files = new Map([...face, ...honest.files]);
    const byClient = await new Auditor(honest).look(files, { timestamps: [stamp] });
    expect(byClient.findings.map(each => each.rule)).toEqual(['two-timestamps']);
    const verdict = await checkEvidence(byClient.findings[0].evidence as Uint8Array, honest.root);
    expect(verdict.proved.map(each => each.rule)).toEqual(['two-timestamps']);
    expect(verdict.states.map(each => each.timestamp)).toEqual([3, 3]);
  });

  it('keeps a leaf of an earlier epoch is caught', async () => {
    const honest = await openRegistry();
    const auditor = new Auditor(honest);
    await auditor.look(honest.files);
    const before = honest.copy();
    await honest.raiseEpoch();
    const raised = await auditor.look(honest.files);
    expect(raised.findings).toEqual([]);
    expect(raised.changes).toBe(4);
    const late = new Auditor(honest);
    await late.look(before);
    const files = await misbehave(honest, { leaves: leaves => change(leaves, 'libc', { version: 2 }) });
    const { findings } = await late.look(files);
    expect(findings.map(each => each.rule)).toContain('not-restated');
    const evidence = findings.find(each => each.rule === 'not-restated')?.evidence as Uint8Array;
    expect((await checkEvidence(evidence, honest.root)).proved[0].name).toBe('libc');
  });
});

describe('an honest repository', () => {
  it('is followed over publishes, deletions, renewals and rotations, at the cost of what changed', async () => {
    const honest = await openRegistry();
    const auditor = new Auditor(honest);
    expect((await auditor.look(honest.files)).changes).toBe(4);
    const states = [honest.copy()];
    for (const step of [
      () => honest.publish({ entries: new Map([['ryu', indexEntry('ryu', '1.0.0', '1.0.1')]]) }),
      () => honest.publish({ deleted: ['libc'] }),
      () => honest.renew(),
      () => honest.rotate('timestamp'),
      () => honest.rotate('crates'),
      () => honest.publish({ entries: new Map([['libc', indexEntry('libc', '2.0.0')]]) }),
    ]) {
      await step();
      states.push(honest.copy());
      const look = await auditor.look(honest.files);
      expect(look.findings).toEqual([]);
      expect(look.changes).toBeLessThanOrEqual(1);
    }
    // A mirror that lags shows states that lie between those on record.
    const late = new Auditor(honest);
    await late.look(states[0]);
    await late.look(honest.files);
    for (const state of states.slice(1, 4)) {
      const look = await late.look(honest.files, {
        timestamps: [state.get('metadata/timestamp.json') as Uint8Array],
      });
      expect(look.findings).toEqual([]);
    }
  });

  it('with thousands of crates is followed by the tiles on the changed paths alone', async () => {
    const honest = await HonestRepository.create({ clock: new SimulatedClock() });
    const names = Array.from({ length: 3000 }, (_, index) => `crate-${index}`);
    await honest.publish({ entries: new Map(names.map(name => [name, indexEntry(name, '1.0.0')])) });
    const auditor = new Auditor(honest);
    await auditor.look(honest.files);
    await honest.publish({ entries: new Map([['crate-7', indexEntry('crate-7', '1.0.0', '1.0.1')]]) });
    const asked: string[] = [];
    const files = new Map(honest.files);
    files.get = path => {
      asked.push(path);
      return honest.files.get(path);
    };
    const look = await auditor.look(files);
    expect(look.changes).toBe(1);
    expect(asked.filter(path => path.endsWith('.tile')).length).toBeLessThanOrEqual(3);
  });

  it('that lacks a tile cannot be told right: it is neither accused nor put on record', async () => {
    const honest = await openRegistry();
    const files = new Map([...honest.files].filter(([path]) => !path.endsWith('.tile')));
    const auditor = new Auditor(honest);
    await expect(auditor.look(files)).rejects.toMatchObject({ code: 'CLIENT_MISSING' });
    expect(auditor.records.kept.size).toBe(0);
  });

  it('whose keys were never used by a stranger is not accused by him', async () => {
    const honest = await openRegistry();
    const auditor = new Auditor(honest);
    await auditor.look(honest.files);
    honest.signers.set('timestamp', [generateKeyPair('ed25519').signer]);
    const files = await misbehave(honest, { leaves: leaves => leaves.delete('serde') });
    await expect(auditor.look(files)).rejects.toMatchObject({ code: 'METADATA_THRESHOLD' });
  });
});
