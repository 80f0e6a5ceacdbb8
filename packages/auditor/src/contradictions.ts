// What states contradict by what is signed in them, without a look into the maps.

import { type BreachRule, breachOfMaps } from '@cargo-tuf/client';
import { equalBytes } from '@cargo-tuf/keys';
import type { VerifiedState } from './signed-state.ts';

/** Rules that one state breaks alone, or that two timestamps break, beside those of succession. */
export type Rule = BreachRule | 'two-timestamps' | 'merkle-root' | 'epoch' | 'hidden';

export interface Contradiction {
  readonly rule: Rule;
  readonly map: 'crates' | 'claims' | undefined;
  readonly name: string | undefined;
  readonly message: string;
}

export const MAPS = ['crates', 'claims'] as const;
const EPOCH = 2 ** 40;

export function contradictionsWithin(state: VerifiedState): readonly Contradiction[] {
  const found: Contradiction[] = [];
  const { merkleRoot, crates, epoch } = state;
  if (merkleRoot !== crates.root) {
    const message = `merkle_root ${merkleRoot ?? 'none'} in the timestamp, ${crates.root} in crates.json`;
    found.push({ rule: 'merkle-root', map: 'crates', name: undefined, message });
  }
  for (const map of MAPS) {
    const { version } = state[map];
    if (Math.floor(version / EPOCH) <= epoch) continue;
    const message = `map version ${version} is of a later epoch than root's ${epoch}`;
    found.push({ rule: 'epoch', map, name: undefined, message });
  }
  return found;
}

/** `before` has the lower timestamp version, or the same one. */
export function contradictionsBetween(before: VerifiedState, after: VerifiedState): readonly Contradiction[] {
  if (before.version === after.version) {
    if (equalBytes(before.payload, after.payload)) return [];
    const message = `two timestamps of version ${after.version}`;
    return [{ rule: 'two-timestamps', map: undefined, name: undefined, message }];
  }
  return MAPS.flatMap(map => {
    const breach = breachOfMaps(before[map], after[map]);
    return breach === undefined ? [] : [{ ...breach, map }];
  });
}
