// The nodes of an inner tile, in arrays: a node is a number. Forks count from 0, the root, each before those below it and the left
// ones before the right ones; exits are -1, -2, … from left to right.

import { sha256Into } from '@cargo-tuf/keys';
import { copyHash } from './copy-bytes.ts';
import { fail } from './errors.ts';
import { nodeMessages } from './hash-range.ts';
import type { PackedInner } from './tile.ts';

/** The root of every inner tile. */
export const ROOT_FORK = 0;

export function isFork(node: number): boolean {
  return node >= 0;
}

export class InnerNodes {
  /** Of the exits from left to right. */
  readonly depths: readonly number[];
  readonly #exits: Uint8Array;
  readonly #forks: Uint8Array;
  /** Of each fork: its two children, the exits before it, and those before what comes after it. */
  readonly #links: Int16Array;

  private constructor({ depths, hashes }: PackedInner) {
    const forks = depths.length - 1;
    this.depths = depths;
    this.#exits = hashes;
    this.#forks = new Uint8Array(32 * forks);
    this.#links = new Int16Array(4 * forks);
  }

  /** Hashes every node. Throws `MERKLE_TILE_SHAPE` for what is in no tree. */
  static of(tile: PackedInner, tileDepth: number): InnerNodes {
    const { depths, hashes } = tile;
    const nodes = new InnerNodes(tile);
    const [forks, links] = [nodes.#forks, nodes.#links];
    let [exits, next] = [0, 0];
    // The exits are those of one tree: no other list of them is decoded.
    const read = (depth: number, out: Uint8Array, offset: number): number => {
      const exitDepth = depths[exits] as number;
      if (tileDepth + exitDepth > 256) throw refuse(`exit at depth ${tileDepth + exitDepth} of 256`);
      if (exitDepth === depth) {
        copyHash(hashes, 32 * exits, out, offset);
        exits += 1;
        return -exits;
      }
      const fork = next;
      const message = nodeMessages[depth] as Uint8Array;
      next += 1;
      links[4 * fork + 2] = exits;
      const left = read(depth + 1, message, 1);
      const right = read(depth + 1, message, 33);
      if (nodes.#isEmpty(left) && nodes.#isEmpty(right)) throw refuse('node with two empty exits');
      links[4 * fork] = left;
      links[4 * fork + 1] = right;
      links[4 * fork + 3] = exits;
      sha256Into(message, out, offset);
      copyHash(out, offset, forks, 32 * fork);
      return fork;
    };
    // There are two exits or more, and none at depth 0: the first node is a fork.
    read(0, new Uint8Array(32), 0);
    return nodes;
  }

  /** Number of exits. */
  get count(): number {
    return this.depths.length;
  }

  /** Undefined for an empty exit. Memory of these nodes: not to be written to. */
  hash(node: number): Uint8Array | undefined {
    if (isFork(node)) return this.#forks.subarray(32 * node, 32 * node + 32);
    return this.#isEmpty(node) ? undefined : this.#exits.subarray(32 * ~node, 32 * ~node + 32);
  }

  left(fork: number): number {
    return this.#links[4 * fork] as number;
  }

  right(fork: number): number {
    return this.#links[4 * fork + 1] as number;
  }

  /** The exits below a node: index of the first one, and of the one after the last. */
  exits(node: number): readonly [number, number] {
    if (!isFork(node)) return [~node, ~node + 1];
    return [this.#links[4 * node + 2] as number, this.#links[4 * node + 3] as number];
  }

  /** The hashes of the exits `from`…`to`, 32 bytes each. Memory of these nodes. */
  exitHashes(from: number, to: number): Uint8Array {
    return this.#exits.subarray(32 * from, 32 * to);
  }

  #isEmpty(node: number): boolean {
    if (isFork(node)) return false;
    const start = 32 * ~node;
    for (let index = start; index < start + 32; index += 1) if (this.#exits[index] !== 0) return false;
    return true;
  }
}

function refuse(reason: string): Error {
  return fail('MERKLE_TILE_SHAPE', `tile: ${reason}`);
}
