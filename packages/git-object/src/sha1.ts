// SHA-1, for the ids of objects in SHA-1 repositories. It tells which object git means. Blocks of the known collision attacks
// are refused, as git does: against those who know others, it proves nothing.

import { fail } from './errors.ts';
import { chainAfter, expandBlock, ROW, runBlock, STEPS } from './sha1-block.ts';
import { isCollision } from './sha1-collision.ts';

export interface Hash {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

const BLOCK = 64;
const START: readonly number[] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];

/** Throws `GIT_OBJECT_COLLISION` in `update` or `digest`, at the first block of a collision. */
export class Sha1 implements Hash {
  readonly #chain = Int32Array.from(START);
  readonly #words = new Int32Array(STEPS);
  readonly #row = new Int32Array(ROW);
  readonly #rest = new Uint8Array(BLOCK);
  #length = 0;

  update(bytes: Uint8Array): this {
    const filled = this.#length % BLOCK;
    this.#length += bytes.length;
    let at = 0;
    if (filled > 0) {
      at = Math.min(BLOCK - filled, bytes.length);
      this.#rest.set(bytes.subarray(0, at), filled);
      if (filled + at < BLOCK) return this;
      this.#addBlock(this.#rest, 0);
    }
    for (; at + BLOCK <= bytes.length; at += BLOCK) this.#addBlock(bytes, at);
    this.#rest.set(bytes.subarray(at));
    return this;
  }

  digest(): Uint8Array {
    const [length, filled] = [this.#length, this.#length % BLOCK];
    const end = new Uint8Array((filled < BLOCK - 8 ? 1 : 2) * BLOCK - filled);
    end[0] = 0x80;
    const view = new DataView(end.buffer);
    view.setUint32(end.length - 8, Math.floor(length / 2 ** 29));
    view.setUint32(end.length - 4, (length * 8) >>> 0);
    this.update(end);
    const out = new DataView(new ArrayBuffer(20));
    for (const [index, word] of this.#chain.entries()) out.setInt32(4 * index, word);
    return new Uint8Array(out.buffer);
  }

  #addBlock(bytes: Uint8Array, offset: number): void {
    const [chain, words, row] = [this.#chain, this.#words, this.#row];
    expandBlock(bytes, offset, words);
    for (let index = 0; index < 5; index += 1) {
      const word = chain[4 - index] as number;
      row[index] = index < 3 ? (word << 2) | (word >>> 30) : word;
    }
    runBlock(words, row);
    const [a, b, c, d, e] = chain as unknown as [number, number, number, number, number];
    chain.set(chainAfter(row, a, b, c, d, e));
    if (!isCollision(words, row, chain)) return;
    throw fail('GIT_OBJECT_COLLISION', 'object: bytes of a collision attack on SHA-1, expected none', {
      details: { chain: Array.from(chain, word => (word >>> 0).toString(16).padStart(8, '0')).join('') },
    });
  }
}
