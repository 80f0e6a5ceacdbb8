import { BUNDLE_BYTES, packBundle, unpackBundle } from '@cargo-tuf/metadata';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const refusal = expect.objectContaining({ code: 'METADATA_BUNDLE', kind: 'malformed' });
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe('a bundle of roles', () => {
  it('comes back as the roles, one after the other', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), roles => {
        const bundle = packBundle(roles) as Uint8Array;
        expect(Buffer.from(unpackBundle(bundle)).equals(Buffer.concat(roles))).toBe(true);
      }),
    );
  });

  it('takes little for what roles always say', () => {
    const role = text(
      '{"signatures":[{"keyid":"","sig":""}],"signed":{"_type":"snapshot","expires":"2026-01-01T00:00:00Z","meta":{}}}',
    );
    expect((packBundle([role]) as Uint8Array).length).toBeLessThan(role.length / 3);
  });

  it('is not made of roles that are too large', () => {
    expect(packBundle([new Uint8Array(262_145)])).toBeUndefined();
    const random = Uint8Array.from({ length: 2 * BUNDLE_BYTES }, (_, at) => (at * at * 2_654_435_761) >>> 13);
    expect(packBundle([random])).toBeUndefined();
  });

  it('that unpacks to more than it may is refused, and so is every other form', () => {
    const zeros = packBundle([new Uint8Array(262_144)]) as Uint8Array;
    expect(unpackBundle(zeros).length).toBe(262_144);
    // A stored block in front of it: 65,535 bytes more.
    const block = Uint8Array.of(0x00, 0xff, 0xff, 0x00, 0x00);
    const longer = Uint8Array.of(
      ...zeros.subarray(0, 3),
      ...block,
      ...new Uint8Array(1_000),
      ...zeros.subarray(3),
    );
    expect(() => unpackBundle(longer)).toThrow(refusal);
    for (const bytes of [text(''), text('TB\u0001'), text('TB\u0002abc'), new Uint8Array(BUNDLE_BYTES + 1)])
      expect(() => unpackBundle(bytes), `${bytes.length} bytes`).toThrow(refusal);
  });

  it('damaged in any way is refused, or gives other bytes', () => {
    const roles = [
      text('{"signed":{"_type":"snapshot"}}'),
      text('{"signed":{"_type":"targets","targets":{}}}'),
    ];
    const content = Buffer.concat(roles);
    const bundle = packBundle(roles) as Uint8Array;
    const isSame = (bytes: Uint8Array): boolean => {
      try {
        return Buffer.from(unpackBundle(bytes)).equals(content);
      } catch (error) {
        expect(error).toEqual(refusal);
        return false;
      }
    };
    for (let end = 0; end < bundle.length; end += 1)
      expect(isSame(bundle.subarray(0, end)), `${end} bytes`).toBe(false);
    const bitsUnused: number[] = [];
    for (let bit = 0; bit < 8 * bundle.length; bit += 1) {
      const changed = bundle.with(bit >> 3, (bundle[bit >> 3] as number) ^ (1 << (bit & 7)));
      if (isSame(changed)) bitsUnused.push(bit);
    }
    // DEFLATE does not say what fills its last byte.
    expect(bitsUnused.every(bit => bit >= 8 * (bundle.length - 1))).toBe(true);
  });
});
