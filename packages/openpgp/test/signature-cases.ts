// Detached signatures over one payload: what the format and the keys refuse. `time`: seconds.

import {
  armor,
  bind,
  craftCertificate,
  craftDetached,
  craftKey,
  type Craft,
  craftSignature,
  flags,
  lifetime,
  mpi,
  packet,
  PAYLOAD,
  sub,
  T0,
  uint,
} from './craft.ts';

export interface SignatureCase {
  readonly description: string;
  readonly payload: string;
  readonly signature: string;
  readonly certificates: readonly string[];
  readonly time: number;
  readonly threshold?: number;
  readonly hashes?: readonly string[];
  readonly expect: string;
  /** Who signed, in order. */
  readonly signers?: readonly string[];
}

const owner = craftKey(1);
const subkey = craftKey(2);
const second = craftKey(3);
const stranger = craftKey(9);
const publicKey = (bytes: Buffer) => armor('PGP PUBLIC KEY BLOCK', bytes);
const plain = publicKey(craftCertificate(owner));
export const NOW = T0 + 2000;
const id = (key: { fingerprint: Buffer }) => key.fingerprint.toString('hex').toUpperCase();

type More = Partial<Omit<SignatureCase, 'description' | 'expect'>>;

function of(description: string, expect: string, signature: string, more: More = {}): SignatureCase {
  const payload = PAYLOAD.toString('hex');
  return { description, payload, signature, certificates: [plain], time: NOW, ...more, expect };
}

const crafted = (description: string, expect: string, craft: Craft, more: More = {}) =>
  of(description, expect, craftDetached(owner, craft), more);

/** Signatures by a certificate that is not the plain one. */
export const by = (
  description: string,
  expect: string,
  bytes: Buffer,
  more: More = {},
  key = owner,
  craft: Craft = {},
) => of(description, expect, craftDetached(key, craft), { certificates: [publicKey(bytes)], ...more });

const several = (...keys: readonly (typeof owner)[]) =>
  armor('PGP SIGNATURE', Buffer.concat(keys.map(key => packet(2, craftSignature(key, [PAYLOAD])))));

const body = craftSignature(owner, [PAYLOAD]);
const wrap = (bytes: Buffer) => armor('PGP SIGNATURE', bytes);
const both = [plain, publicKey(craftCertificate(second))];
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
  crafted('without an issuer id', 'ok', { unhashed: () => [] }),
  crafted('issuer id in the hashed area', 'ok', {
    hashed: list => [...list, sub(16, owner.fingerprint.subarray(-8))],
    unhashed: () => [],
  }),
  crafted('creation time first', 'ok', { hashed: list => list.toReversed() }),
  crafted('critical creation time', 'ok', { hashed: ([issuer]) => [issuer, sub(2, uint(T0 + 9, 4), true)] }),
  crafted('notations that are not critical, two of them', 'ok', {
    hashed: list => [...list, sub(20, Buffer.alloc(12)), sub(20, Buffer.alloc(12))],
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

const hashedArea: readonly SignatureCase[] = [
  crafted('no creation time', 'OPENPGP_SUBPACKET', { hashed: ([issuer]) => [issuer] }),
  crafted('creation time in the unhashed area', 'OPENPGP_SUBPACKET', {
    hashed: ([issuer]) => [issuer],
    unhashed: list => [...list, sub(2, uint(T0 + 1000, 4))],
  }),
  crafted('creation time in both areas', 'OPENPGP_SUBPACKET', {
    unhashed: list => [...list, sub(2, uint(T0 + 1000, 4))],
  }),
  crafted('creation time twice', 'OPENPGP_SUBPACKET', { hashed: list => [...list, sub(2, uint(T0, 4))] }),
  crafted('creation time of 5 octets', 'OPENPGP_SUBPACKET', {
    hashed: ([issuer]) => [issuer, sub(2, uint(T0, 5))],
  }),
  crafted('no issuer fingerprint', 'OPENPGP_SUBPACKET', { hashed: ([, created]) => [created] }),
  crafted('issuer fingerprint in the unhashed area', 'OPENPGP_SUBPACKET', {
    hashed: ([, created]) => [created],
    unhashed: list => [sub(33, Buffer.concat([Buffer.of(4), owner.fingerprint])), ...list],
  }),
  crafted('issuer fingerprint twice', 'OPENPGP_SUBPACKET', {
    hashed: ([issuer, created]) => [issuer, issuer, created],
  }),
  crafted('two issuer fingerprints', 'OPENPGP_SUBPACKET', {
    hashed: list => [...list, sub(33, Buffer.concat([Buffer.of(4), stranger.fingerprint]))],
  }),
  crafted('issuer fingerprint of version 5', 'OPENPGP_SUBPACKET', {
    hashed: ([, created]) => [sub(33, Buffer.concat([Buffer.of(5), Buffer.alloc(32)])), created],
  }),
  crafted('issuer fingerprint of version 6 in 21 octets', 'OPENPGP_VERSION', {
    hashed: ([, created]) => [sub(33, Buffer.concat([Buffer.of(6), owner.fingerprint])), created],
  }),
  crafted('two issuer ids', 'OPENPGP_SUBPACKET', { unhashed: list => [...list, ...list] }),
  crafted('issuer id in both areas', 'OPENPGP_SUBPACKET', {
    hashed: list => [...list, sub(16, owner.fingerprint.subarray(-8))],
  }),
  crafted('issuer id of another key', 'OPENPGP_ISSUER', {
    unhashed: () => [sub(16, stranger.fingerprint.subarray(-8))],
  }),
  crafted('critical unknown subpacket', 'OPENPGP_CRITICAL', {
    hashed: list => [...list, sub(100, Buffer.of(1), true)],
  }),
  crafted('critical notation', 'OPENPGP_CRITICAL', {
    hashed: list => [...list, sub(20, Buffer.alloc(12), true)],
  }),
  crafted('critical policy address', 'OPENPGP_CRITICAL', {
    hashed: list => [...list, sub(26, Buffer.from('x'), true)],
  }),
  crafted('designated revoker', 'OPENPGP_SUBPACKET', {
    hashed: list => [...list, sub(12, Buffer.alloc(22))],
  }),
  crafted('unknown subpacket in the unhashed area', 'OPENPGP_SUBPACKET', {
    unhashed: list => [...list, sub(100, Buffer.of(1))],
  }),
  crafted('lifetime in the unhashed area', 'OPENPGP_SUBPACKET', {
    unhashed: list => [...list, sub(3, uint(9999, 4))],
  }),
  crafted('subpacket of length 0', 'OPENPGP_SUBPACKET', { hashed: list => [...list, Buffer.of(0)] }),
  crafted('subpacket with a length of five octets', 'OPENPGP_SUBPACKET', {
    hashed: list => [...list, Buffer.of(255, 0, 0, 0, 2, 100, 1)],
  }),
  crafted('subpacket past the end of its area', 'OPENPGP_TRUNCATED', {
    hashed: list => [...list, Buffer.of(9, 100)],
  }),
  crafted('embedded signature', 'OPENPGP_SUBPACKET', { unhashed: list => [...list, sub(32, body)] }),
];

const keys: readonly SignatureCase[] = [
  of('by an unknown key', 'OPENPGP_UNKNOWN_KEY', craftDetached(stranger)),
  of(
    'by an unknown key that states a trusted one',
    'OPENPGP_SIGNATURE',
    craftDetached(stranger, { issuer: owner.fingerprint }),
  ),
  of('no certificates', 'OPENPGP_UNKNOWN_KEY', craftDetached(owner), { certificates: [] }),
  of('other payload', 'OPENPGP_HASH_PREFIX', craftDetached(owner), { payload: '00' }),
  of('two signatures, threshold 1', 'OPENPGP_SIGNATURE_COUNT', several(owner, second), {
    certificates: both,
  }),
  of('good by an unknown key, then good', 'OPENPGP_UNKNOWN_KEY', several(stranger, owner), { threshold: 2 }),
  of('good, then good by an unknown key', 'OPENPGP_UNKNOWN_KEY', several(owner, stranger), { threshold: 2 }),
  of('one signature, threshold 2', 'OPENPGP_SIGNATURE_COUNT', craftDetached(owner), {
    certificates: both,
    threshold: 2,
  }),
  of('one key twice, threshold 2', 'OPENPGP_REPEATED_SIGNER', several(owner, owner), {
    certificates: both,
    threshold: 2,
  }),
  of(
    'one key in two certificates, threshold 2',
    'OPENPGP_REPEATED_SIGNER',
    several(owner, craftKey(1, T0 - 1)),
    {
      certificates: [plain, publicKey(craftCertificate(craftKey(1, T0 - 1)))],
      threshold: 2,
    },
  ),
  of('a key and its subkey, threshold 2', 'OPENPGP_REPEATED_SIGNER', several(owner, subkey), {
    certificates: [publicKey(craftCertificate(owner, bind(owner, subkey)))],
    threshold: 2,
  }),
];

const subkeys: readonly SignatureCase[] = [
  by(
    'subkey without a back-signature',
    'OPENPGP_SUBKEY',
    craftCertificate(owner, bind(owner, subkey, {}, null)),
    {},
    subkey,
  ),
  by(
    'subkey without a binding',
    'OPENPGP_SUBKEY',
    craftCertificate(owner, packet(14, subkey.body)),
    {},
    subkey,
  ),
  by(
    'subkey bound by a stranger',
    'OPENPGP_SUBKEY',
    craftCertificate(owner, bind(stranger, subkey)),
    {},
    subkey,
  ),
  by(
    'subkey that may not sign',
    'OPENPGP_KEY_FLAGS',
    craftCertificate(owner, bind(owner, subkey, { hashed: list => [...list, flags(0x0c)] })),
    {},
    subkey,
  ),
  by(
    'subkey that has expired',
    'OPENPGP_KEY_EXPIRED',
    craftCertificate(owner, bind(owner, subkey, { hashed: list => [...list, flags(2), lifetime(2000)] })),
    {},
    subkey,
  ),
  by(
    'newer binding ends the subkey',
    'OPENPGP_KEY_EXPIRED',
    craftCertificate(
      owner,
      bind(owner, subkey),
      bind(owner, subkey, { created: T0 + 1, hashed: list => [...list, flags(2), lifetime(2000)] }).subarray(
        packet(14, subkey.body).length,
      ),
    ),
    {},
    subkey,
  ),
  by(
    'binding that has ended',
    'OPENPGP_SUBKEY',
    craftCertificate(
      owner,
      bind(owner, subkey, { hashed: list => [...list, flags(2), sub(3, uint(2000, 4))] }),
    ),
    {},
    subkey,
  ),
  by(
    'back-signature that has ended',
    'OPENPGP_SUBKEY',
    craftCertificate(owner, bind(owner, subkey, {}, { hashed: list => [...list, sub(3, uint(2000, 4))] })),
    {},
    subkey,
  ),
];

const times: readonly SignatureCase[] = [
  crafted('before the key was made', 'OPENPGP_SIGNATURE_TIME', { created: T0 - 1 }),
  crafted('ten minutes and a second ahead', 'OPENPGP_SIGNATURE_TIME', { created: NOW + 601 }),
  crafted('ended at the time', 'OPENPGP_SIGNATURE_EXPIRED', {
    hashed: list => [...list, sub(3, uint(1000, 4))],
  }),
  of('before the key was made, by the clock', 'OPENPGP_KEY_TIME', craftDetached(owner), { time: T0 - 601 }),
];

export const signatureCases: readonly SignatureCase[] = [
  ...accepted,
  ...format,
  ...hashedArea,
  ...keys,
  ...subkeys,
  ...times,
];
