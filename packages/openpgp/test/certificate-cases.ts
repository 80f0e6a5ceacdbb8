// Certificates as bytes: what is read, and what their packets and keys are refused for, whatever the time.

import {
  afterKey,
  bind,
  bodyOf,
  certify,
  type Craft,
  craftCertificate,
  craftKey,
  craftSignature,
  flags,
  hashedKey,
  keyBody,
  mpi,
  packet,
  revoke,
  T0,
  uint,
  USER_ID,
} from './craft.ts';
import {
  type CertificateCase,
  head,
  id,
  of,
  ok,
  owner,
  plain,
  second,
  selfSigned,
  stranger,
  subkey,
} from './certificate-case.ts';

const keyOf = (body: Buffer) => packet(6, bodyOf(body).body);
const replaced = (at: number, octet: number) =>
  keyOf(Buffer.from(owner.body.map((each, i) => (i === at ? octet : each))));
const LOW_ORDER = Buffer.concat([Buffer.of(1), Buffer.alloc(31)]);

/** Encryption subkey of Curve25519, algorithm 18, as gpg makes one by default. */
const ecdh = bodyOf(
  Buffer.concat([
    Buffer.of(4),
    uint(T0, 4),
    Buffer.from('120a2b060104019755010501', 'hex'),
    mpi(Buffer.concat([Buffer.of(0x40), stranger.point])),
    Buffer.from('03010807', 'hex'),
  ]),
);
const rsa = Buffer.concat([Buffer.of(4), uint(T0, 4), Buffer.of(1), mpi(stranger.point), mpi(Buffer.of(3))]);
const withSubkey = (...body: readonly Buffer[]) => craftCertificate(owner, packet(14, Buffer.concat(body)));
const ecdhBound = Buffer.concat([
  packet(14, ecdh.body),
  packet(
    2,
    craftSignature(owner, [hashedKey(owner.body), hashedKey(ecdh.body)], {
      type: 0x18,
      created: T0,
      hashed: list => [...list, flags(0x0c)],
    }),
  ),
]);

const accepted: readonly CertificateCase[] = [
  ok('one user id', plain),
  ok(
    'two octets of length',
    Buffer.concat([Buffer.of(0x99), uint(owner.body.length, 2), owner.body, plain.subarray(head.length)]),
  ),
  ok(
    'new format',
    Buffer.concat([Buffer.of(0xc6, owner.body.length), owner.body, plain.subarray(head.length)]),
  ),
  ok('subkey that signs', craftCertificate(owner, bind(owner, subkey)), { subkeys: [id(subkey)] }),
  ok('subkey that encrypts', craftCertificate(owner, ecdhBound), { subkeys: [id(ecdh)] }),
  ok('third-party certification, left out', craftCertificate(owner, certify(owner, USER_ID, {}, stranger))),
  ok(
    'third-party certification with SHA-1 and RSA, left out',
    craftCertificate(
      owner,
      certify(owner, USER_ID, { hash: 2, algorithm: 1, numbers: r => mpi(r) }, stranger),
    ),
  ),
  ok(
    'third-party certification with an algorithm that is not known, left out',
    craftCertificate(owner, certify(owner, USER_ID, { algorithm: 99, numbers: r => r }, stranger)),
  ),
  ok('two user ids', craftCertificate(owner, packet(13, Buffer.from('B')), certify(owner, 'B')), {
    userIds: [USER_ID, 'B'],
  }),
  ok('revoked', afterKey(owner, revoke(owner, 2)), { revoked: true }),
  ok('revoked by a stranger', afterKey(owner, revoke(owner, 2, {}, stranger))),
  ok(
    'user id that writes on terminals',
    Buffer.concat([
      head,
      packet(13, Buffer.from('x\n[GNUPG:] GOODSIG\u001b[2J')),
      certify(owner, 'x\n[GNUPG:] GOODSIG\u001b[2J'),
    ]),
    { userIds: ['x\n[GNUPG:] GOODSIG\u001b[2J'] },
  ),
  ok('SHA-512 where it is allowed', selfSigned({ hash: 10 }), { hashes: ['sha256', 'sha512'] }),
];

const strangersDamaged: readonly CertificateCase[] = [
  ['a number too few', 'OPENPGP_TRUNCATED', (r: Buffer) => mpi(r)],
  [
    'an octet too many',
    'OPENPGP_TRAILING',
    (r: Buffer, s: Buffer) => Buffer.concat([mpi(r), mpi(s), Buffer.of(0)]),
  ],
  [
    'a number of a wrong length',
    'OPENPGP_MPI',
    (_: Buffer, s: Buffer) => Buffer.concat([uint(8, 2), Buffer.of(1), mpi(s)]),
  ],
].map(([what, code, numbers]) =>
  of(
    `third-party certification with ${String(what)}`,
    craftCertificate(
      owner,
      certify(owner, USER_ID, { numbers: numbers as NonNullable<Craft['numbers']> }, stranger),
    ),
    String(code),
  ),
);

const uncertified: readonly CertificateCase[] = [
  ok('user id beside it that nobody has certified', craftCertificate(owner, packet(13, Buffer.from('B')))),
  ok(
    'user id beside it that a stranger has certified',
    craftCertificate(owner, packet(13, Buffer.from('B')), certify(owner, 'B', {}, stranger)),
  ),
  of('key alone', head, 'OPENPGP_USER_ID'),
  of(
    'user id that nobody has certified',
    Buffer.concat([head, packet(13, Buffer.from('B'))]),
    'OPENPGP_USER_ID',
  ),
  of(
    'key of another second',
    Buffer.concat([packet(6, craftKey(1, T0 + 1).body), plain.subarray(head.length)]),
    'OPENPGP_USER_ID',
  ),
];

const shape: readonly CertificateCase[] = [
  of('empty', Buffer.alloc(0), 'OPENPGP_CERTIFICATE'),
  of('begins with a user id', plain.subarray(head.length), 'OPENPGP_CERTIFICATE'),
  of('two keys in one ring', Buffer.concat([plain, craftCertificate(second)]), 'OPENPGP_CERTIFICATE'),
  of('one key twice', Buffer.concat([plain, plain]), 'OPENPGP_CERTIFICATE'),
  of(
    'one user id twice',
    craftCertificate(owner, packet(13, Buffer.from(USER_ID)), certify(owner, USER_ID)),
    'OPENPGP_CERTIFICATE',
  ),
  of(
    'one subkey twice',
    craftCertificate(owner, bind(owner, subkey), bind(owner, subkey)),
    'OPENPGP_CERTIFICATE',
  ),
  of('primary key as its own subkey', craftCertificate(owner, bind(owner, owner)), 'OPENPGP_CERTIFICATE'),
  of(
    'user id after a subkey',
    Buffer.concat([
      craftCertificate(owner, bind(owner, subkey)),
      packet(13, Buffer.from('B')),
      certify(owner, 'B'),
    ]),
    'OPENPGP_CERTIFICATE',
  ),
  of(
    'user id that is not UTF-8',
    Buffer.concat([head, packet(13, Buffer.of(0xff)), certify(owner, Buffer.of(0xff))]),
    'OPENPGP_CERTIFICATE',
  ),
  of('trust packet', craftCertificate(owner, packet(12, Buffer.of(0, 0))), 'OPENPGP_PACKET_TYPE'),
  of('secret key', packet(5, owner.body), 'OPENPGP_PACKET_TYPE'),
  of('secret subkey', craftCertificate(owner, packet(7, subkey.body)), 'OPENPGP_PACKET_TYPE'),
  of(
    'user attribute',
    craftCertificate(owner, Buffer.concat([Buffer.of(0xd1, 1, 0)])),
    'OPENPGP_PACKET_TYPE',
  ),
  of('marker', craftCertificate(owner, packet(10, Buffer.from('PGP'))), 'OPENPGP_PACKET_TYPE'),
  of('compressed', packet(8, Buffer.concat([Buffer.of(0), plain])), 'OPENPGP_PACKET_TYPE'),
  of('padding packet', craftCertificate(owner, Buffer.of(0xd5, 1, 0)), 'OPENPGP_PACKET_TYPE'),
  of('byte after the last packet', Buffer.concat([plain, Buffer.of(0)]), 'OPENPGP_PACKET'),
];

const keys: readonly CertificateCase[] = [
  of('version 3', replaced(0, 3), 'OPENPGP_VERSION'),
  of('version 5', replaced(0, 5), 'OPENPGP_VERSION'),
  of('version 6', replaced(0, 6), 'OPENPGP_VERSION'),
  of(
    'subkey of version 6',
    craftCertificate(owner, packet(14, Buffer.concat([Buffer.of(6), subkey.body.subarray(1)]))),
    'OPENPGP_VERSION',
  ),
  of('RSA', keyOf(rsa), 'OPENPGP_ALGORITHM'),
  of('RSA, cut off', keyOf(rsa.subarray(0, 20)), 'OPENPGP_TRUNCATED'),
  of(
    'subkey of RSA with an octet too many',
    withSubkey(Buffer.concat([rsa, Buffer.of(0)])),
    'OPENPGP_TRAILING',
  ),
  of(
    'subkey of RSA with a number of no octets',
    withSubkey(rsa.subarray(0, 6), uint(0, 2), mpi(Buffer.of(3))),
    'OPENPGP_MPI',
  ),
  of(
    'subkey without a curve',
    withSubkey(ecdh.body.subarray(0, 6), Buffer.of(0), ecdh.body.subarray(17)),
    'OPENPGP_KEY',
  ),
  of(
    'subkey of another derivation',
    withSubkey(ecdh.body.subarray(0, -3), Buffer.of(2, 8, 7)),
    'OPENPGP_KEY',
  ),
  of(
    'subkey of an algorithm that is not known',
    withSubkey(Buffer.of(4), uint(T0, 4), Buffer.of(99)),
    'OPENPGP_ALGORITHM',
  ),
  of('ECDSA', replaced(5, 19), 'OPENPGP_ALGORITHM'),
  of('algorithm 27', replaced(5, 27), 'OPENPGP_ALGORITHM'),
  of('another curve', replaced(15, 2), 'OPENPGP_ALGORITHM'),
  of(
    'curve of NIST',
    keyOf(
      Buffer.concat([
        owner.body.subarray(0, 6),
        Buffer.from('082a8648ce3d030107', 'hex'),
        owner.body.subarray(16),
      ]),
    ),
    'OPENPGP_ALGORITHM',
  ),
  of(
    'point without its prefix',
    keyOf(
      Buffer.concat([owner.body.subarray(0, 16), uint(256, 2), Buffer.of(0xff), owner.point.subarray(1)]),
    ),
    'OPENPGP_KEY',
  ),
  of(
    'uncompressed prefix',
    keyOf(Buffer.concat([owner.body.subarray(0, 16), mpi(Buffer.concat([Buffer.of(4), owner.point]))])),
    'OPENPGP_KEY',
  ),
  of(
    'point of 264 bits',
    keyOf(Buffer.concat([owner.body.subarray(0, 16), uint(264, 2), Buffer.of(0x40), owner.point])),
    'OPENPGP_MPI',
  ),
  of('point of no bits', keyOf(Buffer.concat([owner.body.subarray(0, 16), uint(0, 2)])), 'OPENPGP_MPI'),
  of('point of low order', keyOf(keyBody(LOW_ORDER).body), 'OPENPGP_KEY'),
  of('point that is not canonical', keyOf(keyBody(Buffer.alloc(32, 0xff)).body), 'OPENPGP_KEY'),
  of('byte after the point', keyOf(Buffer.concat([owner.body, Buffer.of(0)])), 'OPENPGP_TRAILING'),
  of('body of one octet', packet(6, Buffer.of(4)), 'OPENPGP_TRUNCATED'),
  of('body of no octets', packet(6, Buffer.alloc(0)), 'OPENPGP_TRUNCATED'),
];

export const certificateCases: readonly CertificateCase[] = [
  ...accepted,
  ...uncertified,
  ...strangersDamaged,
  ...shape,
  ...keys,
];
