import { describe, expect, it } from 'vitest';
import { formatProved, parseProved, type ProvedLeaves } from '../src/proved-leaves.ts';
import { leafOf } from './world.ts';

const PROVED: ProvedLeaves = {
  version: 2 ** 40 + 17,
  root: '2c'.repeat(32),
  leaves: new Map([
    ['absent', undefined],
    ['serde', leafOf('serde', 7)],
    ['gone', { name: 'gone', kind: 'tombstone', version: 9, length: 0, sha256: new Uint8Array(32) }],
  ]),
};

describe('proved leaves', () => {
  it('come back as they were written', () => {
    const bytes = formatProved(PROVED);
    expect(parseProved(bytes)).toEqual(PROVED);
    expect(formatProved(parseProved(bytes) as ProvedLeaves)).toEqual(bytes);
  });

  it('are none where a byte is cut off or changed, unless they say something else', () => {
    const bytes = formatProved(PROVED);
    for (let at = 0; at < bytes.length; at += 1) {
      expect(parseProved(bytes.subarray(0, at)), `${at} bytes`).toBeUndefined();
      const changed = bytes.with(at, (bytes[at] as number) ^ 1);
      const read = parseProved(changed);
      if (read !== undefined) expect(formatProved(read), `byte ${at}`).toEqual(changed);
    }
  });

  it.each([
    ['no object', '[]'],
    ['no leaves', '{"format":1,"root":"aa","version":1}'],
    ['a leaf of another kind', '{"format":1,"leaves":{"a":"claim:1:1:ab"},"root":"aa","version":1}'],
    ['a number', '{"format":1,"leaves":{"a":1},"root":"aa","version":1}'],
    ['another format', '{"format":2,"leaves":{},"root":"aa","version":1}'],
    ['white space', '{"format":1, "leaves":{},"root":"aa","version":1}'],
  ])('are none of %s', (_, text) => {
    expect(parseProved(new TextEncoder().encode(text))).toBeUndefined();
  });
});
