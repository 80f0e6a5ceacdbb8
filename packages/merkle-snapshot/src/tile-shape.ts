// The shape of an inner tile's tree, two bits an exit: a node that goes on is 1, an exit 0, each node before its left half and
// that before its right one. Every string that ends with its tree is the shape of one tree, and every tree has one string.
//
//   1 1 0 0 0        exits at depths 2, 2 and 1

import { BitReader, BitWriter } from './bit-string.ts';
import type { ByteReader } from './byte-reader.ts';
import { fail } from './errors.ts';

/** Exits are at most this far below the root of their tile. */
const DEEPEST = 127;

/** Throws `MERKLE_TILE_SHAPE` for depths that are not those of the ends of one tree, from left to right. */
export function encodeShape(depths: readonly number[]): Uint8Array {
  const string = new BitWriter();
  const path = new Path();
  for (const depth of depths) {
    if (path.isEnded || depth < path.depth || depth < 1 || depth > DEEPEST) {
      throw fail('MERKLE_TILE_SHAPE', `tile: exit at depth ${depth}, where the tree has none`, {
        details: { depth },
      });
    }
    while (path.depth < depth) {
      string.bits(1, 1);
      path.goLeft();
    }
    string.bits(0, 1);
    path.goOn();
  }
  if (path.isEnded) return string.finish();
  throw fail('MERKLE_TILE_SHAPE', `tile: the tree goes on after ${depths.length} exits`);
}

/** The depths of `count` exits, from left to right. Throws `MERKLE_SYNTAX`. */
export function decodeShape(reader: ByteReader, count: number): readonly number[] {
  const string = new BitReader(reader);
  const path = new Path();
  const depths: number[] = [];
  while (!path.isEnded) {
    if (string.bits(1) === 1) {
      if (path.depth === DEEPEST) reader.refuse(`exit below depth ${DEEPEST}`);
      path.goLeft();
      continue;
    }
    depths.push(path.depth);
    if (depths.length > count) reader.refuse(`more exits than ${count}`);
    path.goOn();
  }
  if (depths.length < count) reader.refuse(`${depths.length} exits, expected ${count}`);
  string.end();
  return depths;
}

/** The way from the root to where the next node is. */
class Path {
  /** For each level whether the way goes right. */
  readonly #right: boolean[] = [];
  isEnded = false;

  get depth(): number {
    return this.#right.length;
  }

  goLeft(): void {
    this.#right.push(false);
  }

  /** To the node after the one that ends here. */
  goOn(): void {
    while (this.#right.at(-1) === true) this.#right.pop();
    this.isEnded = this.#right.length === 0;
    if (!this.isEnded) this.#right[this.#right.length - 1] = true;
  }
}
