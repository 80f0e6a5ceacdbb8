// How a map may come from the one before it (docs/pouf.md, section 8). Of two states of one repository, `before` the older:
//
//  1. The version of the map does not fall; one version is one root.
//  2. No name vanishes: a deleted crate has a tombstone.
//  3. The version of a leaf does not fall; one version is one content.
//  4. A leaf that is new or changed has a version above the map's before, and at most the map's after.
//  5. Where the epoch rose, every leaf was stated again, in the new epoch.
//  6. The map has as many leaves as is signed.
//
// What keeps to these can be followed from any earlier state to any later one: the rules are transitive.

import { equalBytes } from '@cargo-tuf/keys';
import type { Leaf, LeafChange } from '@cargo-tuf/merkle-snapshot';
import type { MapRoot } from '@cargo-tuf/metadata';
import { EPOCH } from './map-roots.ts';

export type BreachRule =
  | 'map-lowered'
  | 'two-roots'
  | 'vanished'
  | 'lowered'
  | 'changed'
  | 'backdated'
  | 'above-map'
  | 'not-restated'
  | 'size';

/** One broken rule, and what shows it. */
export interface Breach {
  readonly rule: BreachRule;
  /** The name whose leaves show it; undefined where the signed maps do. */
  readonly name: string | undefined;
  readonly message: string;
}

/** Rules 1: what the signed maps alone show. */
export function breachOfMaps(before: MapRoot, after: MapRoot): Breach | undefined {
  if (after.version < before.version)
    return breach('map-lowered', undefined, `map version ${after.version}, after ${before.version}`);
  if (after.version === before.version && after.root !== before.root) {
    return breach(
      'two-roots',
      undefined,
      `map version ${after.version} has root ${after.root}, and root ${before.root}`,
    );
  }
  return undefined;
}

/** Rules 2 to 5, of one name. Leaves that are the same in both keep to them, unless the epoch rose. */
export function breachOfLeaf(
  { before, after }: LeafChange,
  mapBefore: Pick<MapRoot, 'version'>,
  mapAfter: Pick<MapRoot, 'version'>,
): Breach | undefined {
  const name = (after ?? before)?.name;
  if (after === undefined)
    return before && breach('vanished', name, `absent, after version ${before.version}`);
  if (after.version > mapAfter.version)
    return breach('above-map', name, `version ${after.version} in map ${mapAfter.version}`);
  if (
    epochOf(mapBefore.version) < epochOf(mapAfter.version) &&
    epochOf(after.version) < epochOf(mapAfter.version)
  )
    return breach(
      'not-restated',
      name,
      `version ${after.version} in map ${mapAfter.version}, of a later epoch`,
    );
  if (before !== undefined) {
    if (after.version < before.version)
      return breach('lowered', name, `version ${after.version}, after ${before.version}`);
    if (isSameLeaf(before, after)) return undefined;
    if (after.version === before.version)
      return breach('changed', name, `version ${after.version} with two contents`);
  }
  if (after.version > mapBefore.version) return undefined;
  return breach(
    'backdated',
    name,
    `version ${after.version}, but map ${mapBefore.version} has ${before === undefined ? 'no such name' : `version ${before.version}`}`,
  );
}

export interface SuccessionReport {
  readonly changes: number;
  readonly breaches: readonly Breach[];
}

/** Breaches that are told one by one; a repository that drops everything is told by these. */
const BREACHES = 100;

/**
 * All rules, over the changes of the map. `before`: undefined for the first state that is seen. `unchanged` gives the leaves
 * of `after` that may break rule 5, and is asked only where the number of changes shows that one does.
 */
export async function auditSuccession(
  before: MapRoot | undefined,
  after: MapRoot,
  changes: AsyncIterable<LeafChange>,
  all: () => AsyncIterable<LeafChange>,
): Promise<SuccessionReport> {
  const from = before ?? { root: '', version: 0, size: 0 };
  const ofMaps = breachOfMaps(from, after);
  const breaches: Breach[] = ofMaps === undefined ? [] : [ofMaps];
  let count = 0;
  let added = 0;
  for await (const change of changes) {
    count += 1;
    if (change.before === undefined) added += 1;
    if (change.after === undefined) added -= 1;
    const found = breachOfLeaf(change, from, after);
    if (found !== undefined && breaches.length < BREACHES) breaches.push(found);
  }
  if (before !== undefined && epochOf(before.version) < epochOf(after.version) && count < after.size) {
    for await (const leaf of all()) {
      const found = breachOfLeaf({ before: leaf.after, after: leaf.after }, from, after);
      if (found !== undefined && breaches.length < BREACHES) breaches.push(found);
    }
  }
  if (from.size + added !== after.size) {
    breaches.push(
      breach('size', undefined, `${after.size} leaves are signed, but there are ${from.size + added}`),
    );
  }
  return { changes: count, breaches };
}

/** Undefined stands for a name that a map does not have. */
export function isSameLeaf(one: Leaf | undefined, other: Leaf | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return (
    one.version === other.version &&
    one.kind === other.kind &&
    one.length === other.length &&
    equalBytes(one.sha256, other.sha256)
  );
}

function epochOf(version: number): number {
  return Math.floor(version / EPOCH);
}

function breach(rule: BreachRule, name: string | undefined, message: string): Breach {
  return { rule, name, message };
}
