import { fail } from './errors.ts';

/** What one `sync` may read (facts of other clients: python-tuf, go-tuf and tuf-js use the same first four). */
export interface ClientLimits {
  /** Bytes of a root.json. */
  readonly root: number;
  /** Bytes of timestamp.json. */
  readonly timestamp: number;
  /** Bytes of snapshot.json; a length in its parent can only lower it. */
  readonly snapshot: number;
  /** Bytes of a targets role; a length in its parent can only lower it. */
  readonly targets: number;
  /** Bytes of one target that is held in memory: an index entry, config.json. */
  readonly target: number;
  /** Bytes of one target that is downloaded in pieces. */
  readonly download: number;
  /** Roots that one sync follows: an endless chain of roots would be an endless sync. */
  readonly rootRotations: number;
  /** Delegations that one search for a target visits. */
  readonly delegations: number;
  /** Requests under way at once for one lookup. */
  readonly parallel: number;
  /** Milliseconds that a snapshot may be used after the sync that made it. */
  readonly run: number;
  /** Milliseconds that the clock may fall behind the latest time seen. */
  readonly clockSlack: number;
}

export const CLIENT_LIMITS: ClientLimits = {
  root: 512_000,
  timestamp: 16_384,
  snapshot: 2_000_000,
  targets: 5_000_000,
  target: 16 * 1024 * 1024,
  download: 2 * 1024 * 1024 * 1024,
  rootRotations: 256,
  delegations: 32,
  parallel: 64,
  run: 6 * 60 * 60 * 1000,
  clockSlack: 24 * 60 * 60 * 1000,
};

/** Bytes of a tile (docs/pouf.md section 5). */
export const TILE_BYTES = 65_536;
/** Tiles that one walk crosses (docs/pouf.md section 5). */
export const WALK_TILES = 64;

/** A limit that is no whole number would be one that is never reached. */
export function assertLimits(limits: object): void {
  for (const [name, limit] of Object.entries(limits) as [string, number][]) {
    const least = name === 'parallel' ? 1 : 0;
    if (Number.isSafeInteger(limit) && limit >= least) continue;
    throw fail('CLIENT_LIMIT', `limits: ${name} is ${limit}, expected a whole number from ${least}`, {
      details: { limit: name },
    });
  }
}
