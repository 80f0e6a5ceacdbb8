// Mark: every subtree and every entry of the maps that are needed. What they share is visited once.
//
// Tiles are followed as they stand there. A map may have been cut in another way before it doubled, and a tile of the old cut stays where
// its subtree did (tile-files.ts); the next publish takes the tiles of the cut of today for granted, though no walk comes to them. So
// not tiles are marked but nodes: a tile at any node of a needed map is needed. All cuts have the same buckets, so that nodes within a
// bucket have no tiles.

import { isTufError } from '@cargo-tuf/errors';
import { decodeHex, encodeHex } from '@cargo-tuf/keys';
import {
  EMPTY,
  type MapShape,
  partsOf,
  type TileAddress,
  tilePath,
  type TileParts,
  verifyTile,
} from '@cargo-tuf/merkle-snapshot';
import { fail } from './errors.ts';
import { HashSet } from './hash-set.ts';
import type { StatedMap } from './named-files.ts';
import type { PublishedBytes } from './published-bytes.ts';

/** The address of a map's root; undefined where the map is empty. */
export function topOf({ root }: StatedMap): TileAddress | undefined {
  if (root === encodeHex(EMPTY)) return undefined;
  return { hash: decodeHex(root, 32), depth: 0, key: new Uint8Array(32), several: false };
}

/** Null where there is none. Throws `REPOSITORY_DAMAGED` where other bytes stand. */
export async function readTile(
  bytes: PublishedBytes,
  shape: MapShape,
  address: TileAddress,
): Promise<TileParts | null> {
  const { hash, depth, key, several } = address;
  const found = await bytes.get(tilePath(hash));
  if (found === null) return null;
  try {
    return partsOf(verifyTile(shape, hash, depth, key, found.bytes, { several }), address);
  } catch (cause) {
    if (!isTufError(cause)) throw cause;
    throw fail('REPOSITORY_DAMAGED', `${tilePath(hash)}: ${cause.message}`, {
      cause,
      details: cause.details,
    });
  }
}

export class NeededNodes {
  readonly #bytes: PublishedBytes;
  readonly #onLeaves: (count: number) => void;
  readonly #tiles: HashSet = new HashSet();
  readonly #forks: HashSet = new HashSet();
  readonly #contents: HashSet = new HashSet();

  /** `onLeaves` is told of leaves that were added. */
  constructor(bytes: PublishedBytes, onLeaves: (count: number) => void) {
    this.#bytes = bytes;
    this.#onLeaves = onLeaves;
  }

  /** True for every subtree of the maps, and, by chance, for another. */
  hasSubtree(hash: Uint8Array): boolean {
    return this.#tiles.has(hash) || this.#forks.has(hash);
  }

  /** The same for the content of a leaf. */
  hasContent(sha256: Uint8Array): boolean {
    return this.#contents.has(sha256);
  }

  /** A map of which every tile must be there: `REPOSITORY_DAMAGED`. */
  async add(map: StatedMap): Promise<void> {
    await this.#visit(map, topOf(map), true);
  }

  /** A map of which some may be missing. Add it after all that must be there: what was visited is not visited again. */
  async addStanding(map: StatedMap): Promise<void> {
    await this.#visit(map, topOf(map), false);
  }

  async #visit(map: StatedMap, address: TileAddress | undefined, isWhole: boolean): Promise<void> {
    if (address === undefined || !this.#tiles.add(address.hash)) return;
    const parts = await readTile(this.#bytes, map.shape, address);
    if (parts === null) {
      if (!isWhole) return;
      throw fail(
        'REPOSITORY_DAMAGED',
        `${tilePath(address.hash)}: is missing, but a retained map refers to it`,
        {
          details: { hash: encodeHex(address.hash) },
        },
      );
    }
    if (parts.kind === 'bucket') {
      for (const { sha256 } of parts.leaves) this.#contents.add(sha256);
      this.#onLeaves(parts.leaves.length);
      return;
    }
    for (const fork of parts.forks) this.#forks.add(fork);
    for (const exit of parts.exits) await this.#visit(map, exit, isWhole);
  }
}
