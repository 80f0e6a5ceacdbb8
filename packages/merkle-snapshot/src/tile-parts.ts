import type { Leaf } from './leaf.ts';
import { nodeOfTile, type TileAddress, type TileNode } from './tile-node.ts';
import { contentOf, type VerifiedTile } from './verify-tile.ts';

/** What a tile holds, for those who visit a whole map. */
export type TileParts =
  | {
      readonly kind: 'inner';
      /** Hashes of all nodes above the exits, the tile's own first: another cut can have a tile at each of them. */
      readonly forks: readonly Uint8Array[];
      /** The tiles below, from left to right. */
      readonly exits: readonly TileAddress[];
    }
  | { readonly kind: 'bucket'; readonly leaves: readonly Leaf[] };

/** `address`: where the tile was verified. */
export function partsOf(tile: VerifiedTile, address: TileAddress): TileParts {
  const content = contentOf(tile);
  if (content.kind === 'bucket') return { kind: 'bucket', leaves: content.bucket.leaves() };
  const forks: Uint8Array[] = [];
  const exits: TileAddress[] = [];
  const visit = (node: TileNode | undefined): void => {
    if (node?.kind === 'sealed') exits.push(node.address);
    if (node?.kind !== 'fork') return;
    forks.push(node.hash);
    visit(node.left);
    visit(node.right);
  };
  visit(nodeOfTile(tile, address));
  return { kind: 'inner', forks, exits };
}
