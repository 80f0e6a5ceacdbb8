// The strict rules of Ed25519. Libraries disagree on signatures that no honest signer makes; these rules refuse all of
// them before a library sees them, as `verify_strict` of ed25519-dalek does:
//
//   1. A key is 32 bytes, a signature 64: R ‖ S.
//   2. S < L.                            Else S + L is a second signature of the same message.
//   3. y < p in A and in R.              Else a point has two spellings.
//   4. Neither A nor R is of low order.  With A = 0100…00, R = A, S = 0 is a signature of every message.
//   5. [S]B = R + [k]A, without multiplying by the cofactor.

import { fail } from './errors.ts';
import { encodeHex } from './hex.ts';

const FIELD = 2n ** 255n - 19n;
/** L, the order of the base point. */
export const ED25519_ORDER: bigint = 2n ** 252n + 27742317777372353535851937790883648493n;

/** d of the curve -x² + y² = 1 + d·x²·y². */
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

const ORDER_8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;

/** The y coordinates of the points of order 1, 2, 4 and 8. Their spellings with y ≥ p fall under rule 3. */
const LOW_ORDER: ReadonlySet<bigint> = new Set([0n, 1n, FIELD - 1n, ORDER_8, FIELD - ORDER_8]);

/** Throws `KEY_LENGTH`, `KEY_POINT` or `KEY_LOW_ORDER` unless `key` keeps rules 1, 3 and 4 and is on the curve. */
export function checkEd25519Key(key: Uint8Array): void {
  if (key.length !== 32) {
    throw fail('KEY_LENGTH', `ed25519 key: ${key.length} bytes, expected 32`, {
      details: { length: key.length },
    });
  }
  const y = readY(key);
  if (LOW_ORDER.has(y)) {
    throw fail('KEY_LOW_ORDER', 'ed25519 key: point of low order, expected one of order L', {
      details: { key: encodeHex(key) },
    });
  }
  if (y >= FIELD || !isOnCurve(y)) {
    throw fail('KEY_POINT', 'ed25519 key: bytes are no canonical point of the curve', {
      details: { key: encodeHex(key) },
    });
  }
}

/** Rules 1 to 4 for a signature. */
export function isStrictEd25519Signature(signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  if (readLittleEndian(signature.subarray(32)) >= ED25519_ORDER) return false;
  const y = readY(signature.subarray(0, 32));
  return y < FIELD && !LOW_ORDER.has(y);
}

export function readLittleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${encodeHex(new Uint8Array(bytes).reverse())}`);
}

/** The y coordinate: all bits but the highest, which is the sign of x. */
function readY(point: Uint8Array): bigint {
  return BigInt.asUintN(255, readLittleEndian(point));
}

/**
 * Whether the curve has a point with this y: x² = (y² - 1) / (d·y² + 1) is a square (RFC 8032, section 5.1.3), by Euler's criterion.
 * The product of the two terms is a square where their quotient is one. x = 0 is of low order. One implementation for both
 * back ends, so that they take the same keys; OpenSSL has none.
 */
function isOnCurve(y: bigint): boolean {
  const square = (y * y) % FIELD;
  let base = ((square - 1n + FIELD) * (D * square + 1n)) % FIELD;
  let power = 1n;
  for (let exponent = (FIELD - 1n) / 2n; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) power = (power * base) % FIELD;
    base = (base * base) % FIELD;
  }
  return power === 1n;
}
