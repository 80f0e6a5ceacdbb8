// Tiles of a map, from the store or a source, and where their exits lead.

import { decodeHex, encodeHex } from '@cargo-tuf/keys';
import { decodeTile, EMPTY, type InnerTile, tilePath, verifyTile } from '@cargo-tuf/merkle-snapshot';
import { fail } from './errors.ts';
import { eachInParallel, fetchAccepted } from './fetch.ts';
import { TILE_BYTES } from './limits.ts';
import type { MapContext } from './map-walk.ts';
import { attempt } from './stored.ts';

/** A tile of the map: its name, and the bits that lead to it. */
export interface Place {
  readonly hash: Uint8Array;
  readonly depth: number;
  readonly key: Uint8Array;
}

/** Brings the root's tile into the cache, unless it is there. */
export async function keepRoot(context: MapContext): Promise<void> {
  if (context.root === encodeHex(EMPTY) || (await context.store.cached('tile', context.root)) !== null)
    return;
  await context.store.keep('tile', context.root, await tileBytes(context, topOf(context)));
}

/** Tiles below the root's that are kept ahead: a map with more of them is large, and a lookup needs few of these. */
const TOP_TILES = 64;

/** Brings the top of a map into the cache: the root's tile, and the tiles below it unless they are many. */
export async function keepTop(context: MapContext): Promise<void> {
  if (context.root === encodeHex(EMPTY)) return;
  const keep = async (place: Place, isKnown: boolean): Promise<Uint8Array> => {
    const { hash, depth, key } = place;
    const [id, bytes] = [encodeHex(hash), await tileBytes(context, place)];
    await context.store.keep('tile', id, bytes);
    if (isKnown) context.tiles.set(id, Promise.resolve(verifyTile(context.shape, hash, depth, key, bytes)));
    return bytes;
  };
  const top = topOf(context);
  const tile = decodeTile(await keep(top, true));
  const below = tile.kind === 'bucket' ? [] : [...placesBelow(tile, top)];
  if (below.length > TOP_TILES) return;
  // A tile beside an empty exit must hold two leaves or more: a lookup, which comes along the bits, tells which one it is.
  const isFull = tile.kind === 'inner' && tile.exits.every(exit => exit.hash !== undefined);
  await eachInParallel(below, context.parallel, async place => void (await keep(place, isFull)));
}

/** The root's tile. */
export function topOf({ root }: MapContext): Place {
  return { hash: decodeHex(root, 32), depth: 0, key: new Uint8Array(32) };
}

/** Where the exits of a tile lead: their depths, read from left to right, are the ends of one binary tree. */
export function* placesBelow(tile: InnerTile, { depth, key }: Place): Generator<Place> {
  const path: number[] = [];
  for (const exit of tile.exits) {
    while (path.length < exit.depth) path.push(0);
    if (exit.hash !== undefined) {
      yield { hash: exit.hash, depth: depth + exit.depth, key: withBits(key, depth, path) };
    }
    while (path.at(-1) === 1) path.pop();
    if (path.length > 0) path[path.length - 1] = 1;
  }
}

function withBits(key: Uint8Array, depth: number, path: readonly number[]): Uint8Array {
  const bits = key.slice();
  for (const [index, bit] of path.entries()) {
    const at = depth + index;
    bits[at >> 3] = (bits[at >> 3] as number) | (bit << (7 - (at & 7)));
  }
  return bits;
}

/** Where tiles are read from, and what verifies them. */
export type TilePorts = Pick<MapContext, 'shape' | 'subject' | 'source' | 'store' | 'signal'>;

/** From the store where it verifies, else from a source. */
export async function tileBytes(ports: TilePorts, place: Place): Promise<Uint8Array> {
  return (await storedTile(ports, place)) ?? fetchTile(ports, place);
}

/** As `tileBytes`; what came from a source is kept. */
export async function keptTileBytes(ports: TilePorts, place: Place): Promise<Uint8Array> {
  return (await storedTile(ports, place)) ?? fetchAndKeep(ports, place);
}

/** What the store has under the name of a tile, verified by nobody; what comes from a source is verified and kept. */
export async function unverifiedTileBytes(ports: TilePorts, place: Place): Promise<Uint8Array> {
  return (await ports.store.cached('tile', encodeHex(place.hash))) ?? fetchAndKeep(ports, place);
}

async function storedTile(ports: TilePorts, place: Place): Promise<Uint8Array | undefined> {
  const kept = await ports.store.cached('tile', encodeHex(place.hash));
  return kept === null ? undefined : attempt(() => verified(ports, place, kept));
}

async function fetchAndKeep(ports: TilePorts, place: Place): Promise<Uint8Array> {
  const bytes = await fetchTile(ports, place);
  await ports.store.keep('tile', encodeHex(place.hash), bytes);
  return bytes;
}

async function fetchTile(ports: TilePorts, place: Place): Promise<Uint8Array> {
  const path = tilePath(place.hash);
  if (ports.source === undefined)
    throw fail('CLIENT_OFFLINE', `${path}: not on this machine, and this run is offline`);
  const expected = `the ${ports.subject} map refers to it`;
  const accept = (bytes: Uint8Array): Uint8Array => verified(ports, place, bytes);
  return fetchAccepted(ports.source, path, TILE_BYTES, expected, accept, ports.signal);
}

function verified({ shape }: TilePorts, { hash, depth, key }: Place, bytes: Uint8Array): Uint8Array {
  verifyTile(shape, hash, depth, key, bytes);
  return bytes;
}
