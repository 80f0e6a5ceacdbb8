import { type InnerNodes, isFork, ROOT_FORK } from './inner-nodes.ts';
import type { BranchNode, Node } from './node.ts';

/** A node of an inner tile, whose exits are sealed. What is below it is made when somebody looks at it. */
export class TileFork implements BranchNode {
  readonly hash: Uint8Array;
  readonly count: number;
  readonly #nodes: InnerNodes;
  readonly #before: Float64Array;
  readonly #fork: number;
  #halves: readonly [Node | undefined, Node | undefined] | undefined;

  /** `before`: leaves before each exit of the tile, and all of them. */
  private constructor(nodes: InnerNodes, before: Float64Array, fork: number) {
    const [from, to] = nodes.exits(fork);
    this.hash = nodes.hash(fork) as Uint8Array;
    this.count = (before[to] as number) - (before[from] as number);
    this.#nodes = nodes;
    this.#before = before;
    this.#fork = fork;
  }

  /** The root of a tile, with the number of leaves below each of its exits. */
  static of(nodes: InnerNodes, counts: readonly number[]): TileFork {
    const before = new Float64Array(counts.length + 1);
    for (const [index, count] of counts.entries()) before[index + 1] = (before[index] as number) + count;
    return new TileFork(nodes, before, ROOT_FORK);
  }

  get left(): Node | undefined {
    return this.#open()[0];
  }

  get right(): Node | undefined {
    return this.#open()[1];
  }

  /** The same nodes each time: a tree that was changed is compared with the one before by what they share. */
  #open(): readonly [Node | undefined, Node | undefined] {
    this.#halves ??= [this.#child(this.#nodes.left(this.#fork)), this.#child(this.#nodes.right(this.#fork))];
    return this.#halves;
  }

  #child(node: number): Node | undefined {
    if (isFork(node)) return new TileFork(this.#nodes, this.#before, node);
    const hash = this.#nodes.hash(node);
    const [from, to] = this.#nodes.exits(node);
    const count = (this.#before[to] as number) - (this.#before[from] as number);
    return hash && { hash, count, sealed: true };
  }
}
