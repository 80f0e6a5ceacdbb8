// Multiprecision integers, RFC 4880, section 3.2: the number of bits, then the octets, big-endian, no leading zeros.
//
//   00 09 01 ff   511

import { type ByteReader, concatBytes, writeNumber } from './bytes.ts';
import { fail } from './errors.ts';

/** The octets, filled up with zeros on the left to `length`. Throws `OPENPGP_MPI` for any second spelling, and for zero. */
export function readMpi(reader: ByteReader, length: number, subject: string): Uint8Array {
  const bits = reader.uint16();
  if (bits === 0 || bits > length * 8) {
    throw fail('OPENPGP_MPI', `${subject}: ${bits} bits, expected 1 to ${length * 8}`, { details: { bits } });
  }
  const octets = reader.take(Math.ceil(bits / 8));
  const found = octets.length * 8 - (Math.clz32(octets[0] as number) - 24);
  if (found !== bits) {
    throw fail('OPENPGP_MPI', `${subject}: ${found} bits, its length says ${bits}`, {
      details: { found, bits },
    });
  }
  return concatBytes(new Uint8Array(length - octets.length), octets);
}

export function encodeMpi(octets: Uint8Array): Uint8Array {
  let start = 0;
  while (start < octets.length && octets[start] === 0) start += 1;
  const rest = octets.subarray(start);
  const bits = rest.length === 0 ? 0 : rest.length * 8 - (Math.clz32(rest[0] as number) - 24);
  return concatBytes(writeNumber(bits, 2), rest);
}
