// ECDSA signatures in DER (RFC 3279, section 2.2.3):
//
//   30 len 02 len r 02 len s        r and s from 1 to n-1, in the fewest bytes, first bit 0
//
// Refused: other than the one DER spelling, r or s outside the range, and anything after. s above n/2 is accepted:
// hardware signers make such signatures, and a signature does not name anything here.

import { decodeDer, decodeUnsigned, SEQUENCE } from './der.ts';
import { encodeHex } from './hex.ts';
import type { CurveSizes } from './nist-curve.ts';

/** r ‖ s, `curve.size` bytes each; undefined for what is not exactly such a signature. */
export function decodeEcdsaSignature(der: Uint8Array, curve: CurveSizes): Uint8Array | undefined {
  const body = decodeDer(der, SEQUENCE);
  if (body === undefined || body.end !== der.length) return undefined;
  const r = decodeUnsigned(body.content, 0);
  const s = r === undefined ? undefined : decodeUnsigned(body.content, r.end);
  if (r === undefined || s === undefined || s.end !== body.content.length) return undefined;
  if (!isInRange(r.content, curve) || !isInRange(s.content, curve)) return undefined;
  const signature = new Uint8Array(curve.size * 2);
  signature.set(r.content, curve.size - r.content.length);
  signature.set(s.content, curve.size * 2 - s.content.length);
  return signature;
}

function isInRange(number: Uint8Array, curve: CurveSizes): boolean {
  if (number.length === 0 || number.length > curve.size) return false;
  return BigInt(`0x${encodeHex(number)}`) < curve.order;
}
