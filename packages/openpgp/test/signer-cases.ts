// Detached signatures over one payload: what their subpackets state, who made them, and when.

import {
  bind,
  craftCertificate,
  craftDetached,
  craftKey,
  craftSignature,
  flags,
  lifetime,
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
  NOW,
  of,
  owner,
  plain,
  publicKey,
  second,
  several,
  type SignatureCase,
  stranger,
  subkey,
} from './signature-case.ts';

const body = craftSignature(owner, [PAYLOAD]);
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
  crafted('no issuer id', 'OPENPGP_SUBPACKET', { unhashed: () => [] }),
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
    hashed: list => [...list, notation(12, true)],
  }),
  crafted('critical policy address', 'OPENPGP_CRITICAL', {
    hashed: list => [...list, sub(26, Buffer.from('x'), true)],
  }),
  ...(
    [
      ['level of trust', 5, Buffer.of(1, 60)],
      ['regular expression', 6, Buffer.from('<.*>\0')],
      ['designated revoker', 12, Buffer.alloc(22)],
      ['signature as its target', 31, Buffer.concat([Buffer.of(22, 8), Buffer.alloc(32)])],
      ['intended recipient', 35, Buffer.concat([Buffer.of(4), stranger.fingerprint])],
      ['primary user id of 4 octets', 25, uint(1, 4)],
      ['primary user id of 2', 25, Buffer.of(2)],
      ['right to export of no octet', 4, Buffer.alloc(0)],
      ['right to revoke of 2 octets', 7, uint(1, 2)],
      ['lifetime past 2106', 3, uint(0xffff_ffff, 4)],
    ] as const
  ).map(([description, type, said]) =>
    crafted(description, 'OPENPGP_SUBPACKET', { hashed: list => [...list, sub(type, said)] }),
  ),
  ...[
    ['keyserver preferences', 23],
    ["signer's user id", 28],
    ['preferred AEAD algorithms', 34],
  ].map(([what, type]) =>
    crafted(`critical ${what}`, 'OPENPGP_CRITICAL', {
      hashed: list => [...list, sub(Number(type), Buffer.of(0x80), true)],
    }),
  ),
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
  crafted('critical issuer id in the unhashed area', 'OPENPGP_SUBPACKET', {
    unhashed: () => [sub(16, owner.fingerprint.subarray(-8), true)],
  }),
  crafted('notation with an octet too many', 'OPENPGP_TRAILING', {
    hashed: list => [...list, sub(20, Buffer.alloc(9))],
  }),
  crafted('notation past its end', 'OPENPGP_TRUNCATED', {
    hashed: list => [...list, sub(20, Buffer.of(0, 0, 0, 0, 0, 1, 0, 0))],
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

const shared: readonly SignatureCase[] = [
  of('subkey in two certificates, usable in the second alone', 'ok', craftDetached(subkey), {
    certificates: [
      publicKey(craftCertificate(second, packet(14, subkey.body))),
      publicKey(craftCertificate(owner, bind(owner, subkey))),
    ],
  }),
];

const times: readonly SignatureCase[] = [
  crafted('before the key was made', 'OPENPGP_SIGNATURE_TIME', { created: T0 - 1 }),
  crafted('ten minutes and a second ahead', 'OPENPGP_SIGNATURE_TIME', { created: NOW + 601 }),
  crafted('ended at the time', 'OPENPGP_SIGNATURE_EXPIRED', {
    hashed: list => [...list, sub(3, uint(1000, 4))],
  }),
  of('before the key was made, by the clock', 'OPENPGP_KEY_TIME', craftDetached(owner), { time: T0 - 601 }),
];

export const signerCases: readonly SignatureCase[] = [
  ...hashedArea,
  ...keys,
  ...subkeys,
  ...shared,
  ...times,
];
