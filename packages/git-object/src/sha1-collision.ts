// Whether a block is the last of a known kind of collision attack (counter-cryptanalysis). Of the two colliding inputs one is
// here; the other block is this one with the changes of a disturbance vector. From the step at which both states are equal
// its own steps are run back to the chain that it began with, and on to the one that it ends with. If that is the chain
// of this block, there are two inputs of one hash.
//
// Most blocks leave most vectors after a step or two, and are done with them: an attack follows its vector in the steps
// looked at first, in which a state differs by the sum of the vector's bits, each with one sign or the other.

import { DISTURBANCE_VECTORS, type DisturbanceVector } from './disturbance-vectors.ts';
import { chainAfter, ROW, step, stepBack, STEPS, turn } from './sha1-block.ts';

/** In the last steps an attack may leave its vector; in the first it has not come to it yet. */
const FIRST_FOLLOWED = 35;
const LAST_FOLLOWED = 75;

const other = new Int32Array(ROW);

/** `row` is that of the block; `chain` what it ended with, a to e. */
export function isCollision(words: Int32Array, row: Int32Array, chain: Int32Array): boolean {
  for (const vector of DISTURBANCE_VECTORS)
    if (
      followsUp(words, row, vector) &&
      followsDown(words, row, vector) &&
      endsEqual(words, row, chain, vector)
    )
      return true;
  return false;
}

/** The quick part of the check, which nearly every block fails: from the step at which the states are equal to the end. */
export function followsUp(
  words: Int32Array,
  row: Int32Array,
  { start, disturbances, changes }: DisturbanceVector,
): boolean {
  for (let at = start; at < start + 5; at += 1) other[at] = row[at] as number;
  for (let t = start; t <= LAST_FOLLOWED; t += 1) {
    const found = step(other, t, (words[t] as number) ^ (changes[t] as number));
    other[t + 5] = found;
    if (!isSumOf(disturbances[t] as number, found - (row[t + 5] as number))) return false;
  }
  return true;
}

/** The same back to the beginning: what is few steps up is many down. */
function followsDown(
  words: Int32Array,
  row: Int32Array,
  { start, disturbances, changes }: DisturbanceVector,
): boolean {
  for (let at = start; at < start + 5; at += 1) other[at] = row[at] as number;
  for (let t = start - 1; t >= FIRST_FOLLOWED + 5; t -= 1) {
    const found = stepBack(other, t, (words[t] as number) ^ (changes[t] as number));
    other[t] = found;
    // This word of the row is what step t - 5 came to.
    if (!isSumOf(disturbances[t - 5] as number, found - (row[t] as number))) return false;
  }
  return true;
}

/** Whether `sum` is that of all of these bits, each with one sign or the other. With all of them added, it is twice a part. */
function isSumOf(bits: number, sum: number): boolean {
  const twice = (sum + bits) | 0;
  return (twice & 1) === 0 && ((twice >>> 1) & ~bits & 0x7fff_ffff) === 0;
}

/** The whole of the check, for a vector that was followed. */
export function endsEqual(
  words: Int32Array,
  row: Int32Array,
  chain: Int32Array,
  { start, changes }: DisturbanceVector,
): boolean {
  for (let at = start; at < start + 5; at += 1) other[at] = row[at] as number;
  for (let t = start - 1; t >= 0; t -= 1)
    other[t] = stepBack(other, t, (words[t] as number) ^ (changes[t] as number));
  for (let t = start; t < STEPS; t += 1)
    other[t + 5] = step(other, t, (words[t] as number) ^ (changes[t] as number));
  const [e, d, c, b, a] = other as unknown as [number, number, number, number, number];
  return chainAfter(other, a, b, turn(c), turn(d), turn(e)).every((word, index) => word === chain[index]);
}
