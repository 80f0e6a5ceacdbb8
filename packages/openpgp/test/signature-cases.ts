// Detached signatures over one payload: what is accepted, and what the format refuses.

import {
  armor,
  bind,
  craftCertificate,
  craftDetached,
  craftSignature,
  mpi,
  notation,
  packet,
  PAYLOAD,
  sub,
  T0,
  uint,
} from './craft.ts';
import {
  both,
  by,
  crafted,
  id,
  NOW,
  of,
  owner,
  second,
  several,
  type SignatureCase,
  subkey,
  wrap,
} from './signature-case.ts';

const body = craftSignature(owner, [PAYLOAD]);
const ORDER = Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex');

function addOrder(s: Buffer): Buffer {
  let carry = 0;
  return Buffer.from(
    s.map((octet, index) => {
      const sum = octet + ORDER[index] + carry;
      carry = sum >> 8;
      return sum & 255;
    }),
  );
}

const accepted: readonly SignatureCase[] = [
  crafted('by the primary key', 'ok', {}, { signers: [id(owner)] }),
  by(
    'by a subkey that signs',
    'ok',
    craftCertificate(owner, bind(owner, subkey)),
    { signers: [id(subkey)] },
    subkey,
  ),
  of('two octets of length', 'ok', wrap(Buffer.concat([Buffer.of(0x89), uint(body.length, 2), body]))),
  of('new format', 'ok', wrap(Buffer.concat([Buffer.of(0xc2, body.length), body]))),
  crafted('issuer id in the hashed area', 'ok', {
    hashed: list => [...list, sub(16, owner.fingerprint.subarray(-8))],
    unhashed: () => [],
  }),
  crafted('creation time first', 'ok', { hashed: list => list.toReversed() }),
  crafted('critical creation time', 'ok', { hashed: ([issuer]) => [issuer, sub(2, uint(T0 + 9, 4), true)] }),
  crafted('notations that are not critical, two of them', 'ok', {
    hashed: list => [...list, notation(12), notation(12)],
  }),
  crafted('unknown subpacket that is not critical', 'ok', {
    hashed: list => [...list, sub(100, Buffer.of(1))],
  }),
  crafted('SHA-512 where it is allowed', 'ok', { hash: 10 }, { hashes: ['sha256', 'sha512'] }),
  crafted('ten minutes ahead', 'ok', { created: NOW + 600 }),
  crafted('ends after the time', 'ok', { hashed: list => [...list, sub(3, uint(1001, 4))] }),
  crafted('lifetime of zero is no end', 'ok', { hashed: list => [...list, sub(3, uint(0, 4))] }),
  of('two signatures, threshold 2', 'ok', several(owner, second), {
    certificates: both,
    threshold: 2,
    signers: [id(owner), id(second)],
  }),
];

const format: readonly SignatureCase[] = [
  of('empty payload', 'OPENPGP_HASH_PREFIX', craftDetached(owner), { payload: '' }),
  of('message in armor', 'OPENPGP_ARMOR_TYPE', armor('PGP MESSAGE', packet(2, body))),
  of(
    'cleartext signature',
    'OPENPGP_ARMOR_TYPE',
    `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${PAYLOAD.toString()}${craftDetached(owner)}`,
  ),
  of(
    'inline: one-pass, literal, signature',
    'OPENPGP_PACKET_TYPE',
    wrap(
      Buffer.concat([
        packet(4, Buffer.concat([Buffer.of(3, 0, 8, 22), owner.fingerprint.subarray(-8), Buffer.of(1)])),
        packet(11, Buffer.concat([Buffer.from('b\0\0\0\0\0'), PAYLOAD])),
        packet(2, body),
      ]),
    ),
    { threshold: 2 },
  ),
  of('compressed', 'OPENPGP_PACKET_TYPE', wrap(packet(8, Buffer.concat([Buffer.of(0), packet(2, body)])))),
  of(
    'literal after the signature',
    'OPENPGP_PACKET_TYPE',
    wrap(Buffer.concat([packet(2, body), packet(11, Buffer.concat([Buffer.from('b\0\0\0\0\0'), PAYLOAD]))])),
  ),
  of(
    'marker before the signature',
    'OPENPGP_PACKET_TYPE',
    wrap(Buffer.concat([packet(10, Buffer.from('PGP')), packet(2, body)])),
  ),
  of(
    'length of four octets',
    'OPENPGP_PACKET_LENGTH',
    wrap(Buffer.concat([Buffer.of(0x8a), uint(body.length, 4), body])),
  ),
  of('indeterminate length', 'OPENPGP_PACKET_LENGTH', wrap(Buffer.concat([Buffer.of(0x8b), body]))),
  of('partial length', 'OPENPGP_PACKET_LENGTH', wrap(Buffer.concat([Buffer.of(0xc2, 0xe6), body]))),
  of(
    'length of five octets',
    'OPENPGP_PACKET_LENGTH',
    wrap(Buffer.concat([Buffer.of(0xc2, 255), uint(2 ** 32 - 1, 4), body])),
  ),
  of(
    'length past the end',
    'OPENPGP_TRUNCATED',
    wrap(Buffer.concat([Buffer.of(0x88, body.length + 1), body])),
  ),
  of('tag 0', 'OPENPGP_PACKET', wrap(Buffer.concat([Buffer.of(0xc0, body.length), body]))),
  of('no packet', 'OPENPGP_PACKET', wrap(Buffer.concat([Buffer.of(0x08, body.length), body]))),
  of('two armors', 'OPENPGP_ARMOR', `${craftDetached(owner)}${craftDetached(owner)}`, { threshold: 2 }),
  crafted('version 3', 'OPENPGP_VERSION', { version: 3 }),
  crafted('version 5', 'OPENPGP_VERSION', { version: 5 }),
  crafted('version 6', 'OPENPGP_VERSION', { version: 6 }),
  crafted('RSA', 'OPENPGP_ALGORITHM', { algorithm: 1 }),
  crafted('ECDSA', 'OPENPGP_ALGORITHM', { algorithm: 19 }),
  crafted('algorithm 27', 'OPENPGP_ALGORITHM', { algorithm: 27 }),
  crafted('MD5', 'OPENPGP_HASH', { hash: 1 }),
  crafted('SHA-1', 'OPENPGP_HASH', { hash: 2 }),
  crafted('RIPEMD-160', 'OPENPGP_HASH', { hash: 3 }),
  crafted('SHA-384', 'OPENPGP_HASH', { hash: 9 }),
  crafted('SHA-512 where it is not allowed', 'OPENPGP_HASH', { hash: 10 }),
  crafted('SHA-1 where SHA-512 is allowed', 'OPENPGP_HASH', { hash: 2 }, { hashes: ['sha256', 'sha512'] }),
  ...[0x01, 0x02, 0x10, 0x11, 0x12, 0x13, 0x18, 0x19, 0x1f, 0x20, 0x28, 0x30, 0x40, 0x50].map(type =>
    crafted(`type 0x${type.toString(16).padStart(2, '0')}`, 'OPENPGP_SIGNATURE_TYPE', { type }),
  ),
  of('byte after S', 'OPENPGP_TRAILING', wrap(packet(2, Buffer.concat([body, Buffer.of(0)])))),
  crafted('wrong first bits of the hash', 'OPENPGP_HASH_PREFIX', { prefix: ([a, b]) => Buffer.of(a ^ 1, b) }),
  crafted('R of 257 bits', 'OPENPGP_MPI', {
    numbers: (r, s) => Buffer.concat([uint(257, 2), Buffer.of(1), r, mpi(s)]),
  }),
  crafted('R with a leading zero octet', 'OPENPGP_MPI', {
    numbers: (r, s) => Buffer.concat([uint(256, 2), Buffer.of(0), r.subarray(1), mpi(s)]),
  }),
  crafted('R with too few bits stated', 'OPENPGP_MPI', {
    numbers: (r, s) => Buffer.concat([uint(249, 2), Buffer.of(0xff), r.subarray(1), mpi(s)]),
  }),
  crafted('R is zero', 'OPENPGP_MPI', { numbers: (_, s) => Buffer.concat([uint(0, 2), mpi(s)]) }),
  crafted('R and S without lengths', 'OPENPGP_MPI', { numbers: (r, s) => Buffer.concat([r, s]) }),
  crafted('S plus the order', 'OPENPGP_SIGNATURE', {
    numbers: (r, s) => Buffer.concat([mpi(r), mpi(addOrder(s))]),
  }),
  crafted('R and S exchanged', 'OPENPGP_SIGNATURE', { numbers: (r, s) => Buffer.concat([mpi(s), mpi(r)]) }),
];

export const signatureCases: readonly SignatureCase[] = [...accepted, ...format];
