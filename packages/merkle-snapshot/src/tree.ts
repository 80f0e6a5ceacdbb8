import { cutFor, isSameCut, type Tile, type TileCut, tilesOf } from './cut.ts';
import { fail } from './errors.ts';
import { EMPTY, isEmpty, keyOf, type MapShape } from './hashes.ts';
import { sortLeaves } from './keyed-leaves.ts';
import type { Leaf } from './leaf.ts';
import { buildNode, findLeaf, leavesOf, mergeNode, type Node, pathOf } from './node.ts';
import type { Proof } from './proof.ts';
import { openNodes, type TileReader, WrongCount } from './read-tree.ts';

/** What `crates.json` signs of a map. */
export interface MapTop {
  readonly root: Uint8Array;
  /** Number of leaves. */
  readonly size: number;
}

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
    const { root, size } = top;
    if (isEmpty(root) && size !== 0) throw wrongSize(0, size);
    const node = isEmpty(root) ? undefined : ({ hash: root, count: size, sealed: true } as const);
    // A map of one bucket is cut in the same way by every rule.
    return new MerkleTree(shape, node, cutFor(size)).open(reader, names);
  }

  /** This tree, with what more names need, or all. What was read before is not read again; else as `read`. */
  async open(reader: TileReader, names?: Iterable<string>): Promise<MerkleTree> {
    if (this.#node === undefined) return this;
    const list = names && [...names];
    try {
      const known = { node: this.#node, cut: this.cut };
      const { node, cut } = await openNodes(this.#shape, known, list, reader);
      return new MerkleTree(this.#shape, node, cut);
    } catch (error) {
      if (!(error instanceof WrongCount)) throw error;
      return this.#openCounted(reader, list);
    }
  }

  /** Counts are signed by nobody: what cannot be true is counted anew. */
  async #openCounted(reader: TileReader, names: Iterable<string> | undefined): Promise<MerkleTree> {
    const known = { node: { hash: this.root, count: this.size, sealed: true }, cut: undefined } as const;
    const withoutCounts: TileReader = { tile: hash => reader.tile(hash), counts: async () => null };
    try {
      const { node } = await openNodes(this.#shape, known, names, withoutCounts);
      return new MerkleTree(this.#shape, node, undefined);
    } catch (error) {
      throw error instanceof WrongCount ? wrongSize(error.leaves, this.size) : error;
    }
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

function wrongSize(leaves: number, expected: number): Error {
  return fail('MERKLE_TILE_SHAPE', `map: ${leaves} leaves, expected ${expected}`, {
    details: { leaves, expected },
  });
}
