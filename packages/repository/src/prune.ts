// Removes what no client may ask for any more: tiles, entries and roles of states that expired some time ago. Marks first what
// is needed (retention.ts, needed-nodes.ts), then sweeps the maps of the rest.
//
// It can be cut off anywhere and run again. What leads to a file is removed after it: entries before their bucket, tiles before the one
// above, a map before the roles that state it. Needed files are never touched, so clients notice nothing at any moment.

import { isTufError } from '@cargo-tuf/errors';
import { countsPath, type TileAddress, tilePath, type TileParts } from '@cargo-tuf/merkle-snapshot';
import { entryPath } from './commit.ts';
import { fail } from './errors.ts';
import { HashSet } from './hash-set.ts';
import type { StatedMap } from './named-files.ts';
import { NeededNodes, readTile, topOf } from './needed-nodes.ts';
import type { PrunableBytes } from './published-bytes.ts';
import { readRetention, type Retention } from './retention.ts';
import { readState } from './state.ts';

const HOUR = 60 * 60 * 1000;
/** How long after its expiry a snapshot may be in use: a clock that is a day behind, and a run of six hours (client, limits.ts). */
export const LEAST_KEEP: number = 30 * HOUR;
export const DEFAULT_KEEP: number = 7 * 24 * HOUR;

export interface PruneContext {
  readonly bytes: PrunableBytes;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export interface PruneOptions {
  /** Milliseconds that a snapshot is retained after its expiry, `LEAST_KEEP` or more; `DEFAULT_KEEP` unless given. */
  readonly keep?: number;
  /** Remove nothing, and tell what would be removed. */
  readonly dryRun?: boolean;
  /** Leaves that were read, then maps that were swept. `total` is at least `done`. */
  readonly onProgress?: (phase: 'read' | 'sweep', done: number, total: number) => void;
}

export interface PruneReport {
  /** Snapshots that stay, and that went. */
  readonly retained: number;
  readonly retired: number;
  /** Removed: tiles, entries, files of any kind, and their bytes. */
  readonly tiles: number;
  readonly entries: number;
  readonly files: number;
  readonly bytes: number;
}

/**
 * No publisher may run meanwhile. Throws `REPOSITORY_DAMAGED`, before anything is removed, when a retained role or tile is missing or
 * wrong; `REPOSITORY_EXPIRED` when the newest snapshot has expired; `REPOSITORY_POLICY` for less than `LEAST_KEEP`.
 */
export async function prune(context: PruneContext, options: PruneOptions = {}): Promise<PruneReport> {
  const { bytes, clock } = context;
  const { keep = DEFAULT_KEEP, dryRun = false, onProgress = () => undefined } = options;
  if (!(keep >= LEAST_KEEP)) {
    throw fail('REPOSITORY_POLICY', `keep: ${keep} ms, expected at least ${LEAST_KEEP}`, {
      hint: 'clients go by a snapshot until 30 hours after its expiry: keep it at least as long',
    });
  }
  const state = await readState(bytes, []);
  const now = clock();
  if (state.snapshot.value.expires <= now) {
    throw fail('REPOSITORY_EXPIRED', 'snapshot: expired, expected one that clients go by', {
      hint: 'check the clock, which tells what is still in use; then renew (`tuf-admin renew`), and prune again',
    });
  }
  const retention = await readRetention(bytes, state, now - keep);
  const needed = await mark(bytes, retention, onProgress);
  const removal = new Removal(bytes, dryRun);
  const { unneeded, lookedInto } = retention;
  const sweep = new Sweep(bytes, needed, removal);
  for (const [index, map] of unneeded.maps.entries()) {
    await sweep.map(map);
    onProgress('sweep', index + 1, unneeded.maps.length);
  }
  for (const path of unneeded.paths)
    if (!retention.needed.paths.has(path) && !lookedInto.paths.has(path)) await removal.remove(path);
  for (const paths of [retention.bundles, retention.roles, retention.snapshots]) {
    await removal.settle();
    for (const path of paths) await removal.remove(path);
  }
  await removal.settle();
  const { retained, retired } = retention;
  return {
    retained,
    retired,
    tiles: sweep.tiles,
    entries: sweep.entries,
    files: removal.files,
    bytes: removal.bytes,
  };
}

async function mark(
  bytes: PrunableBytes,
  { needed, lookedInto }: Retention,
  onProgress: NonNullable<PruneOptions['onProgress']>,
): Promise<NeededNodes> {
  let done = 0;
  // The newest map is most of what is read.
  const size = needed.maps[0]?.size ?? 0;
  const nodes = new NeededNodes(bytes, count => {
    done += count;
    onProgress('read', done, Math.max(size, done));
  });
  for (const map of needed.maps) await nodes.add(map);
  for (const map of lookedInto.maps) await nodes.addStanding(map);
  return nodes;
}

class Sweep {
  readonly #bytes: PrunableBytes;
  readonly #needed: NeededNodes;
  readonly #removal: Removal;
  readonly #swept: HashSet = new HashSet();
  readonly #sweptEntries: HashSet = new HashSet();
  tiles = 0;
  entries = 0;

  constructor(bytes: PrunableBytes, needed: NeededNodes, removal: Removal) {
    this.#bytes = bytes;
    this.#needed = needed;
    this.#removal = removal;
  }

  async map(map: StatedMap): Promise<void> {
    const top = topOf(map);
    if (top !== undefined) await this.#tile(map, top);
  }

  /** Where no tile stands, an earlier prune was here, and removed what is below. */
  async #tile(map: StatedMap, address: TileAddress): Promise<void> {
    const { hash } = address;
    if (this.#needed.hasSubtree(hash) || !this.#swept.add(hash)) return;
    const parts = await this.#parts(map, address);
    if (parts === null) return;
    if (parts.kind === 'bucket') {
      for (const { kind, name, sha256 } of parts.leaves) {
        if (kind !== 'entry' || this.#needed.hasContent(sha256) || !this.#sweptEntries.add(sha256)) continue;
        if (await this.#removal.remove(entryPath({ name, sha256 }))) this.entries += 1;
      }
    } else {
      for (const exit of parts.exits) await this.#tile(map, exit);
      await this.#removal.remove(countsPath(hash));
    }
    if (await this.#removal.remove(tilePath(hash))) this.tiles += 1;
  }

  /** A damaged tile leads nowhere. */
  async #parts(map: StatedMap, address: TileAddress): Promise<TileParts | null> {
    try {
      return await readTile(this.#bytes, map.shape, address);
    } catch (error) {
      if (!isTufError(error, 'REPOSITORY_DAMAGED')) throw error;
      return { kind: 'bucket', leaves: [] };
    }
  }
}

/** Removes files, and counts them; in a dry run it only counts. */
class Removal {
  readonly #bytes: PrunableBytes;
  readonly #dryRun: boolean;
  files = 0;
  bytes = 0;

  constructor(bytes: PrunableBytes, dryRun: boolean) {
    this.#bytes = bytes;
    this.#dryRun = dryRun;
  }

  /** False where there is none. */
  async remove(path: string): Promise<boolean> {
    const size = await this.#bytes.size(path);
    if (size === null) return false;
    if (!this.#dryRun) await this.#bytes.remove(path);
    this.files += 1;
    this.bytes += size;
    return true;
  }

  async settle(): Promise<void> {
    if (!this.#dryRun) await this.#bytes.sync();
  }
}
