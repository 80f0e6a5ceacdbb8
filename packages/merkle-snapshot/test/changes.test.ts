import { sha256 } from '@cargo-tuf/keys';
import {
  type Changes,
  decodeChanges,
  encodeChanges,
  joinRuns,
  keyOf,
  mayHaveChanged,
  MERKLE_LIMITS,
  runOf,
} from '@cargo-tuf/merkle-snapshot';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexShape } from './shape.ts';

const refusal = expect.objectContaining({ code: expect.stringMatching(/^MERKLE_/) });
const shape = indexShape();
const root = sha256(new TextEncoder().encode('root'));
const keyOfNumber = (value: number): Uint8Array => {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(0, value);
  return key;
};
const prefixes = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 40 })),
);

describe('changes', () => {
  it('come back from their bytes, whatever changed', () => {
    fc.assert(
      fc.property(
        fc.array(prefixes, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        fc.constantFrom(1, 64, 4096),
        (sets, to, span) => {
          const changes: Changes = { to, span, runs: sets.map(set => runOf(root, set.map(keyOfNumber))) };
          const bytes = encodeChanges(changes);
          const read = decodeChanges(bytes);
          expect(read).toEqual(changes);
          // A publisher writes runs that it has read into the next file.
          expect(encodeChanges(read)).toEqual(bytes);
          const next = { ...read, runs: [runOf(root, [keyOfNumber(7)]), ...read.runs] };
          expect(decodeChanges(encodeChanges(next))).toEqual(next);
        },
      ),
    );
  });

  it('name every name that changed, and hardly another', () => {
    const names = Array.from({ length: 2_000 }, (_, index) => `crate-${index}`);
    const run = runOf(
      root,
      names.slice(0, 1_000).map(name => keyOf(shape, name)),
    );
    for (const name of names.slice(0, 1_000)) expect(mayHaveChanged(run, keyOf(shape, name))).toBe(true);
    const others = names.slice(1_000).filter(name => mayHaveChanged(run, keyOf(shape, name)));
    expect(others.length).toBeLessThan(2);
  });

  it('of several runs are the changes of each, since the root before the oldest', () => {
    fc.assert(
      fc.property(fc.array(prefixes, { minLength: 1, maxLength: 4 }), sets => {
        const runs = sets.map((set, index) =>
          runOf(
            root.map(byte => byte ^ index),
            set.map(keyOfNumber),
          ),
        );
        const joined = joinRuns(runs);
        expect([...joined.prefixes]).toEqual([...new Set(sets.flat())].sort((a, b) => a - b));
        expect(joined.start).toEqual(runs.at(-1)?.start);
      }),
    );
    expect(() => joinRuns([])).toThrow(refusal);
  });

  it('take about three bytes a name', () => {
    const sizeOf = (count: number): number => {
      const keys = Array.from({ length: count }, (_, index) => keyOf(shape, `crate-${index}`));
      return encodeChanges({ to: 1, span: 1, runs: [runOf(root, keys)] }).length / count;
    };
    expect(sizeOf(100)).toBeLessThan(3.8);
    expect(sizeOf(1_000)).toBeLessThan(3.1);
    expect(sizeOf(10_000)).toBeLessThan(2.7);
  });

  it('refuse every truncation, and every flipped bit is refused or read as something else', () => {
    const keys = Array.from({ length: 40 }, (_, index) => keyOf(shape, `crate-${index}`));
    const changes = {
      to: 900,
      span: 64,
      runs: [runOf(root, keys), runOf(root, []), runOf(root, keys.slice(3))],
    };
    const bytes = encodeChanges(changes);
    for (let end = 0; end < bytes.length; end += 1) {
      expect(() => decodeChanges(bytes.subarray(0, end)), `${end} bytes`).toThrow(refusal);
    }
    expect(() => decodeChanges(Uint8Array.of(...bytes, 0))).toThrow(refusal);
    let read = 0;
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const damaged = bytes.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      try {
        expect(decodeChanges(damaged), `bit ${bit}`).not.toEqual(changes);
        read += 1;
      } catch (error) {
        expect(error).toEqual(refusal);
      }
    }
    expect(read).toBeGreaterThan(0);
  });

  it('are bounded: in bytes, in runs, in names', () => {
    const many = Array.from({ length: MERKLE_LIMITS.changedNames + 1 }, (_, index) => keyOfNumber(index));
    expect(() => encodeChanges({ to: 1, span: 1, runs: [runOf(root, many)] })).toThrow(refusal);
    const runs = Array.from({ length: MERKLE_LIMITS.changeRuns + 1 }, () => runOf(root, []));
    expect(() => encodeChanges({ to: 1, span: 1, runs })).toThrow(refusal);
    expect(() => decodeChanges(new Uint8Array(MERKLE_LIMITS.changesBytes + 1))).toThrow(refusal);
    const claimed = Uint8Array.of(
      0x54,
      0x46,
      1,
      1,
      1,
      0,
      1,
      ...root.subarray(0, 8),
      0xff,
      0xff,
      0xff,
      0x7f,
      0,
    );
    expect(() => decodeChanges(claimed)).toThrow(expect.objectContaining({ code: 'MERKLE_LIMIT' }));
  });
});
