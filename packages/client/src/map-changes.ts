// Two states of a map, walked side by side through the store and the source of a snapshot.

import { decodeHex } from '@cargo-tuf/keys';
import {
  changesBetween,
  EMPTY,
  type LeafChange,
  type TileOpener,
  verifyTile,
} from '@cargo-tuf/merkle-snapshot';
import type { MapRoot } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import { keptTileBytes, type TilePorts } from './map-tiles.ts';

/** Opens tiles from the store, or else from the source, and then keeps them. */
export function tileOpener(ports: TilePorts): TileOpener {
  return async ({ hash, depth, key, several }) => {
    const bytes = await keptTileBytes(ports, { hash, depth, key });
    return verifyTile(ports.shape, hash, depth, key, bytes, { several });
  };
}

/** Every change from one signed map to another; undefined stands for the empty one. Ends where a map is larger than signed. */
export async function* mapChanges(
  ports: TilePorts,
  before: MapRoot | undefined,
  after: MapRoot,
): AsyncGenerator<LeafChange> {
  const most = (before?.size ?? 0) + after.size;
  const from = before === undefined ? EMPTY : decodeHex(before.root, 32);
  const open = tileOpener(ports);
  let tiles = 0;
  let changes = 0;
  const bounded: TileOpener = address => {
    tiles += 1;
    if (tiles > 2 * most) throw tooMany(ports, most);
    return open(address);
  };
  for await (const change of changesBetween(from, decodeHex(after.root, 32), bounded)) {
    changes += 1;
    if (changes > most) throw tooMany(ports, most);
    yield change;
  }
}

function tooMany({ subject }: TilePorts, most: number): Error {
  return fail('CLIENT_MIX', `${subject}: tiles hold more than the signed ${most} leaves`);
}
