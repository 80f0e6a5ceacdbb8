// ECDSA signatures of P-256 in DER (RFC 3279, section 2.2.3):
//
//   30 len 02 len r 02 len s        r and s from 1 to n-1, in the fewest bytes, first bit 0
//
// Refused: other than the one DER spelling, r or s outside the range, and anything after. s above n/2 is accepted:
// hardware signers make such signatures, and a signature does not name anything here.

import { concatBytes, equalBytes } from './bytes.ts';
import { encodeHex } from './hex.ts';

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** r ‖ s, 32 bytes each; undefined for what is not exactly such a signature. */
export function decodeEcdsaSignature(der: Uint8Array): Uint8Array | undefined {
  // 2 + 2 × (2 + 33) bytes at most: lengths are one byte.
  if (der.length > 72 || der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  const r = readInteger(der, 2);
  const s = r === undefined ? undefined : readInteger(der, 4 + (der[3] as number));
  if (r === undefined || s === undefined) return undefined;
  const signature = concatBytes([r, s]);
  return equalBytes(encodeEcdsaSignature(signature), der) ? signature : undefined;
}

/** The DER form of r ‖ s. */
export function encodeEcdsaSignature(signature: Uint8Array): Uint8Array {
  const body = concatBytes([
    writeInteger(signature.subarray(0, 32)),
    writeInteger(signature.subarray(32, 64)),
  ]);
  return concatBytes([Uint8Array.of(0x30, body.length), body]);
}

function readInteger(der: Uint8Array, offset: number): Uint8Array | undefined {
  const length = der[offset + 1];
  if (der[offset] !== 0x02 || length === undefined || length < 1 || length > 33) return undefined;
  const content = der.subarray(offset + 2, offset + 2 + length);
  if (content.length !== length || (length === 33 && content[0] !== 0)) return undefined;
  const magnitude = length === 33 ? content.subarray(1) : content;
  const value = BigInt(`0x${encodeHex(magnitude)}`);
  if (value < 1n || value >= ORDER) return undefined;
  const out = new Uint8Array(32);
  out.set(magnitude, 32 - magnitude.length);
  return out;
}

function writeInteger(number: Uint8Array): Uint8Array {
  const first = number.findIndex(byte => byte !== 0);
  const magnitude = number.subarray(first);
  const sign = (magnitude[0] as number) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0);
  return concatBytes([Uint8Array.of(0x02, sign.length + magnitude.length), sign, magnitude]);
}
