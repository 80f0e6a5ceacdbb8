// Reads of a published map what some names need: the tiles on their paths. All else stays sealed: hash and number of leaves.
// Level by level, every tile that is wanted is asked for at once.

import { isTufError } from '@cargo-tuf/errors';
import { encodeHex } from '@cargo-tuf/keys';
import { bitAt } from './bits.ts';
import { type Counts, decodeCounts } from './counts.ts';
import { cutFor, type TileCut } from './cut.ts';
import { fail } from './errors.ts';
import { isEmpty, keyOf, type MapShape } from './hashes.ts';
import { branch, type Node } from './node.ts';
import { decodeTile, type Exit } from './tile.ts';
import { contentOf, type Fork, isFork, verifyTile } from './verify-tile.ts';

/** Where a publisher has its tiles. How many are asked for at once is for the reader to bound. */
export interface TileReader {
  /** The bytes of a tile, or null where there is none. */
  tile(hash: Uint8Array): Promise<Uint8Array | null>;
  /** The counts that were written with an inner tile, or null. */
  counts(hash: Uint8Array): Promise<Uint8Array | null>;
}

/** What `crates.json` signs of a map. */
export interface MapTop {
  readonly root: Uint8Array;
  /** Number of leaves. */
  readonly size: number;
}

/** A subtree, and the keys on whose paths it is. */
interface Place {
  readonly hash: Uint8Array;
  /** A key with the bits that lead here. */
  readonly prefix: Uint8Array;
  readonly depth: number;
  readonly count: number;
  readonly several: boolean;
  readonly keys: readonly Uint8Array[];
}

export interface ReadNodes {
  readonly node: Node | undefined;
  /** How the map was cut into tiles; undefined where nothing says so. */
  readonly cut: TileCut | undefined;
}

/** `names`: undefined reads the whole map. Throws `MERKLE_TILE_ABSENT` and what `verifyTile` throws. */
export async function readNodes(
  shape: MapShape,
  { root, size }: MapTop,
  names: Iterable<string> | undefined,
  reader: TileReader,
): Promise<ReadNodes> {
  if (isEmpty(root)) return { node: undefined, cut: cutFor(size) };
  // A map of one bucket is cut in the same way by every rule.
  let cut: TileCut | undefined = cutFor(size);
  const keys = names && Array.from(names, name => keyOf(shape, name));
  const top = { hash: root, prefix: new Uint8Array(32), depth: 0, count: size, several: false };
  if (keys?.length === 0) return { node: { hash: root, count: size, sealed: true }, cut };
  const node = await open({ ...top, keys: keys ?? [] });
  return { node, cut };

  async function open(place: Place): Promise<Node | undefined> {
    const { hash, prefix, depth, count, several } = place;
    const bytes = tileOf(hash, await reader.tile(hash));
    const content = contentOf(verifyTile(shape, hash, depth, prefix, bytes, { several }));
    if (content.kind === 'bucket') return content.bucket.node(depth);
    const exits = exitsOf(content.root);
    const kept = await keptCounts(reader, hash, exits.length, count);
    if (depth === 0) cut = kept?.cut;
    const counts = kept?.counts ?? (await countExits(reader, hash));
    const below = exits.map(({ hash }, index): Node | undefined =>
      hash === undefined ? undefined : { hash, count: counts[index] as number, sealed: true },
    );
    await Promise.all(
      placesOf(content.root, place, counts, keys === undefined).map(async ([index, next]) => {
        below[index] = await open(next);
      }),
    );
    let next = 0;
    const assemble = (node: Fork | Exit): Node | undefined =>
      isFork(node) ? branch(assemble(node.left), assemble(node.right), node.hash) : below[next++];
    return assemble(content.root);
  }
}

/** From left to right. */
function exitsOf(node: Fork | Exit): readonly Exit[] {
  const found: Exit[] = [];
  const visit = (each: Fork | Exit): void => {
    if (!isFork(each)) found.push(each);
    else {
      visit(each.left);
      visit(each.right);
    }
  };
  visit(node);
  return found;
}

/** The exits that are on the path of a key, or all that lead on, each with its index. */
function placesOf(
  root: Fork,
  place: Place,
  counts: readonly number[],
  isWhole: boolean,
): readonly (readonly [number, Place])[] {
  const found: (readonly [number, Place])[] = [];
  const prefix = place.prefix.slice();
  let index = 0;
  const visit = (fork: Fork, depth: number, keys: readonly Uint8Array[]): void => {
    const bit = 0x80 >> (depth & 7);
    for (const isLeft of [true, false]) {
      const [side, other] = isLeft ? [fork.left, fork.right] : [fork.right, fork.left];
      const theirs = keys.length === 0 ? keys : keys.filter(key => (bitAt(key, depth) === 0) === isLeft);
      const at = prefix[depth >> 3] as number;
      prefix[depth >> 3] = isLeft ? at & ~bit : at | bit;
      if (isFork(side)) {
        visit(side, depth + 1, theirs);
        continue;
      }
      const { hash } = side;
      if (hash !== undefined && (isWhole || theirs.length > 0)) {
        const several = !isFork(other) && other.hash === undefined;
        const count = counts[index] as number;
        found.push([index, { hash, prefix: prefix.slice(), depth: depth + 1, count, several, keys: theirs }]);
      }
      index += 1;
    }
  };
  visit(root, place.depth, place.keys);
  return found;
}

function tileOf(hash: Uint8Array, bytes: Uint8Array | null): Uint8Array {
  if (bytes !== null) return bytes;
  const name = encodeHex(hash);
  throw fail('MERKLE_TILE_ABSENT', `tile ${name}: is missing, but the map refers to it`, {
    details: { hash: name },
  });
}

/** What was written with the tile, if it can be true. */
async function keptCounts(
  reader: TileReader,
  hash: Uint8Array,
  length: number,
  sum: number,
): Promise<Counts | undefined> {
  const bytes = await reader.counts(hash);
  const kept = bytes === null ? undefined : readCounts(bytes);
  const isWhole = kept?.counts.length === length && kept.counts.reduce((all, each) => all + each, 0) === sum;
  return isWhole ? kept : undefined;
}

/** Counted anew, from all that is below. */
async function countExits(reader: TileReader, hash: Uint8Array): Promise<readonly number[]> {
  const tile = decodeTile(tileOf(hash, await reader.tile(hash)));
  if (tile.kind === 'bucket') return [];
  return Promise.all(
    tile.exits.map(async exit => (exit.hash === undefined ? 0 : countBelow(reader, exit.hash))),
  );
}

async function countBelow(reader: TileReader, hash: Uint8Array): Promise<number> {
  const tile = decodeTile(tileOf(hash, await reader.tile(hash)));
  if (tile.kind === 'bucket') return tile.leaves.length;
  return (await countExits(reader, hash)).reduce((all, each) => all + each, 0);
}

function readCounts(bytes: Uint8Array): Counts | undefined {
  try {
    return decodeCounts(bytes);
  } catch (error) {
    if (isTufError(error, 'MERKLE_SYNTAX')) return undefined;
    throw error;
  }
}
