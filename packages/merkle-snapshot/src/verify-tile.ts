// A tile counts only after its hash was recomputed (docs/pouf.md, section 5):
//
// 1. the exits are the ends of one binary tree, as every inner tile that can be decoded says
// 2. no node has two empty exits, and no depth is beyond 256
// 3. the keys of a bucket ascend and share all bits walked so far
// 4. the recomputed hash is the tile's name
// 5. a subtree that stands beside an empty one has two leaves or more
//
// A verified tile remembers the bits that lead to it, and answers only for keys that have them.

import { escapeText } from '@cargo-tuf/errors';
import { encodeHex, equalBytes } from '@cargo-tuf/keys';
import { bitAt, sharedBits } from './bits.ts';
import { Bucket } from './bucket.ts';
import { fail } from './errors.ts';
import type { MapShape } from './hashes.ts';
import { InnerNodes, ROOT_FORK } from './inner-nodes.ts';
import type { Leaf } from './leaf.ts';
import { openTile, type PackedBucket, type PackedInner } from './tile.ts';

export type TileContent =
  | { readonly kind: 'inner'; readonly nodes: InnerNodes }
  | { readonly kind: 'bucket'; readonly bucket: Bucket };

let mint: (hash: Uint8Array, depth: number, prefix: Uint8Array, content: TileContent) => VerifiedTile;
let open: (tile: VerifiedTile) => TileContent;

/** A tile whose hash was recomputed. Only `verifyTile` makes one. Serves every key that starts with its bits. */
export class VerifiedTile {
  static {
    mint = (hash, depth, prefix, content) => new VerifiedTile(hash, depth, prefix, content);
    open = tile => tile.#content;
  }

  readonly #hash: Uint8Array;
  readonly #depth: number;
  readonly #prefix: Uint8Array;
  readonly #content: TileContent;

  private constructor(hash: Uint8Array, depth: number, prefix: Uint8Array, content: TileContent) {
    this.#hash = hash;
    this.#depth = depth;
    this.#prefix = prefix;
    this.#content = content;
  }

  get hash(): Uint8Array {
    return this.#hash;
  }

  /** How many bits of a key lead to the tile. */
  get depth(): number {
    return this.#depth;
  }

  /** True if the walk of `key` comes to this tile. */
  isOnPathOf(key: Uint8Array): boolean {
    return sharedBits(key, this.#prefix) >= this.#depth;
  }
}

export interface TilePlace {
  /** The parent says that the subtree has two leaves or more (`several` of the step that led here). */
  readonly several?: boolean;
}

/**
 * Verifies the tile that a walk of `prefixKey` reached after `depth` bits under the name `hash`.
 * Throws `MERKLE_SYNTAX`, `MERKLE_LIMIT`, `MERKLE_TILE_SHAPE`, `MERKLE_TILE_PLACE`, `MERKLE_TILE_HASH`, `MERKLE_NAME`.
 */
export function verifyTile(
  shape: MapShape,
  hash: Uint8Array,
  depth: number,
  prefixKey: Uint8Array,
  bytes: Uint8Array,
  place: TilePlace = {},
): VerifiedTile {
  const tile = openTile(bytes);
  const [computed, content] =
    tile.kind === 'inner'
      ? verifyInner(tile, depth)
      : verifyBucket(shape, tile, bytes, depth, prefixKey, place);
  if (!equalBytes(computed, hash)) {
    throw fail('MERKLE_TILE_HASH', `tile: hash ${encodeHex(computed)}, expected ${encodeHex(hash)}`, {
      details: { hash: encodeHex(computed), expected: encodeHex(hash) },
    });
  }
  return mint(new Uint8Array(hash), depth, new Uint8Array(prefixKey), content);
}

export function contentOf(tile: VerifiedTile): TileContent {
  return open(tile);
}

function verifyInner(tile: PackedInner, depth: number): readonly [Uint8Array, TileContent] {
  const nodes = InnerNodes.of(tile, depth);
  return [nodes.hash(ROOT_FORK) as Uint8Array, { kind: 'inner', nodes }];
}

function verifyBucket(
  shape: MapShape,
  { count }: PackedBucket,
  bytes: Uint8Array,
  depth: number,
  prefixKey: Uint8Array,
  { several = false }: TilePlace,
): readonly [Uint8Array, TileContent] {
  const bucket = Bucket.read(shape, count, bytes);
  if (several && count === 1) throw refuseShape('a single leaf stands beside an empty subtree');
  let before: Uint8Array | undefined;
  for (let index = 0; index < count; index += 1) {
    const key = bucket.key(index);
    const shared = sharedBits(key, prefixKey);
    if (shared < depth) throw refusePlace(bucket.leaf(index), depth, shared);
    if (before !== undefined && !isBefore(before, key)) {
      throw refuseShape(`leaf ${escapeText(bucket.leaf(index).name)} is not after the one before it`);
    }
    before = key;
  }
  return [bucket.hash(depth), { kind: 'bucket', bucket }];
}

function isBefore(left: Uint8Array, right: Uint8Array): boolean {
  const shared = sharedBits(left, right);
  return shared < 256 && bitAt(left, shared) === 0;
}

function refusePlace({ name }: Leaf, depth: number, shared: number): Error {
  return fail('MERKLE_TILE_PLACE', `tile: leaf ${escapeText(name)} is not below the ${depth} bits walked`, {
    details: { name, depth, shared },
  });
}

function refuseShape(reason: string): Error {
  return fail('MERKLE_TILE_SHAPE', `tile: ${reason}`);
}
