// Every leaf of a map, which counts when the root that all of them make is the signed one.
//
// For a tree of any map each tile is verified when it is read, so that a mirror that bends one, or a damaged store, gives way
// to the next source. For a whole index, tiles that the store has are not verified one by one: the root says the same of all of
// them at once, whatever tiles its leaves were read from. Where it is another, or none can be made, each tile is verified.

import { isTufError } from '@cargo-tuf/errors';
import { encodeHex } from '@cargo-tuf/keys';
import { type Leaf, MerkleTree, unpackLeaves } from '@cargo-tuf/merkle-snapshot';
import { fail } from './errors.ts';
import { leafRecords } from './leaf-records.ts';
import { keptTileBytes, tileBytes, unverifiedTileBytes } from './map-tiles.ts';
import type { MapContext } from './map-walk.ts';

/** As one tree. `size` is the signed number of leaves and bounds what is fetched. */
export async function fetchTree(context: MapContext, size: number): Promise<MerkleTree> {
  const leaves: Leaf[] = [];
  for await (const records of leafRecords(context, size, tileBytes))
    for (const leaf of unpackLeaves(records)) leaves.push(leaf);
  const tree = MerkleTree.from(context.shape, leaves);
  assertMap(context, size, tree);
  return tree;
}

/**
 * Makes an index map from all of its leaf records (docs/pouf.md, section 5), whole ones in pieces, which it leaves as they are;
 * throws for a name that comes twice, and for what is no leaf of an index. `buildIndexMap` of hash-workers does it in threads.
 *
 * `repository`: its id, 32 bytes.
 */
export type MapBuilder = (
  repository: Uint8Array,
  records: AsyncIterable<Uint8Array>,
) => Promise<{ readonly root: Uint8Array; readonly size: number }>;

export interface ProvedMap {
  /** 64 hex digits. */
  readonly root: string;
  /** In no order; to be taken once. */
  readonly leaves: Iterable<Leaf>;
}

/** Memory holds the records until the leaves are taken. */
export async function proveEveryLeaf(
  context: MapContext,
  size: number,
  build: MapBuilder,
): Promise<ProvedMap> {
  const read = async (bytesOf: typeof keptTileBytes): Promise<ProvedMap> => {
    const pieces: Uint8Array[] = [];
    const records = keeping(leafRecords(context, size, bytesOf), pieces);
    assertMap(context, size, await build(context.shape.repository, records));
    return { root: context.root, leaves: leavesOf(pieces) };
  };
  try {
    return await read(unverifiedTileBytes);
  } catch (error) {
    if (!isTufError(error)) throw error;
    return read(keptTileBytes);
  }
}

function assertMap(
  { root, subject }: MapContext,
  size: number,
  map: { readonly root: Uint8Array; readonly size: number },
): void {
  const made = encodeHex(map.root);
  if (made === root && map.size === size) return;
  throw fail('CLIENT_MIX', `${subject}: root ${made} of ${map.size} leaves, expected ${root} of ${size}`, {
    details: { root: made, expected: root, size: map.size, expectedSize: size },
  });
}

async function* keeping(
  records: AsyncIterable<Uint8Array>,
  pieces: Uint8Array[],
): AsyncGenerator<Uint8Array> {
  for await (const piece of records) {
    pieces.push(piece);
    yield piece;
  }
}

function* leavesOf(pieces: readonly Uint8Array[]): Generator<Leaf> {
  for (const piece of pieces) yield* unpackLeaves(piece);
}
