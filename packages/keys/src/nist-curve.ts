// Keys on P-256 and P-384. A point has two spellings (SEC 1, section 2.3.3): 04 ‖ x ‖ y and 02 or 03 ‖ x. Both are read;
// the first is the one that is kept, so that a key is one key however it was written.

import type { CryptoBackend, NistCurve } from './backend.ts';
import { fail } from './errors.ts';
import { encodeHex } from './hex.ts';

export interface CurveSizes {
  /** Bytes of a coordinate, and of r and s. */
  readonly size: number;
  /** n, the number of points (SEC 2, sections 2.4.2 and 2.5.1). */
  readonly order: bigint;
}

export const NIST_CURVES: Readonly<Record<NistCurve, CurveSizes>> = {
  'p-256': {
    size: 32,
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  'p-384': {
    size: 48,
    order:
      0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
};

/** The uncompressed point. Throws `KEY_LENGTH` or `KEY_POINT`. */
export function normalisePoint(curve: NistCurve, bytes: Uint8Array, backend: CryptoBackend): Uint8Array {
  const { size } = NIST_CURVES[curve];
  const lengths = [1 + 2 * size, 1 + size];
  if (!lengths.includes(bytes.length)) {
    throw fail('KEY_LENGTH', `${curve} key: ${bytes.length} bytes, expected ${lengths.join(' or ')}`, {
      details: { length: bytes.length },
    });
  }
  try {
    // OpenSSL has a third spelling, 06 or 07 before both coordinates.
    if (bytes.length === 1 + 2 * size ? bytes[0] === 4 : bytes[0] === 2 || bytes[0] === 3)
      return backend.uncompress(curve, bytes);
  } catch (cause) {
    throw notOnCurve(curve, bytes, cause);
  }
  throw notOnCurve(curve, bytes);
}

function notOnCurve(curve: NistCurve, bytes: Uint8Array, cause?: unknown): Error {
  return fail('KEY_POINT', `${curve} key: bytes are no point of the curve`, {
    details: { key: encodeHex(bytes) },
    cause,
  });
}
