import { checkEvidence, formatEvidence, parseEvidence, parseEvidenceRoots } from '@cargo-tuf/auditor';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { HonestRepository } from '@cargo-tuf/simulator';
import { beforeAll, describe, expect, it } from 'vitest';
import { Auditor, misbehave, openRegistry } from './world.ts';

let honest: HonestRepository;
let evidence: Uint8Array;

beforeAll(async () => {
  honest = await openRegistry();
  const auditor = new Auditor(honest);
  await auditor.look(honest.files);
  const files = await misbehave(honest, { leaves: leaves => leaves.delete('serde') });
  const { findings } = await auditor.look(files);
  evidence = findings.find(({ rule }) => rule === 'vanished')?.evidence as Uint8Array;
});

const refused = { code: 'AUDIT_EVIDENCE', kind: 'security' };

describe('evidence', () => {
  it('says what it proves, and from which root', async () => {
    expect(await checkEvidence(evidence, honest.root)).toEqual({
      repository: '01'.repeat(32),
      fingerprint: encodeHex(sha256(honest.root)),
      proved: [{ rule: 'vanished', map: 'crates', name: 'serde', message: 'absent, after version 2' }],
      states: [
        { timestamp: 3, root: 1, crates: 3, claims: 1 },
        { timestamp: 4, root: 1, crates: 4, claims: 1 },
      ],
    });
    expect(await parseEvidenceRoots(evidence)).toEqual([honest.root]);
  });

  it('is written as it is read', () => {
    expect(formatEvidence(parseEvidence(evidence))).toEqual(evidence);
  });

  it('convinces of nothing with any byte changed, and with any part of its end gone', async () => {
    const steps = Math.max(1, Math.floor(evidence.length / 4000));
    for (let at = 0; at < evidence.length; at += steps) {
      const damaged = evidence.slice();
      damaged[at] = (damaged[at] as number) ^ (1 << (at % 7));
      await expect(checkEvidence(damaged, honest.root), `byte ${at}`).rejects.toMatchObject(refused);
      await expect(
        checkEvidence(evidence.subarray(0, at), honest.root),
        `length ${at}`,
      ).rejects.toMatchObject(refused);
    }
  });

  it('convinces nobody who trusts another root', async () => {
    const other = await openRegistry();
    await expect(checkEvidence(evidence, other.root)).rejects.toMatchObject(refused);
  });

  it('is nothing without a broken rule: an honest succession, or its states turned round', async () => {
    const parts = parseEvidence(evidence);
    const [before, after] = parts.states;
    for (const states of [[before], [after], [before, before], [after, before]]) {
      const changed = formatEvidence({ metadata: parts.metadata, roots: parts.roots, states });
      await expect(checkEvidence(changed, honest.root)).rejects.toMatchObject(refused);
    }
    const [proof, absence] = parts.leaf?.proofs ?? [];
    for (const proofs of [
      [proof, proof],
      [absence, absence],
      [absence, proof],
    ]) {
      const leaf = { map: 'crates', name: 'serde', proofs } as const;
      const changed = formatEvidence({ ...parts, leaf });
      await expect(checkEvidence(changed, honest.root)).rejects.toMatchObject(refused);
    }
    const renamed = formatEvidence({ ...parts, leaf: { ...parts.leaf, name: 'ryu' } as typeof parts.leaf });
    await expect(checkEvidence(renamed, honest.root)).rejects.toMatchObject(refused);
  });

  it('goes over a rotation of keys, and is checked from any root that the reader trusts', async () => {
    const registry = await openRegistry();
    const auditor = new Auditor(registry);
    await auditor.look(registry.files);
    await registry.rotate('timestamp');
    const files = await misbehave(registry, { leaves: leaves => leaves.delete('serde') });
    const { findings } = await auditor.look(files);
    const found = findings.find(({ rule }) => rule === 'vanished')?.evidence as Uint8Array;
    expect((await checkEvidence(found, registry.root)).states.map(({ root }) => root)).toEqual([1, 2]);
    // From the later root the older state cannot be told.
    const later = registry.files.get('metadata/2.root.json') as Uint8Array;
    await expect(checkEvidence(found, later)).rejects.toMatchObject(refused);
  });
});
