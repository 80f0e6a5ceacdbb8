// Our layout: the tiles of a tree of evenly spread keys, and around them the roles, whose lengths do not depend on the number of crates.

import type { CheckMeasurement, Measurements, PublishMeasurement } from '../measurements.ts';
import type { Count } from '../transport/tally.ts';
import { modelKey } from './keys.ts';
import { check, type LayoutModel, type ModelledCheck } from './model.ts';
import type { ModelTile, TileTree } from './tile-tree.ts';

/** Everything but tiles, as measured. */
interface Frame {
  readonly bytes: number;
  readonly perRound: readonly number[];
  /** The round in which the first tile is asked for. */
  readonly firstTile: number;
  /** Files of what changed, which are asked for in the round before. */
  readonly changes: Count;
}

export interface TilesFrames {
  readonly cold: Frame;
  /** By the number of publishes since the client was up to date: the longer ago, the longer are the changes that it reads. */
  readonly warm: ReadonlyMap<number, Frame>;
  readonly publish: Count;
}

/** What surrounds the tiles, from the smallest registry that was measured: the model says of larger ones what it was not told. */
export function framesOf({ rows }: Measurements): TilesFrames {
  const tiles = rows.filter(row => row.layout === 'tiles').sort((left, right) => left.size - right.size);
  const checks = tiles.filter(
    (row): row is CheckMeasurement =>
      (row.scenario === 'cold' || row.scenario === 'warm') &&
      row.size === tiles[0]?.size &&
      row.dependencies === 1_000 &&
      row.skew === 'popular',
  );
  const warm = checks.filter(({ scenario }) => scenario === 'warm');
  const publish = tiles.find((row): row is PublishMeasurement => row.scenario === 'publish');
  const written = Object.entries(publish?.classes ?? {}).filter(
    ([name]) => !['entry', 'tile', 'counts'].includes(name),
  );
  return {
    cold: frameOf(checks.find(({ scenario }) => scenario === 'cold')),
    warm: new Map(warm.map(row => [row.publishes, frameOf(row)])),
    publish: {
      files: written.reduce((sum, [, { files }]) => sum + files, 0),
      bytes: written.reduce((sum, [, { bytes }]) => sum + bytes, 0),
    },
  };
}

function frameOf(row: CheckMeasurement | undefined): Frame {
  if (row === undefined) throw new Error('model: measure the layout "tiles" first');
  const first = row.tilesPerRound.findIndex(tiles => tiles > 0);
  return {
    bytes: row.bytes - (row.classes['tile']?.bytes ?? 0),
    perRound: row.perRound.map((requests, at) => requests - (row.tilesPerRound[at] ?? 0)),
    firstTile: first < 0 ? row.perRound.length : first,
    changes: row.classes['changes'] ?? { files: 0, bytes: 0 },
  };
}

/** The client leaves changes aside when proofs cost less: so many bytes for each name, and for what they share. */
const [PROOF, SHARED_PROOF] = [1_500, 8_000] as const;

function withoutChanges({ bytes, perRound, firstTile, changes }: Frame): Frame {
  return {
    bytes: bytes - changes.bytes,
    perRound: perRound.map((requests, at) => (at === firstTile - 1 ? requests - changes.files : requests)),
    firstTile: firstTile - 1,
    changes: { files: 0, bytes: 0 },
  };
}

export function tilesModel(tree: TileTree, seed: number, frames: TilesFrames): LayoutModel {
  const pathOf = (crate: number): readonly ModelTile[] => tree.path(modelKey(seed, crate));
  const levelsOf = (
    crates: readonly number[],
    isWanted: (tile: ModelTile) => boolean = () => true,
  ): ModelTile[][] => {
    const levels: Map<string, ModelTile>[] = [];
    for (const crate of crates)
      for (const [level, tile] of pathOf(crate).entries()) {
        const tiles = (levels[level] ??= new Map());
        if (isWanted(tile)) tiles.set(tile.id, tile);
      }
    return levels.map(level => [...level.values()]);
  };
  return {
    cold: crates => around(frames.cold, levelsOf(crates)),
    warm: (crates, changed) => {
      const frame = frames.warm.get(changed.length);
      if (frame === undefined)
        throw new Error(`model: no check after ${changed.length} publishes was measured`);
      if (frame.changes.bytes > SHARED_PROOF + PROOF * crates.length) {
        const ids = new Set(changed.flatMap(crate => pathOf(crate).map(({ id }) => id)));
        return around(
          withoutChanges(frame),
          levelsOf(crates, ({ id }) => ids.has(id)),
        );
      }
      // Only what was published since is proved anew, and nothing on its way stands as it stood.
      const published = new Set(changed);
      return around(frame, levelsOf(crates.filter(crate => published.has(crate))));
    },
    publish: crates => {
      const tiles = levelsOf(crates).flat();
      const counts = tiles.filter(({ countsBytes }) => countsBytes > 0);
      return {
        files: frames.publish.files + tiles.length + counts.length,
        bytes:
          frames.publish.bytes + bytesOf(tiles) + counts.reduce((sum, tile) => sum + tile.countsBytes, 0),
      };
    },
  };
}

function around(
  { bytes, perRound, firstTile }: Frame,
  levels: readonly (readonly ModelTile[])[],
): ModelledCheck {
  const rounds = Math.max(perRound.length, firstTile + levels.length);
  const requests = Array.from(
    { length: rounds },
    (_, at) => (perRound[at] ?? 0) + (levels[at - firstTile]?.length ?? 0),
  );
  return check(bytes + bytesOf(levels.flat()), requests);
}

function bytesOf(tiles: readonly ModelTile[]): number {
  return tiles.reduce((sum, { bytes }) => sum + bytes, 0);
}
