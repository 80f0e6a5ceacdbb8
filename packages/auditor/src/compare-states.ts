// Two states of one repository, their maps walked side by side; what contradicts becomes evidence.

import { auditSuccession, mapChanges, shapeOf, tileOpener, type TilePorts } from '@cargo-tuf/client';
import { decodeHex } from '@cargo-tuf/keys';
import { proveByTiles } from '@cargo-tuf/merkle-snapshot';
import type { MapRoot } from '@cargo-tuf/metadata';
import { type Contradiction, contradictionsBetween, contradictionsWithin, MAPS } from './contradictions.ts';
import { formatEvidence, type LeafEvidence } from './evidence.ts';
import type { RootChain, VerifiedState } from './signed-state.ts';

export interface Finding extends Contradiction {
  /** The file that convinces others; undefined where a finding cannot be cut down to one. */
  readonly evidence: Uint8Array | undefined;
}

export interface Comparison {
  /** Leaves that are new, changed or gone. */
  readonly changes: number;
  readonly findings: readonly Finding[];
}

export type ComparePorts = Omit<TilePorts, 'shape' | 'subject'> & { readonly chain: RootChain };

/** Findings of which evidence is made, for each map; the rest is told. */
const EVIDENCE = 8;

/**
 * `before`: undefined for the first state that is seen, whose maps are then read whole. Costs O(changes) otherwise. Throws what
 * a client would throw where tiles cannot be had: whether the state is right can then not be told.
 */
export async function compareStates(
  ports: ComparePorts,
  before: VerifiedState | undefined,
  after: VerifiedState,
): Promise<Comparison> {
  const states = before === undefined ? [after] : [before, after];
  const findings: Finding[] = [
    ...contradictionsWithin(after).map(each => ({ ...each, evidence: evidenceOf(ports, [after]) })),
    ...(before === undefined ? [] : contradictionsBetween(before, after)).map(each => ({
      ...each,
      evidence: evidenceOf(ports, states),
    })),
  ];
  let changes = 0;
  // Timestamps of one version have no order: there is nothing that one should follow from.
  if (before?.version === after.version) return { changes, findings };
  for (const map of MAPS) {
    const tiles: TilePorts = { ...ports, shape: shapeOf(map, after.repository), subject: map };
    const walk = (from: MapRoot | undefined): ReturnType<typeof mapChanges> =>
      mapChanges(tiles, from, after[map]);
    const report = await auditSuccession(before?.[map], after[map], walk(before?.[map]), () =>
      walk(undefined),
    );
    changes += report.changes;
    let made = 0;
    for (const breach of report.breaches) {
      if (breach.name === undefined) {
        if (breach.rule === 'size') findings.push({ ...breach, map, evidence: undefined });
        continue;
      }
      made += 1;
      const leaf = made > EVIDENCE ? undefined : await proveLeaf(tiles, states, map, breach.name);
      findings.push({ ...breach, map, evidence: leaf && evidenceOf(ports, states, leaf) });
    }
  }
  return { changes, findings };
}

async function proveLeaf(
  tiles: TilePorts,
  states: readonly VerifiedState[],
  map: 'crates' | 'claims',
  name: string,
): Promise<LeafEvidence> {
  const open = tileOpener(tiles);
  const proofs = [];
  for (const state of states)
    proofs.push(await proveByTiles(tiles.shape, decodeHex(state[map].root, 32), name, open));
  return { map, name, proofs };
}

function evidenceOf(
  { chain }: ComparePorts,
  states: readonly VerifiedState[],
  leaf?: LeafEvidence,
): Uint8Array {
  const newest = Math.max(...states.map(({ files }) => files.root));
  const roots = chain.map(({ root }) => root).filter(({ value }) => value.version <= newest);
  const [first] = chain;
  return formatEvidence({
    metadata: first?.reading.format ?? 'json',
    roots: roots.map(({ bytes }) => bytes),
    states: states.map(({ files }) => files),
    leaf,
  });
}
