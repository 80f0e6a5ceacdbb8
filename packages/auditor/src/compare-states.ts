// Two states of one repository, their maps walked side by side; what contradicts becomes evidence.

import { auditSuccession, mapChanges, shapeOf, tileOpener, type TilePorts } from '@cargo-tuf/client';
import { decodeHex } from '@cargo-tuf/keys';
import { type LeafChange, proveByTiles } from '@cargo-tuf/merkle-snapshot';
import type { MapRoot } from '@cargo-tuf/metadata';
import { type Contradiction, contradictionsBetween, contradictionsWithin, MAPS } from './contradictions.ts';
import { formatEvidence, type LeafEvidence } from './evidence.ts';
import { hiddenChanges } from './hidden-changes.ts';
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
    const names: string[] = [];
    const walk = (from: MapRoot | undefined): AsyncIterable<LeafChange> =>
      mapChanges(tiles, from, after[map]);
    const report = await auditSuccession(before?.[map], after[map], noting(walk(before?.[map]), names), () =>
      walk(undefined),
    );
    changes += report.changes;
    const hidden =
      before === undefined || map === 'claims'
        ? { found: [], files: [] }
        : await hiddenChanges(ports, before, after, names);
    let made = 0;
    for (const found of [...report.breaches.map(each => ({ ...each, map })), ...hidden.found]) {
      if (found.rule === 'map-lowered' || found.rule === 'two-roots') continue; // told above
      const files = found.rule === 'hidden' ? hidden.files : undefined;
      if (found.name === undefined) {
        findings.push({ ...found, evidence: files && evidenceOf(ports, states, undefined, files) });
        continue;
      }
      made += 1;
      const leaf = made > EVIDENCE ? undefined : await proveLeaf(tiles, states, map, found.name);
      findings.push({ ...found, evidence: leaf && evidenceOf(ports, states, leaf, files) });
    }
  }
  return { changes, findings };
}

/** More changes than these are not compared with what is signed to have changed. */
const NOTED = 100_000;

/** The same changes, whose names are noted. */
async function* noting(changes: AsyncIterable<LeafChange>, names: string[]): AsyncGenerator<LeafChange> {
  for await (const change of changes) {
    const name = (change.after ?? change.before)?.name;
    if (name !== undefined && names.length < NOTED) names.push(name);
    yield change;
  }
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
  changes?: readonly Uint8Array[],
): Uint8Array {
  const newest = Math.max(...states.map(({ files }) => files.root));
  const roots = chain.map(({ root }) => root).filter(({ value }) => value.version <= newest);
  const [first] = chain;
  return formatEvidence({
    metadata: first?.reading.format ?? 'json',
    roots: roots.map(({ bytes }) => bytes),
    states: states.map(({ files }) => files),
    leaf,
    changes,
  });
}
