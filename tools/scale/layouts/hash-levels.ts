/** A balanced binary tree of SHA-256 as TAP 16 has it, 64 bytes a leaf: a last node without a pair goes up as it is. */
export class HashLevels {
  readonly #levels: Buffer[] = [];
  readonly #leafHash: (leaf: number) => string;
  readonly #hash: (text: string) => string;

  /** `hash`: of the two hashes below, as hex digits one after the other. All hashes are 64 hex digits. */
  constructor(size: number, leafHash: (leaf: number) => string, hash: (text: string) => string) {
    this.#leafHash = leafHash;
    this.#hash = hash;
    const leaves = Buffer.allocUnsafe(32 * size);
    for (let leaf = 0; leaf < size; leaf++) leaves.write(leafHash(leaf), 32 * leaf, 'hex');
    this.#levels.push(leaves);
    for (let below = size; below > 1; below = Math.ceil(below / 2)) {
      const level = this.#levels.length;
      this.#levels.push(Buffer.allocUnsafe(32 * Math.ceil(below / 2)));
      for (let node = 0; node < Math.ceil(below / 2); node++) this.#pair(level, node);
    }
  }

  /** Hashes leaves anew, and what is above them. */
  change(leaves: readonly number[]): void {
    for (const leaf of leaves) this.#levels[0]?.write(this.#leafHash(leaf), 32 * leaf, 'hex');
    let changed = new Set(leaves);
    for (let level = 1; level < this.#levels.length; level++) {
      changed = new Set([...changed].map(node => node >> 1));
      for (const node of changed) this.#pair(level, node);
    }
  }

  root(): string {
    return this.#at(this.#levels.length - 1, 0) ?? '0'.repeat(64);
  }

  /** From the leaf up: the hash beside each node, and whether the node is right of it. */
  path(leaf: number): readonly { readonly hash: string; readonly isRight: boolean }[] {
    return this.#levels.slice(0, -1).flatMap((_, level) => {
      const node = leaf >>> level;
      const hash = this.#at(level, node ^ 1);
      return hash === undefined ? [] : [{ hash, isRight: node % 2 === 1 }];
    });
  }

  #pair(level: number, node: number): void {
    const [left, right] = [this.#at(level - 1, 2 * node) as string, this.#at(level - 1, 2 * node + 1)];
    this.#levels[level]?.write(right === undefined ? left : this.#hash(left + right), 32 * node, 'hex');
  }

  #at(level: number, node: number): string | undefined {
    const hashes = this.#levels[level] as Buffer;
    return 32 * node < hashes.length ? hashes.toString('hex', 32 * node, 32 * node + 32) : undefined;
  }
}
