// SHA-1 against that of Node; the detection of collisions against the one that was published (SHAttered, 2017).

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DISTURBANCE_VECTORS } from '../src/disturbance-vectors.ts';
import { Sha1 } from '../src/sha1.ts';
import { chainAfter, expandBlock, ROW, runBlock, step, stepBack, turn } from '../src/sha1-block.ts';
import { endsEqual, followsUp, isCollision } from '../src/sha1-collision.ts';

interface Stream {
  readonly description: string;
  readonly bytes: string;
  readonly expect: string;
  readonly sha1?: string;
}

const streams = JSON.parse(
  readFileSync(new URL('../../../test-vectors/git-object/sha1.json', import.meta.url), 'utf8'),
) as readonly Stream[];
const node = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex');
const ours = (...pieces: readonly Uint8Array[]) => {
  const hash = new Sha1();
  for (const piece of pieces) hash.update(piece);
  return Buffer.from(hash.digest()).toString('hex');
};

describe('SHA-1', () => {
  it('is that of Node, for each length and each place where the bytes are cut', () => {
    for (let length = 0; length < 200; length += 1) {
      const bytes = new Uint8Array(length).fill(length);
      expect(ours(bytes)).toBe(node(bytes));
    }
    const bytes = Uint8Array.from({ length: 200 }, (_, index) => index);
    for (let cut = 0; cut <= 200; cut += 1)
      expect(ours(bytes.subarray(0, cut), bytes.subarray(cut))).toBe(node(bytes));
  });

  it('is that of Node for any bytes, none of which is taken for a collision', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), bytes => ours(bytes) === node(bytes)),
      { numRuns: 500 },
    );
  });
});

describe('test-vectors/git-object/sha1.json', () => {
  it.each(streams)('$description: $expect', ({ bytes, expect: expected, sha1 }) => {
    const stream = Buffer.from(bytes, 'hex');
    if (expected === 'ok') return expect(ours(stream)).toBe(sha1);
    expect(() => ours(stream)).toThrow(expect.objectContaining({ code: expected }));
    for (const size of [1, 63, 64, 65]) {
      const pieces = Array.from({ length: Math.ceil(stream.length / size) }, (_, index) =>
        stream.subarray(index * size, index * size + size),
      );
      expect(() => ours(...pieces)).toThrow(expect.objectContaining({ code: expected }));
    }
  });

  it('holds two streams of one hash, whose blocks differ as the vector II(52, 0) says', () => {
    const [left, right] = streams
      .filter(({ expect: outcome }) => outcome === 'GIT_OBJECT_COLLISION')
      .map(({ bytes }) => Buffer.from(bytes, 'hex').subarray(0, 320));
    expect(left.equals(right)).toBe(false);
    expect(node(left)).toBe(node(right));
    const [a, b] = [left, right].map(bytes => {
      const words = new Int32Array(80);
      expandBlock(bytes, 256, words);
      return words;
    });
    const differences = a.map((word, at) => word ^ b[at]);
    expect(
      DISTURBANCE_VECTORS.filter(({ changes }) => changes.every((word, at) => word === differences[at])),
    ).toEqual([DISTURBANCE_VECTORS[16 + 11]]);
  });
});

describe('disturbance vectors', () => {
  it('are 32, and I(43, 0) changes the words that its table names', () => {
    expect(new Set(DISTURBANCE_VECTORS.map(({ changes }) => changes.join())).size).toBe(32);
    const published = ['8000000', '9800000c', 'd8000010', '8000010', 'b8000010', '98000000', '60000000', '8'];
    expect(
      Array.from(DISTURBANCE_VECTORS[0].changes.subarray(0, 8), word => (word >>> 0).toString(16)),
    ).toEqual(published);
  });

  it.each(DISTURBANCE_VECTORS.map((vector, number) => ({ number, ...vector })))(
    'number $number: another block with its changes that ends with the same chain is found',
    vector => {
      const random = createHash('sha512').update(`vector ${vector.number}`).digest();
      const words = new Int32Array(80);
      expandBlock(random, 0, words);
      const row = new Int32Array(ROW);
      for (let at = 0; at < 5; at += 1) row[at] = random.readInt32BE(4 * at);
      runBlock(words, row);
      const changed = words.map((word, at) => word ^ vector.changes[at]);
      const chain = chainOf(changed, row, vector.start);
      expect(endsEqual(words, row, chain, vector)).toBe(true);
      expect(endsEqual(words, row, chain.with(0, chain[0] ^ 1), vector)).toBe(false);
      expect(isCollision(words, row, chain)).toBe(false); // its steps do not follow the vector
    },
  );

  it.each(DISTURBANCE_VECTORS.map((vector, number) => ({ number, ...vector })))(
    'number $number: steps whose differences are sums of its bits follow it, and no others do',
    vector => {
      const { words, row } = followingSteps(vector, vector.number);
      expect(followsUp(words, row, vector)).toBe(true);
      row[80] ^= 1 << 17; // after step 75
      expect(followsUp(words, row, vector)).toBe(false);
    },
  );

  it('steps are undone', () => {
    const row = Int32Array.from({ length: ROW }, (_, at) => at * 0x9e3779b9);
    for (const t of [0, 19, 20, 39, 40, 59, 60, 79]) {
      row[t + 5] = step(row, t, 0x12345678);
      expect(stepBack(row, t, 0x12345678)).toBe(row[t]);
    }
  });
});

/** Steps up to 75, found by trial, after each of which the other block's state differs in the bits of the vector. */
function followingSteps(vector: (typeof DISTURBANCE_VECTORS)[number], seed: number) {
  const random = numbersFrom(seed);
  for (let restart = 0; restart < 200_000; restart += 1) {
    const found = tryToFollow(vector, random);
    if (found !== undefined) return found;
  }
  throw new Error(`vector ${seed}: no steps found that follow it`);
}

/** A step's word is of chance, and tried 64 times. What stands in the state decides as well. */
function tryToFollow(
  { start, disturbances, changes }: (typeof DISTURBANCE_VECTORS)[number],
  random: () => number,
) {
  const [words, row, other] = [new Int32Array(80), new Int32Array(ROW), new Int32Array(ROW)];
  for (let at = start; at < start + 5; at += 1) other[at] = row[at] = random();
  for (let t = start; t <= 75; t += 1) {
    let tries = 0;
    do {
      if ((tries += 1) > 64) return undefined;
      words[t] = random();
      row[t + 5] = step(row, t, words[t]);
      other[t + 5] = step(other, t, words[t] ^ changes[t]);
    } while ((other[t + 5] ^ row[t + 5]) !== disturbances[t]);
  }
  return { words, row };
}

function numbersFrom(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  };
}

/** The chain that a block ends with whose state before step `start` is that of `row`, from its own chain on. */
function chainOf(words: Int32Array, row: Int32Array, start: number): Int32Array {
  const own = new Int32Array(ROW);
  for (let at = start; at < start + 5; at += 1) own[at] = row[at];
  for (let t = start - 1; t >= 0; t -= 1) own[t] = stepBack(own, t, words[t]);
  const [e, d, c, b, a] = own;
  runBlock(words, own);
  expect([...own.subarray(start, start + 5)]).toEqual([...row.subarray(start, start + 5)]);
  return chainAfter(own, a, b, turn(c), turn(d), turn(e));
}
