// Looks up many names in a map at once: tile level by tile level, each tile of a level fetched once and all of them side
// by side, so that the number of rounds is the depth of the tree in tiles and not the number of names.

import { decodeHex, encodeHex } from '@cargo-tuf/keys';
import {
  EMPTY,
  keyOf,
  type Leaf,
  type MapShape,
  tilePath,
  type VerifiedTile,
  verifyTile,
  walkTile,
} from '@cargo-tuf/merkle-snapshot';
import { isTufError } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { eachInParallel, fetchAccepted } from './fetch.ts';
import { TILE_BYTES, WALK_TILES } from './limits.ts';
import type { AbortSignal, Source } from './source.ts';
import type { Store } from './store.ts';

export interface MapContext {
  readonly shape: MapShape;
  /** The verified root hash, 64 hex digits. */
  readonly root: string;
  /** How the map is called in messages: "crates", "claims". */
  readonly subject: string;
  /** Undefined offline: only what the store holds is used. */
  readonly source: Source | undefined;
  readonly store: Store;
  readonly parallel: number;
  readonly signal: AbortSignal | undefined;
  /** Tiles verified during the life of a snapshot, or on the way, by hash. */
  readonly tiles: Map<string, Promise<VerifiedTile>>;
}

interface Group {
  readonly hash: Uint8Array;
  readonly depth: number;
  /** The tile's sibling is empty, so the tile must hold two leaves or more. */
  readonly several: boolean;
  readonly names: string[];
}

/** For every name its leaf, or undefined where the map proves that it has none. */
export async function lookUpLeaves(
  context: MapContext,
  names: readonly string[],
): Promise<Map<string, Leaf | undefined>> {
  const results = new Map<string, Leaf | undefined>();
  const root = decodeHex(context.root, 32);
  let level = new Map<string, Group>();
  if (names.length === 0) return results;
  if (context.root === encodeHex(EMPTY)) {
    for (const name of names) results.set(name, undefined);
    return results;
  }
  level.set(context.root, { hash: root, depth: 0, several: false, names: [...new Set(names)] });
  for (let tiles = 0; level.size > 0; tiles++) {
    if (tiles === WALK_TILES) {
      throw fail('CLIENT_MIX', `${context.subject}: walk crosses more than ${WALK_TILES} tiles`);
    }
    const next = new Map<string, Group>();
    await eachInParallel([...level.values()], context.parallel, async group => {
      const tile = await openTile(context, group);
      for (const name of group.names) {
        const step = walkTile(tile, context.shape, name);
        if ('found' in step) results.set(name, step.found);
        else if ('absent' in step) results.set(name, undefined);
        else joinGroup(next, step, name);
      }
    });
    level = next;
  }
  return results;
}

function joinGroup(
  level: Map<string, Group>,
  step: { readonly next: Uint8Array; readonly depth: number; readonly several: boolean },
  name: string,
): void {
  const id = encodeHex(step.next);
  const group = level.get(id);
  if (group !== undefined) group.names.push(name);
  else level.set(id, { hash: step.next, depth: step.depth, several: step.several, names: [name] });
}

/** A tile is opened once, also by lookups that go on side by side. */
function openTile(context: MapContext, group: Group): Promise<VerifiedTile> {
  const id = encodeHex(group.hash);
  const known = context.tiles.get(id);
  if (known !== undefined) return known;
  const tile = verifiedTile(context, group, id);
  context.tiles.set(id, tile);
  tile.catch(() => context.tiles.delete(id));
  return tile;
}

async function verifiedTile(context: MapContext, group: Group, id: string): Promise<VerifiedTile> {
  const key = keyOf(context.shape, group.names[0] as string);
  const verify = (bytes: Uint8Array): VerifiedTile =>
    verifyTile(context.shape, group.hash, group.depth, key, bytes, { several: group.several });
  return (await openCachedTile(context, id, verify)) ?? fetchTile(context, group, id, verify);
}

async function openCachedTile(
  context: MapContext,
  id: string,
  verify: (bytes: Uint8Array) => VerifiedTile,
): Promise<VerifiedTile | undefined> {
  const bytes = await context.store.cached('tile', id);
  if (bytes === null) return undefined;
  try {
    return verify(bytes);
  } catch (error) {
    if (isTufError(error)) return undefined;
    throw error;
  }
}

async function fetchTile(
  context: MapContext,
  group: Group,
  id: string,
  verify: (bytes: Uint8Array) => VerifiedTile,
): Promise<VerifiedTile> {
  if (context.source === undefined) {
    throw fail(
      'CLIENT_OFFLINE',
      `${group.names[0]}: the proof is not on this machine, and this run is offline`,
    );
  }
  const accepted = await fetchAccepted(
    context.source,
    tilePath(group.hash),
    TILE_BYTES,
    `the ${context.subject} map refers to it on the way to ${group.names[0]}`,
    bytes => ({ bytes, tile: verify(bytes) }),
    context.signal,
  );
  await context.store.keep('tile', id, accepted.bytes);
  return accepted.tile;
}
