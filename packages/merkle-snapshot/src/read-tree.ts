// Reads of a published map what some names need: the tiles on their paths. All else stays sealed: hash and number of leaves.
// Level by level, every tile that is wanted is asked for at once.

import { isTufError } from '@cargo-tuf/errors';
import { encodeHex } from '@cargo-tuf/keys';
import { type Counts, decodeCounts } from './counts.ts';
import type { TileCut } from './cut.ts';
import { fail } from './errors.ts';
import type { MapShape } from './hashes.ts';
import { branch, type BranchNode, isLeafNode, isSealed, type Node, type SealedNode } from './node.ts';
import { SortedKeys } from './sorted-keys.ts';
import { TileFork } from './tile-fork.ts';
import { decodeTile } from './tile.ts';
import { contentOf, verifyTile } from './verify-tile.ts';

/** Where a publisher has its tiles. How many are asked for at once is for the reader to bound. */
export interface TileReader {
  /** The bytes of a tile, or null where there is none. */
  tile(hash: Uint8Array): Promise<Uint8Array | null>;
  /** The counts that were written with an inner tile, or null. */
  counts(hash: Uint8Array): Promise<Uint8Array | null>;
}

export interface ReadNodes {
  readonly node: Node;
  /** How the map was cut into tiles; undefined where nothing says so. */
  readonly cut: TileCut | undefined;
}

/** A subtree has another number of leaves than was said: by counts, which nobody signs, or by who signed the size of the map. */
export class WrongCount extends Error {
  readonly leaves: number;

  constructor(leaves: number) {
    super(`${leaves} leaves`);
    this.leaves = leaves;
  }
}

/** A sealed subtree on the path of a key, or of all keys. */
class Place {
  readonly node: SealedNode;
  readonly depth: number;
  /** A key with the bits that lead here. */
  readonly prefix: Uint8Array;
  readonly several: boolean;
  readonly keys: SortedKeys | undefined;
  opened: Node | undefined;

  constructor(node: SealedNode, depth: number, prefix: Uint8Array, several: boolean, keys?: SortedKeys) {
    this.node = node;
    this.depth = depth;
    this.prefix = prefix;
    this.several = several;
    this.keys = keys;
  }
}

/** A node below which a place is. */
class Waiting {
  readonly node: BranchNode;
  readonly left: Below;
  readonly right: Below;

  constructor(node: BranchNode, left: Below, right: Below) {
    this.node = node;
    this.left = left;
    this.right = right;
  }

  /** The node with what has been opened. */
  finish(): Node {
    return branch(finish(this.left), finish(this.right), this.node.hash);
  }
}

type Below = Node | Place | Waiting | undefined;

function finish(below: Below): Node | undefined {
  if (below instanceof Waiting) return below.finish();
  return below instanceof Place ? below.opened : below;
}

/**
 * Opens what is sealed on the paths of `names`; without names everything. Throws `MERKLE_TILE_ABSENT`, `WrongCount`, and what
 * `verifyTile` throws.
 */
export async function openNodes(
  shape: MapShape,
  { node, cut: known }: ReadNodes,
  names: Iterable<string> | undefined,
  reader: TileReader,
): Promise<ReadNodes> {
  let cut = known;
  const opened = await openBelow(node, 0, new Uint8Array(32), names && SortedKeys.of(shape, names));
  return { node: opened, cut };

  async function openBelow(
    node: Node,
    depth: number,
    prefix: Uint8Array,
    keys: SortedKeys | undefined,
  ): Promise<Node> {
    const places: Place[] = [];
    const below = placesBelow(node, depth, prefix.slice(), keys, places);
    await Promise.all(
      places.map(async place => {
        place.opened = await open(place);
      }),
    );
    return finish(below) as Node;
  }

  async function open({ node: { hash, count }, depth, prefix, several, keys }: Place): Promise<Node> {
    const bytes = tileOf(hash, await reader.tile(hash));
    const content = contentOf(verifyTile(shape, hash, depth, prefix, bytes, { several }));
    if (content.kind === 'bucket') {
      if (content.bucket.count !== count) throw new WrongCount(content.bucket.count);
      return content.bucket.node(depth) as Node;
    }
    const kept = await keptCounts(reader, hash, content.nodes.count, count);
    if (depth === 0) cut = kept?.cut;
    const counts = kept?.counts ?? (await countExits(reader, hash));
    const fork = TileFork.of(content.nodes, counts);
    if (fork.count !== count) throw new WrongCount(fork.count);
    return openBelow(fork, depth, prefix, keys);
  }
}

/** Finds the places on the paths of keys. `prefix` has the bits that lead to `node`, and is written to behind them. */
function placesBelow(
  node: Node,
  depth: number,
  prefix: Uint8Array,
  keys: SortedKeys | undefined,
  places: Place[],
  several = false,
): Node | Place | Waiting {
  if (keys?.count === 0 || isLeafNode(node)) return node;
  if (isSealed(node)) {
    const place = new Place(node, depth, prefix.slice(), several, keys);
    places.push(place);
    return place;
  }
  // A bucket.
  if (node.records !== undefined) return node;
  const [forLeft, forRight] = keys?.split(depth) ?? [undefined, undefined];
  const { left, right } = node;
  const [byte, bit] = [depth >> 3, 0x80 >> (depth & 7)];
  prefix[byte] = (prefix[byte] as number) & ~bit;
  const isOnly = left === undefined || right === undefined;
  const belowLeft = left && placesBelow(left, depth + 1, prefix, forLeft, places, isOnly);
  prefix[byte] = (prefix[byte] as number) | bit;
  const belowRight = right && placesBelow(right, depth + 1, prefix, forRight, places, isOnly);
  return belowLeft === left && belowRight === right ? node : new Waiting(node, belowLeft, belowRight);
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
