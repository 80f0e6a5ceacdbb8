// A whole map for one who copies it: what is below a tile is copied before the tile, so that a tile which stands in the copy
// stands for all that is below it, and the next copy goes no further than what changed.

import { decodeHex, encodeHex } from '@cargo-tuf/keys';
import { decodeTile, EMPTY, type Leaf } from '@cargo-tuf/merkle-snapshot';
import { fail } from './errors.ts';
import { eachInParallel } from './fetch.ts';
import { type Place, placesBelow, tileBytes } from './map-tiles.ts';
import type { MapContext } from './map-walk.ts';

/** Where a map is copied to. Its methods are called side by side. */
export interface TileCopy {
  /** Whether the tile of this hash stands there, with all that is below it. It is then not visited. */
  has(hash: Uint8Array): Promise<boolean>;
  /** Leaves of a bucket, whose tile is written after this. */
  putLeaves(leaves: readonly Leaf[]): Promise<void>;
  putTile(hash: Uint8Array, bytes: Uint8Array): Promise<void>;
}

/** Tiles below one tile that are copied side by side. */
const PARALLEL = 4;

/** `map`: what `Snapshot.map` gives; its size bounds the walk. */
export async function copyTiles(map: MapContext & { readonly size: number }, copy: TileCopy): Promise<void> {
  if (map.root === encodeHex(EMPTY)) return;
  let tiles = 0;
  const visit = async (place: Place): Promise<void> => {
    if (await copy.has(place.hash)) return;
    tiles += 1;
    if (tiles > 2 * map.size)
      throw fail('CLIENT_MIX', `${map.subject}: tiles hold more than the signed ${map.size} leaves`);
    const bytes = await tileBytes(map, place);
    const tile = decodeTile(bytes);
    if (tile.kind === 'bucket') await copy.putLeaves(tile.leaves);
    else await eachInParallel([...placesBelow(tile, place)], PARALLEL, visit);
    await copy.putTile(place.hash, bytes);
  };
  await visit({ hash: decodeHex(map.root, 32), depth: 0, key: new Uint8Array(32) });
}
