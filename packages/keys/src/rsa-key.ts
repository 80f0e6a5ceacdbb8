// RSA keys as RSAPublicKey (RFC 8017, appendix A.1.1) in DER:
//
//   SEQUENCE { INTEGER n, INTEGER 65537 }       n odd, 2,048 to 4,096 bits
//
// Shorter keys are factored; longer ones, and other exponents, are a way to keep a verifier busy.

import { decodeDer, decodeUnsigned, SEQUENCE } from './der.ts';
import { fail } from './errors.ts';
import { encodeHex } from './hex.ts';

const LEAST_BITS = 2_048;
const MOST_BITS = 4_096;
const EXPONENT = '010001';

/** The bytes of n, the first one not zero. Throws `KEY_RSA`, `KEY_LENGTH` or `KEY_UNSUPPORTED`. */
export function decodeRsaModulus(der: Uint8Array): Uint8Array {
  const body = decodeDer(der, SEQUENCE);
  const n = body === undefined ? undefined : decodeUnsigned(body.content, 0);
  const e = body === undefined || n === undefined ? undefined : decodeUnsigned(body.content, n.end);
  if (n === undefined || e === undefined || body?.end !== der.length || e.end !== body.content.length) {
    throw fail('KEY_RSA', 'rsa key: bytes are no RSAPublicKey in DER');
  }
  const bits = bitLength(n.content);
  if (bits < LEAST_BITS || bits > MOST_BITS) {
    throw fail('KEY_LENGTH', `rsa key: ${bits} bits, expected ${LEAST_BITS} to ${MOST_BITS}`, {
      details: { bits },
    });
  }
  if (encodeHex(e.content) !== EXPONENT) {
    throw fail('KEY_UNSUPPORTED', 'rsa key: another public exponent, expected 65537');
  }
  if ((n.content.at(-1) as number) % 2 === 0) throw fail('KEY_RSA', 'rsa key: modulus is even, expected odd');
  return n.content;
}

/** The bits of a number whose first byte is not zero. */
export function bitLength(number: Uint8Array): number {
  return number.length === 0 ? 0 : number.length * 8 - Math.clz32(number[0] as number) + 24;
}
