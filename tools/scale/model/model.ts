// What a check and a publish take in a layout, computed: for registries that are too large to build, and to see that what was measured is
// understood. Sizes of trees and bins follow from keys that are spread evenly; lengths of files from constants, which are those of
// smaller registries.

import type { Count } from '../transport/tally.ts';

export interface ModelledCheck {
  readonly bytes: number;
  /** Requests of each round. */
  readonly perRound: readonly number[];
}

export interface LayoutModel {
  /** A first check of these crates. */
  cold(crates: readonly number[]): ModelledCheck;
  /** A check by a client that was up to date before these crates were published. */
  warm(crates: readonly number[], published: readonly number[]): ModelledCheck;
  /** What one snapshot with these crates makes a registry write. */
  publish(crates: readonly number[]): Count;
}

/** Requests that every client begins with, side by side: the next root, which is not there, and the timestamp. */
export const FIRST_ROUND = 2;

/** Without rounds in which nothing is asked for. */
export function check(bytes: number, perRound: readonly number[]): ModelledCheck {
  return { bytes, perRound: perRound.filter(requests => requests > 0) };
}

/** How many of `crates` are among `published`. */
export function published(crates: readonly number[], changed: readonly number[]): number {
  const set = new Set(changed);
  return crates.filter(crate => set.has(crate)).length;
}
