import { expect, it } from 'vitest';
import { createSha1, nobleCreateSha1 } from '../src/sha1.ts';

it('both SHA-1 give the same digests', () => {
  for (let length = 0; length < 200; length += 1) {
    const bytes = new Uint8Array(length).fill(length);
    const digests = [createSha1, nobleCreateSha1].map(create => {
      const hash = create();
      hash.update(bytes);
      hash.update(bytes.subarray(0, 1));
      return Buffer.from(hash.digest()).toString('hex');
    });
    expect(digests[0]).toBe(digests[1]);
  }
});
