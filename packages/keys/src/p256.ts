// P-256 keys. A point has two spellings (SEC 1, section 2.3.3): 04 ‖ x ‖ y and 02 or 03 ‖ x. Both are read; the first is
// the one that is kept, so that a key is one key however it was written.

import { p256 } from '@noble/curves/nist.js';
import { fail } from './errors.ts';
import { encodeHex } from './hex.ts';

/** The 65 bytes of the uncompressed point. Throws `KEY_LENGTH` or `KEY_POINT`. */
export function normaliseP256Point(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== 65 && bytes.length !== 33) {
    throw fail('KEY_LENGTH', `p-256 key: ${bytes.length} bytes, expected 65 or 33`, {
      details: { length: bytes.length },
    });
  }
  try {
    // Checks the first byte, x and y below p, and the equation of the curve.
    return p256.Point.fromBytes(bytes).toBytes(false);
  } catch (cause) {
    throw fail('KEY_POINT', 'p-256 key: bytes are no point of the curve', {
      details: { key: encodeHex(bytes) },
      cause,
    });
  }
}
