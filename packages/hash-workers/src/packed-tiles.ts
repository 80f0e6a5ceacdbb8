// Tiles on their way from a worker: all in one array, which is handed over without being copied.

import type { Tile } from '@cargo-tuf/merkle-snapshot';

export interface PackedTiles {
  /** For each tile its hash, its bytes, and its counts if it has some. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** For each tile two lengths: of its bytes, and of its counts, 0 for none. */
  readonly lengths: readonly number[];
}

export interface TilePacker {
  readonly add: (tile: Tile) => void;
  finish(): PackedTiles;
}

/** `capacity`: bytes that are likely to be enough. */
export function packTiles(capacity: number): TilePacker {
  let bytes = new Uint8Array(capacity);
  let length = 0;
  const lengths: number[] = [];
  const append = (part: Uint8Array): void => {
    if (length + part.length > bytes.length) {
      const larger = new Uint8Array(2 * (length + part.length));
      larger.set(bytes);
      bytes = larger;
    }
    bytes.set(part, length);
    length += part.length;
  };
  return {
    add: tile => {
      append(tile.hash);
      append(tile.bytes);
      if (tile.counts !== undefined) append(tile.counts);
      lengths.push(tile.bytes.length, tile.counts?.length ?? 0);
    },
    finish: () => ({ bytes: bytes.subarray(0, length), lengths }),
  };
}

export function* unpackTiles({ bytes, lengths }: PackedTiles): Generator<Tile> {
  let at = 0;
  const take = (length: number): Uint8Array => bytes.subarray(at, (at += length));
  for (let index = 0; index < lengths.length; index += 2) {
    const [tile, counts] = [lengths[index] as number, lengths[index + 1] as number];
    yield { hash: take(32), bytes: take(tile), ...(counts > 0 && { counts: take(counts) }) };
  }
}
