import type { LayoutId } from '../measurements.ts';
import type { Plan } from './scenarios.ts';

/** An hour has 60 snapshots: one a minute. */
const PUBLISHES = [
  [10, 10],
  [100, 60],
  [1_000, 120],
  [10_000, 180],
] as const;
const BATCHES = [
  [1, 5],
  [5, 5],
  [100, 3],
  [500, 2],
  [1_000, 2],
] as const;
/** Ours has files of what changed in the last 64 snapshots, and rewrites longer ones every 64. */
const TILES_BATCHES = [
  [1, 64],
  [5, 64],
  [100, 16],
  [500, 8],
  [1_000, 4],
] as const;
const TILES_SETTLE = 64;

/** What is measured of a layout. */
export function planOf(id: LayoutId): Plan {
  const isFlat = id === 'flat' || id === 'flat-versions';
  return {
    dependencies: isFlat
      ? [
          [1, 1],
          [10, 1],
          [100, 1],
          [1_000, 1],
        ]
      : [
          [1, 20],
          [10, 10],
          [100, 5],
          [1_000, 3],
        ],
    publishes: PUBLISHES,
    batches: id === 'tiles' ? TILES_BATCHES : BATCHES,
    settle: id === 'tiles' ? TILES_SETTLE : 0,
    skews: id === 'tiles' ? ['popular', 'uniform'] : ['popular'],
  };
}
