import { bitAt } from './bits.ts';
import { fail } from './errors.ts';
import { keyOf, type MapShape } from './hashes.ts';
import { type InnerNodes, isFork, ROOT_FORK } from './inner-nodes.ts';
import type { Leaf } from './leaf.ts';
import { contentOf, type VerifiedTile } from './verify-tile.ts';

/** What a tile says about a name: its leaf, that there is none, or the next tile. */
export type Step =
  | { readonly found: Leaf }
  | { readonly absent: true }
  | {
      /** Hash of the next tile: its name, and what it must hash to. */
      readonly next: Uint8Array;
      /** How many bits lead to it. */
      readonly depth: number;
      /** It stands beside an empty subtree and so has two leaves or more: give it to `verifyTile`. */
      readonly several: boolean;
    };

/**
 * One step of the walk from the root to `name`. A root that is `EMPTY` has no tile: every name is absent.
 * Throws `MERKLE_TILE_PLACE` when the walk of `name` does not come to `tile`, and `MERKLE_NAME`.
 */
export function walkTile(tile: VerifiedTile, shape: MapShape, name: string): Step {
  const key = keyOf(shape, name);
  if (!tile.isOnPathOf(key)) {
    throw fail('MERKLE_TILE_PLACE', `tile: at depth ${tile.depth}, not on the path of this name`, {
      details: { name, depth: tile.depth },
    });
  }
  const content = contentOf(tile);
  if (content.kind === 'bucket') {
    const found = content.bucket.find(key);
    return found === undefined ? { absent: true } : { found };
  }
  return walkForks(content.nodes, tile.depth, key);
}

function walkForks(nodes: InnerNodes, tileDepth: number, key: Uint8Array): Step {
  let fork = ROOT_FORK;
  for (let depth = tileDepth; ; depth += 1) {
    const isLeft = bitAt(key, depth) === 0;
    const node = isLeft ? nodes.left(fork) : nodes.right(fork);
    if (isFork(node)) {
      fork = node;
      continue;
    }
    const next = nodes.hash(node);
    if (next === undefined) return { absent: true };
    const several = nodes.hash(isLeft ? nodes.right(fork) : nodes.left(fork)) === undefined;
    return { next, depth: depth + 1, several };
  }
}
