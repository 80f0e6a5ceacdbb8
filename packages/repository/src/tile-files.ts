import { isTufError } from '@cargo-tuf/errors';
import {
  countsPath,
  decodeTile,
  type MapShape,
  type MerkleTree,
  tilePath,
  verifyTile,
} from '@cargo-tuf/merkle-snapshot';
import { indexShape, type PublishedState } from './state.ts';

export interface TileFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** True for other bytes that may stand under this name: they lead to the same leaves. */
  readonly isAsGood: (standing: Uint8Array) => boolean;
}

/**
 * The tiles, with their counts, that `state` does not have. Nobody refers to them yet, so their order is free. A tile is named
 * by its subtree, and the subtree may have been cut in another way before: that tile stays, and everything below it is there.
 */
export function* tileFiles(state: PublishedState, tree: MerkleTree): Generator<TileFile> {
  const shape = indexShape(state.repository);
  for (const { hash, bytes, counts } of tree.tilesSince(state.tree)) {
    yield { path: tilePath(hash), bytes, isAsGood: standing => isInnerTileOf(shape, hash, standing) };
    // Counts of another cut belong to the tile of that cut. Wrong ones are counted anew when they are read.
    if (counts !== undefined) yield { path: countsPath(hash), bytes: counts, isAsGood: () => true };
  }
}

function isInnerTileOf(shape: MapShape, hash: Uint8Array, bytes: Uint8Array): boolean {
  try {
    if (decodeTile(bytes).kind !== 'inner') return false;
    // The hash of an inner tile does not depend on where it is.
    verifyTile(shape, hash, 0, hash, bytes);
    return true;
  } catch (error) {
    if (isTufError(error)) return false;
    throw error;
  }
}
