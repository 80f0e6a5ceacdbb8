// SHA-1 of one block, FIPS 180-4, section 6.1.2, written as one row of 85 words, since of the five words of the state the
// last four are those of the steps before:
//
//   row   0 … 4        5            …   84
//         the chain    after step 0     after step 79
//
// The words of the chain stand in the order e, d, c, b, a, and the first three turned back by 30 bits.

export const STEPS = 80;
const CHAIN = 5;
export const ROW: number = CHAIN + STEPS;

/** The constants of the four rounds. */
const K1 = 0x5a827999;
const K2 = 0x6ed9eba1;
const K3 = 0x8f1bbcdc | 0;
const K4 = 0xca62c1d6 | 0;

/** The 16 words at `offset` of `bytes`, and the 64 that follow from them. */
export function expandBlock(bytes: Uint8Array, offset: number, words: Int32Array): void {
  for (let t = 0; t < 16; t += 1) {
    const at = offset + 4 * t;
    words[t] =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number);
  }
  for (let t = 16; t < STEPS; t += 1) {
    const sum =
      (words[t - 3] as number) ^
      (words[t - 8] as number) ^
      (words[t - 14] as number) ^
      (words[t - 16] as number);
    words[t] = (sum << 1) | (sum >>> 31);
  }
}

/** Fills the row after the chain: what `step` does, written out, and three times as fast. */
export function runBlock(words: Int32Array, row: Int32Array): void {
  let e = turn(row[0] as number);
  let d = turn(row[1] as number);
  let c = turn(row[2] as number);
  let b = row[3] as number;
  let a = row[4] as number;
  for (let t = 0; t < STEPS; t += 1) {
    let sum = (((a << 5) | (a >>> 27)) + e + (words[t] as number)) | 0;
    if (t < 20) sum += (d ^ (b & (c ^ d))) + K1;
    else if (t < 40) sum += (b ^ c ^ d) + K2;
    else if (t < 60) sum += ((b & c) | (d & (b | c))) + K3;
    else sum += (b ^ c ^ d) + K4;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = sum | 0;
    row[t + CHAIN] = a;
  }
}

/** What step `t` with this word makes of the row before it. */
export function step(row: Int32Array, t: number, word: number): number {
  const a = row[t + 4] as number;
  return (((a << 5) | (a >>> 27)) + others(row, t) + turn(row[t] as number) + word) | 0;
}

/** The word of the row that step `t` began with, given what it came to: `step` undone. */
export function stepBack(row: Int32Array, t: number, word: number): number {
  const a = row[t + 4] as number;
  const turned = ((row[t + CHAIN] as number) - ((a << 5) | (a >>> 27)) - others(row, t) - word) | 0;
  return (turned << 2) | (turned >>> 30);
}

/** The function of the round and its constant. */
function others(row: Int32Array, t: number): number {
  const b = row[t + 3] as number;
  const c = turn(row[t + 2] as number);
  const d = turn(row[t + 1] as number);
  if (t < 20) return (d ^ (b & (c ^ d))) + K1;
  if (t < 40) return (b ^ c ^ d) + K2;
  if (t < 60) return ((b & c) | (d & (b | c))) + K3;
  return (b ^ c ^ d) + K4;
}

export function turn(word: number): number {
  return (word << 30) | (word >>> 2);
}

/** The five words of the chain, a to e, after the block whose row this is. */
export function chainAfter(
  row: Int32Array,
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
): Int32Array {
  return Int32Array.of(
    a + (row[84] as number),
    b + (row[83] as number),
    c + turn(row[82] as number),
    d + turn(row[81] as number),
    e + turn(row[80] as number),
  );
}
