// Certificates as bytes: what the signatures in them are refused for, whatever the time.

import {
  afterKey,
  bind,
  certify,
  type Craft,
  craftCertificate,
  craftSignature,
  flags,
  hashedKey,
  packet,
  revoke,
  sub,
  T0,
  uint,
  USER_ID,
} from './craft.ts';
import {
  type CertificateCase,
  head,
  of,
  owner,
  plain,
  second,
  selfSigned,
  stranger,
  subkey,
} from './certificate-case.ts';

const bound = (craft: Craft = {}, back: Craft | null = {}) =>
  craftCertificate(owner, bind(owner, subkey, craft, back));
const signatures: readonly CertificateCase[] = [
  of('self-signature with SHA-1', selfSigned({ hash: 2 }), 'OPENPGP_HASH'),
  of('self-signature with SHA-512, not allowed', selfSigned({ hash: 10 }), 'OPENPGP_HASH'),
  of('self-signature of version 3', selfSigned({ version: 3 }), 'OPENPGP_VERSION'),
  of('self-signature with RSA', selfSigned({ algorithm: 1 }), 'OPENPGP_ALGORITHM'),
  of('self-signature before the key', selfSigned({ created: T0 - 1 }), 'OPENPGP_SIGNATURE_TIME'),
  of(
    'self-signature with key flags in the unhashed area',
    selfSigned({
      hashed: list => list,
      unhashed: list => [...list, flags(3)],
    }),
    'OPENPGP_SUBPACKET',
  ),
  of(
    'self-signature with an end of the key in the unhashed area',
    selfSigned({
      hashed: list => [...list, flags(3)],
      unhashed: list => [...list, sub(9, uint(99, 4))],
    }),
    'OPENPGP_SUBPACKET',
  ),
  of('key flags twice', selfSigned({ hashed: list => [...list, flags(1), flags(2)] }), 'OPENPGP_SUBPACKET'),
  of(
    'key flags of no octets',
    selfSigned({ hashed: list => [...list, sub(27, Buffer.alloc(0))] }),
    'OPENPGP_TRUNCATED',
  ),
  of(
    'designated revoker',
    selfSigned({ hashed: list => [...list, flags(3), sub(12, Buffer.alloc(22))] }),
    'OPENPGP_SUBPACKET',
  ),
  of(
    'signature without an issuer',
    selfSigned({ hashed: ([, created]) => [created], unhashed: () => [] }),
    'OPENPGP_SUBPACKET',
  ),
  of(
    'self-signature by a stranger who states the owner',
    craftCertificate(owner, certify(owner, USER_ID, { issuer: owner.fingerprint }, stranger)),
    'OPENPGP_SIGNATURE',
  ),
  of(
    'issuer with the same last eight octets',
    craftCertificate(
      owner,
      certify(
        owner,
        USER_ID,
        {
          issuer: Buffer.concat([Buffer.alloc(12), owner.fingerprint.subarray(-8)]),
        },
        stranger,
      ),
    ),
    'OPENPGP_ISSUER',
  ),
  of(
    'revocation by a stranger who states the owner',
    afterKey(owner, revoke(owner, 2, { issuer: owner.fingerprint }, stranger)),
    'OPENPGP_SIGNATURE',
  ),
  of(
    'certification of another user id',
    Buffer.concat([head, packet(13, Buffer.from('B')), certify(owner, USER_ID)]),
    'OPENPGP_HASH_PREFIX',
  ),
  of(
    'direct key signature',
    afterKey(owner, packet(2, craftSignature(owner, [hashedKey(owner.body)], { type: 0x1f }))),
    'OPENPGP_SIGNATURE_TYPE',
  ),
  of('certification after the key', afterKey(owner, certify(owner, USER_ID)), 'OPENPGP_SIGNATURE_TYPE'),
  of(
    'signature of a document after the key',
    afterKey(owner, packet(2, craftSignature(owner, [Buffer.alloc(0)]))),
    'OPENPGP_SIGNATURE_TYPE',
  ),
  of(
    'binding after a user id',
    Buffer.concat([plain, bind(owner, subkey).subarray(packet(14, subkey.body).length)]),
    'OPENPGP_SIGNATURE_TYPE',
  ),
];

const bindings: readonly CertificateCase[] = [
  of('binding with SHA-1', bound({ hash: 2 }), 'OPENPGP_HASH'),
  of('back-signature with SHA-1', bound({}, { hash: 2 }), 'OPENPGP_HASH'),
  of('back-signature of type 0x18', bound({}, { type: 0x18 }), 'OPENPGP_SIGNATURE_TYPE'),
  of('back-signature of version 3', bound({}, { version: 3 }), 'OPENPGP_VERSION'),
  of('back-signature by another key', bound({}, { issuer: stranger.fingerprint }), 'OPENPGP_ISSUER'),
  of('back-signature before the subkey', bound({}, { created: T0 - 1 }), 'OPENPGP_SIGNATURE_TIME'),
  of(
    'back-signature in a back-signature',
    bound({}, { unhashed: list => [...list, sub(32, Buffer.alloc(9))] }),
    'OPENPGP_SUBPACKET',
  ),
  of(
    'back-signature twice',
    bound({
      hashed: list => [...list, flags(2), sub(32, Buffer.alloc(9))],
    }),
    'OPENPGP_SUBPACKET',
  ),
  of(
    'subkey of another certificate',
    craftCertificate(
      owner,
      packet(14, subkey.body),
      bind(owner, second).subarray(packet(14, second.body).length),
    ),
    'OPENPGP_HASH_PREFIX',
  ),
];

export const ownSignatureCases: readonly CertificateCase[] = [...signatures, ...bindings];
