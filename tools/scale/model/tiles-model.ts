// Our layout: the tiles of a tree of evenly spread keys, and around them the roles, whose lengths do not depend on the number of crates.

import type { ModelTile, TileTree } from './tile-tree.ts';
import { modelKey } from './keys.ts';
import { check, type LayoutModel, type ModelledCheck } from './model.ts';

/** Everything but tiles, as measured of a smaller registry. */
export interface TilesFrame {
  readonly cold: ModelledCheck;
  readonly warm: ModelledCheck;
  readonly publish: { readonly files: number; readonly bytes: number };
}

export function tilesModel(tree: TileTree, seed: number, frame: TilesFrame): LayoutModel {
  const pathOf = (crate: number): readonly ModelTile[] => tree.path(modelKey(seed, crate));
  const levelsOf = (crates: readonly number[], isWanted: (tile: ModelTile) => boolean): Map<string, ModelTile>[] => {
    const levels: Map<string, ModelTile>[] = [];
    for (const crate of crates)
      for (const [level, tile] of pathOf(crate).entries()) {
        levels[level] ??= new Map();
        if (isWanted(tile)) levels[level].set(tile.id, tile);
      }
    return levels;
  };
  const checkOf = (around: ModelledCheck, levels: readonly Map<string, ModelTile>[]): ModelledCheck =>
    check(around.bytes + bytesOf(levels), [...around.perRound, ...levels.map(level => level.size)]);
  return {
    cold: crates => checkOf(frame.cold, levelsOf(crates, () => true)),
    warm: (crates, changed) => {
      const ids = new Set(changed.flatMap(crate => pathOf(crate).map(({ id }) => id)));
      return checkOf(frame.warm, levelsOf(crates, ({ id }) => ids.has(id)));
    },
    publish: crates => {
      const levels = levelsOf(crates, () => true);
      const tiles = levels.flatMap(level => [...level.values()]);
      const counts = tiles.filter(({ countsBytes }) => countsBytes > 0);
      return {
        files: frame.publish.files + tiles.length + counts.length,
        bytes: frame.publish.bytes + bytesOf(levels) + counts.reduce((sum, tile) => sum + tile.countsBytes, 0),
      };
    },
  };
}

function bytesOf(levels: readonly Map<string, ModelTile>[]): number {
  return levels.flatMap(level => [...level.values()]).reduce((sum, { bytes }) => sum + bytes, 0);
}
