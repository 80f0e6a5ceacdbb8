// All leaf records of a map (docs/pouf.md, section 5), depth first, so that few tiles wait in a map of any size.

import { encodeHex } from '@cargo-tuf/keys';
import { decodePacked, EMPTY } from '@cargo-tuf/merkle-snapshot';
import { fail } from './errors.ts';
import { eachInParallel } from './fetch.ts';
import { type Place, placesBelow, topOf } from './map-tiles.ts';
import type { MapContext } from './map-walk.ts';

/** Tiles whose records make one piece, of less than a mebibyte as tiles are cut. */
const PIECE_TILES = 512;

/**
 * Whole records in pieces, in no order. They are as good as the tiles that `bytesOf` gives; what they say counts when the root
 * of all of them is the signed one. `size` is the signed number of leaves and bounds what is read.
 */
export async function* leafRecords(
  context: MapContext,
  size: number,
  bytesOf: (context: MapContext, place: Place) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const waiting: Place[] = context.root === encodeHex(EMPTY) ? [] : [topOf(context)];
  let [tiles, leaves] = [0, 0];
  while (waiting.length > 0) {
    const places = waiting.splice(-PIECE_TILES);
    tiles += places.length;
    // Tiles that nobody verified can lead in circles, and a signed root can be that of a larger map.
    if (tiles > 2 * size || leaves > size)
      throw fail('CLIENT_MIX', `${context.subject}: tiles hold more than the signed ${size} leaves`);
    const buckets: Uint8Array[] = [];
    await eachInParallel(places, context.parallel, async place => {
      const tile = decodePacked(await bytesOf(context, place));
      if (tile.kind === 'inner') {
        for (const below of placesBelow(tile, place)) waiting.push(below);
      } else {
        leaves += tile.count;
        buckets.push(tile.records);
      }
    });
    if (buckets.length > 0) yield joined(buckets);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
