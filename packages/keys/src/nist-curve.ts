// Keys on P-256 and P-384. A point has two spellings (SEC 1, section 2.3.3): 04 ‖ x ‖ y and 02 or 03 ‖ x. Both are read;
// the first is the one that is kept, so that a key is one key however it was written.

import { p256, p384 } from '@noble/curves/nist.js';
import { fail } from './errors.ts';
import { encodeHex } from './hex.ts';

export interface NistCurve {
  readonly name: 'p-256' | 'p-384';
  /** Bytes of a coordinate, and of r and s. */
  readonly size: number;
  /** n, the number of points. */
  readonly order: bigint;
  /** The uncompressed point. Throws unless the first byte, x and y below p, and the equation of the curve are right. */
  readonly uncompress: (bytes: Uint8Array) => Uint8Array;
}

export const P256: NistCurve = {
  name: 'p-256',
  size: 32,
  order: p256.Point.Fn.ORDER,
  uncompress: bytes => p256.Point.fromBytes(bytes).toBytes(false),
};

export const P384: NistCurve = {
  name: 'p-384',
  size: 48,
  order: p384.Point.Fn.ORDER,
  uncompress: bytes => p384.Point.fromBytes(bytes).toBytes(false),
};

/** The uncompressed point. Throws `KEY_LENGTH` or `KEY_POINT`. */
export function normalisePoint(curve: NistCurve, bytes: Uint8Array): Uint8Array {
  const { name, size } = curve;
  const lengths = [1 + 2 * size, 1 + size];
  if (!lengths.includes(bytes.length)) {
    throw fail('KEY_LENGTH', `${name} key: ${bytes.length} bytes, expected ${lengths.join(' or ')}`, {
      details: { length: bytes.length },
    });
  }
  try {
    return curve.uncompress(bytes);
  } catch (cause) {
    throw fail('KEY_POINT', `${name} key: bytes are no point of the curve`, {
      details: { key: encodeHex(bytes) },
      cause,
    });
  }
}
