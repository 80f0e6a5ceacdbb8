// @ts-check
// Searches names whose keys share many bits, as test-vectors/merkle-snapshot/mined.json has them: `node mine-keys.mjs [N, 25]`.
// Among 2^N keys two share about 2N-1 bits, three about (3N-3)/2. Takes about a minute and 8 bytes a name.

import { hash } from 'node:crypto';

const EXPONENT = Number(process.argv[2] ?? 25);
const COUNT = 2 ** EXPONENT;
/** A dozen pairs share so many bits. */
const WANTED = 2 * EXPONENT - 5;

/** @param {number} index */
const nameOf = index => `mined-${index.toString(36)}`;
/** @param {number} index the first 52 bits of a key */
const startOf = index => Number.parseInt(hash('sha256', `mi/ne/${nameOf(index)}`, 'hex').slice(0, 13), 16);

const starts = new Float64Array(COUNT);
for (let index = 0; index < COUNT; index += 1) starts[index] = startOf(index);
starts.sort();

/** Bits that two starts share. @param {number} left @param {number} right */
function sharedBits(left, right) {
  let bits = 52;
  for (let [a, b] = [left, right]; a !== b; bits -= 1) [a, b] = [Math.floor(a / 2), Math.floor(b / 2)];
  return bits;
}

/** By their starts: how many bits of the key the group shares. @type {Map<number, number>} */
const groups = new Map();
let [three, at] = [0, 0];
for (let index = 1; index < COUNT; index += 1) {
  const pair = sharedBits(startAt(index - 1), startAt(index));
  if (pair >= WANTED) groups.set(startAt(index - 1), pair).set(startAt(index), pair);
  const triple = index > 1 ? sharedBits(startAt(index - 2), startAt(index)) : 0;
  if (triple > three) [three, at] = [triple, index];
}
for (const start of starts.subarray(at - 2, at + 1)) groups.set(start, three);

/** @param {number} index */
function startAt(index) {
  return /** @type {number} */ (starts[index]);
}

/** @type {{ name: string, start: number, shared: number }[]} */
const found = [];
for (let index = 0; index < COUNT; index += 1) {
  const shared = groups.get(startOf(index));
  if (shared !== undefined) found.push({ name: nameOf(index), start: startOf(index), shared });
}
found.sort((left, right) => left.start - right.start);
for (const { name, start, shared } of found) console.log(start.toString(16).padStart(13, '0'), shared, name);
