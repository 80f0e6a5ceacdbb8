import { type InnerNodes, isFork, ROOT_FORK } from './inner-nodes.ts';
import type { BranchNode, Node } from './node.ts';

/** Exits of a tile that follow each other, as its bytes and its counts have them. */
export interface ExitRun {
  readonly depths: readonly number[];
  /** 32 bytes each. */
  readonly hashes: Uint8Array;
  readonly counts: readonly number[];
}

/** A node of an inner tile, whose exits are sealed. What is below it is made when somebody looks at it. */
export class TileFork implements BranchNode {
  readonly hash: Uint8Array;
  readonly count: number;
  readonly #nodes: InnerNodes;
  readonly #before: Float64Array;
  readonly #fork: number;
  /** Levels below the root of the tile. */
  readonly #depth: number;
  #halves: readonly [Node | undefined, Node | undefined] | undefined;

  /** `before`: leaves before each exit of the tile, and all of them. */
  private constructor(nodes: InnerNodes, before: Float64Array, fork: number, depth: number) {
    this.hash = nodes.hash(fork) as Uint8Array;
    this.#nodes = nodes;
    this.#before = before;
    this.#fork = fork;
    this.#depth = depth;
    this.count = this.#below(...nodes.exits(fork));
  }

  /** The root of a tile, with the number of leaves below each of its exits. */
  static of(nodes: InnerNodes, counts: readonly number[]): TileFork {
    const before = new Float64Array(counts.length + 1);
    for (const [index, count] of counts.entries()) before[index + 1] = (before[index] as number) + count;
    return new TileFork(nodes, before, ROOT_FORK, 0);
  }

  get left(): Node | undefined {
    return this.#open()[0];
  }

  get right(): Node | undefined {
    return this.#open()[1];
  }

  /** The exits below this node, if its tile starts `depth` levels above, and has more than `most` leaves below each other node. */
  exitsCutAt(depth: number, most: number): ExitRun | undefined {
    const [from, to] = this.#nodes.exits(this.#fork);
    const counts = Array.from({ length: to - from }, (_, index) =>
      this.#below(from + index, from + index + 1),
    );
    if (this.#depth !== depth) return undefined;
    // The forks below this one follow it.
    for (let fork = this.#fork; fork < this.#fork + to - from - 1; fork += 1)
      if (this.#below(...this.#nodes.exits(fork)) <= most) return undefined;
    return { depths: this.#nodes.depths.slice(from, to), hashes: this.#nodes.exitHashes(from, to), counts };
  }

  #below(from: number, to: number): number {
    return (this.#before[to] as number) - (this.#before[from] as number);
  }

  /** The same nodes each time: a tree that was changed is compared with the one before by what they share. */
  #open(): readonly [Node | undefined, Node | undefined] {
    this.#halves ??= [this.#child(this.#nodes.left(this.#fork)), this.#child(this.#nodes.right(this.#fork))];
    return this.#halves;
  }

  #child(node: number): Node | undefined {
    if (isFork(node)) return new TileFork(this.#nodes, this.#before, node, this.#depth + 1);
    const hash = this.#nodes.hash(node);
    return hash && { hash, count: this.#below(...this.#nodes.exits(node)), sealed: true };
  }
}
