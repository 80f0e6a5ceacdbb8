// The keygrip, by which gpg-agent names a key: libgcrypt's SHA-1 over the parameters of the curve and the point, each as a
// part of an S-expression, `(1:p32:…)(1:a1:…)(1:b32:…)(1:g65:…)(1:n32:…)(1:q32:…)`. It names a key and proves nothing: what
// the agent signs is verified with the public key.

import { createHash } from 'node:crypto';
import { decodeHex, type PublicKey } from '@cargo-tuf/keys';

/** Of an Ed25519 key: 40 upper-case hex digits. */
export function keygripOf(publicKey: PublicKey): string {
  const hash = createHash('sha1');
  for (const [name, value] of [...CURVE, ['q', publicKey.bytes] as const]) {
    hash.update(`(1:${name}${value.length}:`, 'latin1').update(value).update(')', 'latin1');
  }
  return hash.digest('hex').toUpperCase();
}

/** Ed25519 as libgcrypt writes it: a and b without their signs, which both are minus; g not compressed. */
const CURVE: readonly (readonly [name: string, value: Uint8Array])[] = [
  ['p', decodeHex('7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed')],
  ['a', decodeHex('01')],
  ['b', decodeHex('2dfc9311d490018c7338bf8688861767ff8ff5b2bebe27548a14b235eca6874a')],
  [
    'g',
    decodeHex(
      '04216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a6666666666666666666666666666666666666666666666666666666666666658',
    ),
  ],
  ['n', decodeHex('1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed')],
];
