import { cutFor, isSameCut, type Tile, type TileCut, tilesOf } from './cut.ts';
import { fail } from './errors.ts';
import { EMPTY, keyOf, type MapShape } from './hashes.ts';
import { sortLeaves } from './keyed-leaves.ts';
import type { Leaf } from './leaf.ts';
import { buildNode, findLeaf, leavesOf, mergeNode, type Node, pathOf } from './node.ts';
import type { Proof } from './proof.ts';
import { type MapTop, readNodes, type TileReader } from './read-tree.ts';

/**
 * A map in memory. Trees never change; `with` shares what stays. The root depends on the set of leaves alone, not on
 * the order or the steps in which they came (docs/pouf.md, section 3).
 */
export class MerkleTree {
  readonly #shape: MapShape;
  readonly #node: Node | undefined;
  /** How it is cut into tiles. Undefined of a published map of which nothing says so. */
  readonly cut: TileCut | undefined;

  private constructor(shape: MapShape, node: Node | undefined, cut: TileCut | undefined) {
    this.#shape = shape;
    this.#node = node;
    this.cut = cut;
  }

  /** Throws `MERKLE_DUPLICATE` when a name comes twice, and what `hashLeaf` throws. */
  static from(shape: MapShape, leaves: Iterable<Leaf>, cut?: TileCut): MerkleTree {
    const node = buildNode(sortLeaves(shape, leaves));
    return new MerkleTree(shape, node, cut ?? cutFor(node?.count ?? 0));
  }

  /**
   * Of a published map what the names need: the tiles on their paths, O(k log n). Looking at any other leaf throws
   * `MERKLE_SEALED`; without names the whole map is read. Every tile that is read is verified up to `top.root`; throws
   * `MERKLE_TILE_ABSENT`, and what `verifyTile` throws.
   */
  static async read(
    shape: MapShape,
    top: MapTop,
    reader: TileReader,
    names?: Iterable<string>,
  ): Promise<MerkleTree> {
    const list = names && [...names];
    const { node, cut } = await readNodes(shape, top, list, reader);
    if ((node?.count ?? 0) === top.size) return new MerkleTree(shape, node, cut);
    // Counts are signed by nobody: what cannot be true is counted anew.
    const { node: counted } = await readNodes(shape, top, list, {
      tile: hash => reader.tile(hash),
      counts: async () => null,
    });
    if ((counted?.count ?? 0) === top.size) return new MerkleTree(shape, counted, undefined);
    throw fail('MERKLE_TILE_SHAPE', `map: ${counted?.count ?? 0} leaves, expected ${top.size}`, {
      details: { leaves: counted?.count ?? 0, expected: top.size },
    });
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
   * removed: a deleted crate has a tombstone. Cut as its size wants it, unless `cut` is given. Throws as `from` does.
   */
  with(changes: Iterable<Leaf>, cut?: TileCut): MerkleTree {
    const node = mergeNode(this.#shape, this.#node, sortLeaves(this.#shape, changes));
    return new MerkleTree(this.#shape, node, cut ?? cutFor(node?.count ?? 0));
  }

  /** All tiles, parents first. Without a root there is none. */
  tiles(): Generator<Tile> {
    return tilesOf(this.#node, undefined, this.cut ?? cutFor(this.size));
  }

  /**
   * The tiles that a publisher of `previous` has yet to write: O(k log n) after k changes; all of them where the two are not
   * cut alike, which needs the whole map.
   */
  tilesSince(previous: MerkleTree): Generator<Tile> {
    return this.isCutAs(previous)
      ? tilesOf(this.#node, previous.#node, previous.cut as TileCut)
      : this.tiles();
  }

  isCutAs({ cut }: MerkleTree): boolean {
    return this.cut !== undefined && cut !== undefined && isSameCut(this.cut, cut);
  }

  /** That `name` has this leaf, or none. */
  prove(name: string): Proof {
    const key = keyOf(this.#shape, name);
    const { end, siblings } = pathOf(this.#node, key);
    return { end: end?.leaf, siblings: siblings.reverse() };
  }
}
