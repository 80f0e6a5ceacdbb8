import { indexPathOfLowerCase, writeIndexPath } from '@cargo-tuf/crate-index';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const out = new Uint8Array(512);

/** What is written for a name that stands between other bytes; undefined where none is. */
function written(name: Uint8Array): string | undefined {
  const length = writeIndexPath(Uint8Array.of(1, 2, ...name, 3), 2, 2 + name.length, out);
  return length === 0 ? undefined : Buffer.from(out.subarray(0, length)).toString('latin1');
}

describe('writeIndexPath', () => {
  it('writes what indexPathOfLowerCase gives, or leaves it to it', () => {
    const letters = 'abcxyz019_-'.split('');
    const name = fc.array(fc.constantFrom(...letters, 'A', '.', '/', 'é'), { minLength: 0, maxLength: 70 });
    fc.assert(
      fc.property(fc.oneof(name, fc.array(fc.constantFrom(...letters), { maxLength: 70 })), parts => {
        const text = parts.join('');
        const path = written(new TextEncoder().encode(text));
        if (path !== undefined) expect(path).toBe(indexPathOfLowerCase(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it('writes every plain name of 5 to 64 characters', () => {
    for (let length = 1; length <= 70; length += 1) {
      const name = `a-b_9${'x'.repeat(65)}`.slice(0, length);
      const path = written(new TextEncoder().encode(name));
      expect(path).toBe(length < 5 || length > 64 ? undefined : indexPathOfLowerCase(name));
    }
  });

  it.each(Array.from({ length: 256 }, (_, byte) => byte))('byte %i, first and later', byte => {
    const character = String.fromCharCode(byte);
    expect(written(Uint8Array.of(byte, 97, 97, 97, 97)) !== undefined).toBe(/^[a-z]$/.test(character));
    expect(written(Uint8Array.of(97, 97, 97, 97, byte)) !== undefined).toBe(/^[a-z0-9_-]$/.test(character));
  });
});
