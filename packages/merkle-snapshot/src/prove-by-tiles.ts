import { bitAt } from './bits.ts';
import { rootNode } from './compare-maps.ts';
import { EMPTY, keyOf, type MapShape } from './hashes.ts';
import type { Proof } from './proof.ts';
import { nodeOfTile, type TileNode, type TileOpener } from './tile-node.ts';

/** Cuts the proof of a name out of the tiles on its path. Anybody can: it takes no key. */
export async function proveByTiles(
  shape: MapShape,
  root: Uint8Array,
  name: string,
  open: TileOpener,
): Promise<Proof> {
  const key = keyOf(shape, name);
  const siblings: Uint8Array[] = [];
  let node: TileNode | undefined = rootNode(root);
  for (let depth = 0; ; ) {
    if (node?.kind === 'sealed') {
      node = nodeOfTile(await open(node.address), node.address);
    } else if (node?.kind === 'fork') {
      const isLeft: boolean = bitAt(key, depth) === 0;
      siblings.push((isLeft ? node.right : node.left)?.hash ?? EMPTY);
      node = isLeft ? node.left : node.right;
      depth += 1;
    } else {
      return { end: node?.leaf, siblings: siblings.reverse() };
    }
  }
}
