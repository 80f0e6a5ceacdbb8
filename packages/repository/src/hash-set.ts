// Tens of millions of hashes in memory: the first 53 bits of each, as numbers in one array, 8 to 16 bytes a hash.

/** Hashes that are told apart by their first 53 bits: `has` can be true, by chance, for one that was not added. */
export class HashSet {
  #slots: Float64Array = new Float64Array(1024);
  #size = 0;

  has(hash: Uint8Array): boolean {
    const prefix = prefixOf(hash);
    return this.#slots[slotOf(this.#slots, prefix)] === prefix;
  }

  /** False when it, or one that looks like it, was there already. */
  add(hash: Uint8Array): boolean {
    const prefix = prefixOf(hash);
    const slot = slotOf(this.#slots, prefix);
    if (this.#slots[slot] === prefix) return false;
    this.#slots[slot] = prefix;
    this.#size += 1;
    if (4 * this.#size > 3 * this.#slots.length) this.#grow();
    return true;
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#slots.length);
    for (const prefix of this.#slots) if (prefix !== FREE) larger[slotOf(larger, prefix)] = prefix;
    this.#slots = larger;
  }
}

const FREE = 0;

function prefixOf(hash: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0] = hash;
  const high = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const low = ((e << 16) | (f << 8) | g) >>> 3;
  return high * 2 ** 21 + low || 1;
}

/** Where a prefix stands, or the free slot where it would. */
function slotOf(slots: Float64Array, prefix: number): number {
  const mask = slots.length - 1;
  let slot = (prefix >>> 0) & mask;
  while (slots[slot] !== FREE && slots[slot] !== prefix) slot = (slot + 1) & mask;
  return slot;
}
