import { bitAt } from './bits.ts';
import { DEFAULT_CUT, type Tile, type TileCut, tilesOf } from './cut.ts';
import { EMPTY, keyOf, type MapShape } from './hashes.ts';
import { sortLeaves } from './keyed-leaves.ts';
import type { Leaf } from './leaf.ts';
import { buildNode, findLeaf, isLeafNode, leavesOf, mergeNode, type Node } from './node.ts';
import type { Proof } from './proof.ts';

/**
 * A map in memory. Trees never change; `with` shares what stays. The root depends on the set of leaves alone, not on
 * the order or the steps in which they came (docs/pouf.md, section 3).
 */
export class MerkleTree {
  readonly #shape: MapShape;
  readonly #node: Node | undefined;

  private constructor(shape: MapShape, node: Node | undefined) {
    this.#shape = shape;
    this.#node = node;
  }

  /** Throws `MERKLE_DUPLICATE` when a name comes twice, and what `hashLeaf` throws. */
  static from(shape: MapShape, leaves: Iterable<Leaf>): MerkleTree {
    return new MerkleTree(shape, buildNode(sortLeaves(shape, leaves)));
  }

  /** `EMPTY` for a map without leaves. */
  get root(): Uint8Array {
    return this.#node?.hash ?? EMPTY;
  }

  /** Number of leaves. */
  get size(): number {
    return this.#node?.count ?? 0;
  }

  leaf(name: string): Leaf | undefined {
    return findLeaf(this.#shape, this.#node, name)?.leaf;
  }

  /** By ascending key. */
  *leaves(): Generator<Leaf> {
    for (const { leaf } of leavesOf(this.#node)) yield leaf;
  }

  /**
   * This tree with `changes` inserted, or in the place of the leaves with their names: O(k log n). A leaf cannot be
   * removed: a deleted crate has a tombstone. Throws as `from` does.
   */
  with(changes: Iterable<Leaf>): MerkleTree {
    return new MerkleTree(this.#shape, mergeNode(this.#shape, this.#node, sortLeaves(this.#shape, changes)));
  }

  /** All tiles, parents first. Without a root there is none. */
  tiles(cut: TileCut = DEFAULT_CUT): Generator<Tile> {
    return tilesOf(this.#node, undefined, cut);
  }

  /** The tiles that a publisher of `previous` (cut alike) has yet to write: O(k log n) after k changes. */
  tilesSince(previous: MerkleTree, cut: TileCut = DEFAULT_CUT): Generator<Tile> {
    return tilesOf(this.#node, previous.#node, cut);
  }

  /** That `name` has this leaf, or none. */
  prove(name: string): Proof {
    const key = keyOf(this.#shape, name);
    const siblings: Uint8Array[] = [];
    let node = this.#node;
    for (let depth = 0; node !== undefined && !isLeafNode(node); depth += 1) {
      const isLeft = bitAt(key, depth) === 0;
      siblings.push((isLeft ? node.right : node.left)?.hash ?? EMPTY);
      node = isLeft ? node.left : node.right;
    }
    return { end: node?.leaf, siblings: siblings.reverse() };
  }
}
