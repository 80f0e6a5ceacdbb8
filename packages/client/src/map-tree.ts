// A whole map. Each tile is verified when it is read, so that a mirror that bends one, or a damaged cache, gives way to the
// next source; the tree that their leaves make is compared with the signed root at the end.

import { decodeHex, encodeHex } from '@cargo-tuf/keys';
import {
  decodeTile,
  EMPTY,
  type InnerTile,
  type Leaf,
  MerkleTree,
  tilePath,
  verifyTile,
} from '@cargo-tuf/merkle-snapshot';
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

/**
 * All leaves of a map, as the tree that they make. `size` is the signed number of leaves and bounds what is fetched.
 */
export async function fetchTree(context: MapContext, size: number): Promise<MerkleTree> {
  const leaves: Leaf[] = [];
  let tiles = 0;
  const root = { hash: decodeHex(context.root, 32), depth: 0, key: new Uint8Array(32) };
  let level: Place[] = context.root === encodeHex(EMPTY) ? [] : [root];
  while (level.length > 0) {
    tiles += level.length;
    if (tiles > 2 * size || leaves.length > size) {
      throw fail('CLIENT_MIX', `${context.subject}: tiles hold more than the signed ${size} leaves`);
    }
    const next: Place[] = [];
    await eachInParallel(level, context.parallel, async place => {
      const tile = decodeTile(await tileBytes(context, place));
      if (tile.kind === 'bucket') for (const leaf of tile.leaves) leaves.push(leaf);
      else next.push(...placesBelow(tile, place));
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

/** Brings the root's tile into the cache, unless it is there. */
export async function keepRoot(context: MapContext): Promise<void> {
  if (context.root === encodeHex(EMPTY) || (await context.store.cached('tile', context.root)) !== null)
    return;
  const root = { hash: decodeHex(context.root, 32), depth: 0, key: new Uint8Array(32) };
  await context.store.keep('tile', context.root, await tileBytes(context, root));
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
  const root = { hash: decodeHex(context.root, 32), depth: 0, key: new Uint8Array(32) };
  const tile = decodeTile(await keep(root, true));
  const below = tile.kind === 'bucket' ? [] : [...placesBelow(tile, root)];
  if (below.length > TOP_TILES) return;
  // A tile beside an empty exit must hold two leaves or more: a lookup, which comes along the bits, tells which one it is.
  const isFull = tile.kind === 'inner' && tile.exits.every(exit => exit.hash !== undefined);
  await eachInParallel(below, context.parallel, async place => void (await keep(place, isFull)));
}

/** Where the exits of a verified tile lead: their depths, read from left to right, are the ends of one binary tree. */
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

/** From the store where it verifies, else from a source. */
export async function tileBytes(
  context: Pick<MapContext, 'shape' | 'subject' | 'source' | 'store' | 'signal'>,
  { hash, depth, key }: Place,
): Promise<Uint8Array> {
  const verified = (bytes: Uint8Array): Uint8Array => {
    verifyTile(context.shape, hash, depth, key, bytes);
    return bytes;
  };
  const kept = await context.store.cached('tile', encodeHex(hash));
  const known = kept === null ? undefined : attempt(() => verified(kept));
  if (known !== undefined) return known;
  if (context.source === undefined) {
    throw fail('CLIENT_OFFLINE', `${tilePath(hash)}: not on this machine, and this run is offline`);
  }
  return fetchAccepted(
    context.source,
    tilePath(hash),
    TILE_BYTES,
    `the ${context.subject} map refers to it`,
    verified,
    context.signal,
  );
}
