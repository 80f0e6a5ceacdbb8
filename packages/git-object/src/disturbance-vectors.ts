// The disturbance vectors of SHA-1 that collision attacks can be built on, and how the two blocks of such a collision differ.
//
// Marc Stevens, "Counter-cryptanalysis" (CRYPTO 2013), and Stevens and Shumow, "Speeding up detection of SHA-1 collision
// attacks using unavoidable attack conditions" (USENIX Security 2017), name these 32. A vector is 16 words in a row from step
// K on, turned left by b bits, and the words that follow from them by the rule of SHA-1's own expansion, to both sides:
//
//   I(K, b)     all zero but bit 0 of step K + 15
//   II(K, b)    all zero but bit 31 of steps K + 1 and K + 3, and bit 0 of step K + 15
//
// Each bit disturbs the state in its step; the five steps after it correct that, each in a bit of its own.

import { STEPS } from './sha1-block.ts';

export interface DisturbanceVector {
  /** Before this step the two states are equal. */
  readonly start: number;
  /** By step: the bits in which the state after it differs. */
  readonly disturbances: Int32Array;
  /** By step: the bits in which the words of the two blocks differ. */
  readonly changes: Int32Array;
}

const TYPE_I: readonly (readonly [K: number, b: number])[] = [
  [43, 0],
  [44, 0],
  [45, 0],
  [46, 0],
  [46, 2],
  [47, 0],
  [47, 2],
  [48, 0],
  [48, 2],
  [49, 0],
  [49, 2],
  [50, 0],
  [50, 2],
  [51, 0],
  [51, 2],
  [52, 0],
];
const TYPE_II: readonly (readonly [K: number, b: number])[] = [
  [45, 0],
  [46, 0],
  [46, 2],
  [47, 0],
  [48, 0],
  [49, 0],
  [49, 2],
  [50, 0],
  [50, 2],
  [51, 0],
  [51, 2],
  [52, 0],
  [53, 0],
  [54, 0],
  [55, 0],
  [56, 0],
];

/** Steps before the first whose disturbances still ask for corrections. */
const BEFORE = 5;

function vectorOf(K: number, bits: ReadonlyMap<number, number>): DisturbanceVector {
  const row = new Int32Array(BEFORE + STEPS);
  for (const [step, word] of bits) row[BEFORE + K + step] = word;
  const at = (index: number) => row[index] as number;
  for (let i = BEFORE + K + 16; i < row.length; i += 1)
    row[i] = turnLeft(at(i - 3) ^ at(i - 8) ^ at(i - 14) ^ at(i - 16), 1);
  for (let i = BEFORE + K - 1; i >= 0; i -= 1)
    row[i] = turnLeft(at(i + 16), 31) ^ at(i + 13) ^ at(i + 8) ^ at(i + 2);
  const changes = new Int32Array(STEPS);
  for (let t = 0; t < STEPS; t += 1) {
    const i = BEFORE + t;
    const carried = turnLeft(at(i - 3) ^ at(i - 4) ^ at(i - 5), 30);
    changes[t] = at(i) ^ turnLeft(at(i - 1), 5) ^ at(i - 2) ^ carried;
  }
  return { start: K + 15, disturbances: row.subarray(BEFORE), changes };
}

function turnLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

export const DISTURBANCE_VECTORS: readonly DisturbanceVector[] = [
  ...TYPE_I.map(([K, b]) => vectorOf(K, new Map([[15, turnLeft(1, b)]]))),
  ...TYPE_II.map(([K, b]) => {
    const high = turnLeft(1, 31 + b);
    return vectorOf(
      K,
      new Map([
        [1, high],
        [3, high],
        [15, turnLeft(1, b)],
      ]),
    );
  }),
];
