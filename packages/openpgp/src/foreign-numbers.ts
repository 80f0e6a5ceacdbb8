// The numbers of algorithms that are not used here, RFC 4880, sections 5.2.3 and 5.5.2, and RFC 6637, section 9. Nothing is
// made of them. But other programs read them, and refuse the whole certificate where they are damaged:
//
//   RSA key                two numbers
//   ECDH key               a curve, a number, and how the key is derived: 03 01 08 07

import type { ByteReader } from './bytes.ts';
import { fail } from './errors.ts';

/** How many numbers a key of an algorithm has. Those of curves begin with the name of the curve. */
const KEY_NUMBERS: Readonly<Record<number, number>> = { 1: 2, 2: 2, 3: 2, 16: 3, 17: 4, 18: 1, 19: 1 };
const SIGNATURE_NUMBERS: Readonly<Record<number, number>> = { 1: 1, 3: 1, 17: 2, 19: 2, 22: 2 };
const [ECDH, ECDSA] = [18, 19];

/** Throws `OPENPGP_ALGORITHM`, `OPENPGP_MPI`, `OPENPGP_KEY`, `OPENPGP_TRUNCATED`, `OPENPGP_TRAILING`. */
export function skipKeyNumbers(reader: ByteReader, algorithm: number): void {
  const count = KEY_NUMBERS[algorithm];
  if (count === undefined) {
    throw fail('OPENPGP_ALGORITHM', `public key: algorithm ${algorithm}, expected one of RFC 4880`, {
      details: { algorithm },
    });
  }
  if (algorithm === ECDH || algorithm === ECDSA) takeSome(reader, 'curve');
  for (let index = 0; index < count; index += 1) skipNumber(reader, 'public key');
  if (algorithm === ECDH && takeSome(reader, 'derivation')[0] !== 1)
    throw fail('OPENPGP_KEY', 'public key: derivation of another version, expected 1');
  reader.end();
}

/** Of a signature that is left out. An algorithm that is not known has numbers of any form. */
export function skipSignatureNumbers(reader: ByteReader, algorithm: number): void {
  const count = SIGNATURE_NUMBERS[algorithm];
  if (count === undefined) return;
  for (let index = 0; index < count; index += 1) skipNumber(reader, 'signature');
  reader.end();
}

function skipNumber(reader: ByteReader, subject: string): void {
  const bits = reader.uint16();
  const octets = reader.take(Math.ceil(bits / 8));
  const [first] = octets;
  if (first !== undefined && octets.length * 8 - (Math.clz32(first) - 24) === bits) return;
  throw fail('OPENPGP_MPI', `${subject}: a number whose length says ${bits} bits, expected its own`, {
    details: { bits },
  });
}

/** The octets after their count, of which there are some. */
function takeSome(reader: ByteReader, what: string): Uint8Array {
  const octets = reader.take(reader.byte());
  if (octets.length > 0) return octets;
  throw fail('OPENPGP_KEY', `public key: an empty ${what}, expected one`);
}
