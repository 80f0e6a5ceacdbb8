import { decodeHex, encodeHex } from '@cargo-tuf/keys';
import { decodeTile, EMPTY, type Leaf, MerkleTree, tilePath } from '@cargo-tuf/merkle-snapshot';
import { fail } from './errors.ts';
import { eachInParallel, fetchAccepted } from './fetch.ts';
import { TILE_BYTES } from './limits.ts';
import type { MapContext } from './map-walk.ts';

/**
 * All leaves of a map, as the tree that they make. Tiles count only once the root recomputed from their leaves is the
 * signed one; `size` is the signed number of leaves and bounds what is fetched.
 */
export async function fetchTree(context: MapContext, size: number): Promise<MerkleTree> {
  const leaves: Leaf[] = [];
  let tiles = 0;
  let level = context.root === encodeHex(EMPTY) ? [] : [decodeHex(context.root, 32)];
  while (level.length > 0) {
    tiles += level.length;
    if (tiles > 2 * size || leaves.length > size) {
      throw fail('CLIENT_MIX', `${context.subject}: tiles hold more than the signed ${size} leaves`);
    }
    const next: Uint8Array[] = [];
    await eachInParallel(level, context.parallel, async hash => {
      const tile = decodeTile(await tileBytes(context, hash));
      if (tile.kind === 'bucket') for (const leaf of tile.leaves) leaves.push(leaf);
      else for (const exit of tile.exits) if (exit.hash !== undefined) next.push(exit.hash);
    });
    level = next;
  }
  const tree = MerkleTree.from(context.shape, leaves);
  if (encodeHex(tree.root) === context.root && tree.size === size) return tree;
  throw fail(
    'CLIENT_MIX',
    `${context.subject}: root ${encodeHex(tree.root)} of ${tree.size} leaves, expected ${context.root} of ${size}`,
    {
      details: { root: encodeHex(tree.root), expected: context.root, size: tree.size, expectedSize: size },
    },
  );
}

async function tileBytes(context: MapContext, hash: Uint8Array): Promise<Uint8Array> {
  const kept = await context.store.cached('tile', encodeHex(hash));
  if (kept !== null) return kept;
  if (context.source === undefined) {
    throw fail('CLIENT_OFFLINE', `${tilePath(hash)}: not on this machine, and this run is offline`);
  }
  return fetchAccepted(
    context.source,
    tilePath(hash),
    TILE_BYTES,
    `the ${context.subject} map refers to it`,
    bytes => bytes,
    context.signal,
  );
}
