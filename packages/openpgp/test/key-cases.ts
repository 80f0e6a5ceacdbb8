// What a certificate says of its primary key, seen through a signature by that key. Reasons for revocation: RFC 4880, 5.2.3.23.

import {
  afterKey,
  bind,
  certify,
  craftCertificate,
  craftKey,
  craftSignature,
  flags,
  hashedKey,
  lifetime,
  packet,
  revoke,
  sub,
  T0,
  uint,
  USER_ID,
} from './craft.ts';
import { by, NOW, type SignatureCase } from './signature-case.ts';

const owner = craftKey(1);
const stranger = craftKey(9);
const head = packet(6, owner.body);
const userId = (text: string) => packet(13, Buffer.from(text));

/** A certificate with these certifications of one user id. */
const with_ = (...certifications: readonly Buffer[]) =>
  Buffer.concat([head, userId(USER_ID), ...certifications]);
const self = (created: number, ...said: readonly Buffer[]) =>
  certify(owner, USER_ID, { created, hashed: list => [...list, ...said] });
const both = flags(3);

const expiry: readonly SignatureCase[] = [
  by('key ends after the time', 'ok', with_(self(T0, both, lifetime(2001)))),
  by('key ends at the time', 'OPENPGP_KEY_EXPIRED', with_(self(T0, both, lifetime(2000)))),
  by('lifetime of zero is no end', 'ok', with_(self(T0, both, lifetime(0)))),
  by(
    'newer self-signature ends the key',
    'OPENPGP_KEY_EXPIRED',
    with_(self(T0, both), self(T0 + 1, both, lifetime(500))),
  ),
  by('newer first', 'OPENPGP_KEY_EXPIRED', with_(self(T0 + 1, both, lifetime(500)), self(T0, both))),
  by('newer self-signature renews the key', 'ok', with_(self(T0, both, lifetime(500)), self(T0 + 1, both))),
  by(
    'newer self-signature of another user id ends the key',
    'OPENPGP_KEY_EXPIRED',
    Buffer.concat([
      with_(self(T0, both)),
      userId('B'),
      certify(owner, 'B', { created: T0 + 1, hashed: list => [...list, both, lifetime(500)] }),
    ]),
  ),
  by(
    'older self-signature of another user id ends the key',
    'OPENPGP_KEY_EXPIRED',
    Buffer.concat([
      with_(self(T0 + 1, both)),
      userId('B'),
      certify(owner, 'B', { hashed: list => [...list, both, lifetime(500)] }),
    ]),
  ),
  by('key ends past 2106', 'OPENPGP_SUBPACKET', with_(self(T0, both, lifetime(0xffff_ffff)))),
  by(
    'self-signature of the future does not renew',
    'OPENPGP_KEY_EXPIRED',
    with_(self(T0, both, lifetime(500)), self(NOW + 601, both)),
  ),
  by(
    'signature made after the end of the key, within the tolerance',
    'OPENPGP_SIGNATURE_TIME',
    with_(self(T0, both, lifetime(2100))),
    {},
    owner,
    { created: NOW + 100 },
  ),
];

const TIED = [self(T0, both), self(T0, both, lifetime(500))];
const inDoubt: readonly SignatureCase[] = [
  by('two self-signatures of one second: the greater bytes speak', 'OPENPGP_KEY_EXPIRED', with_(...TIED)),
  by(
    'two self-signatures of one second, the other way round',
    'OPENPGP_KEY_EXPIRED',
    with_(...TIED.toReversed()),
  ),
  by(
    'signature by a subkey after the end of the primary key, within the tolerance',
    'OPENPGP_SIGNATURE_TIME',
    Buffer.concat([with_(self(T0, both, lifetime(2100))), bind(owner, craftKey(2))]),
    {},
    craftKey(2),
    { created: NOW + 100 },
  ),
];

const flagged: readonly SignatureCase[] = [
  by('may sign alone', 'ok', with_(self(T0, flags(2)))),
  by('may certify alone', 'OPENPGP_KEY_FLAGS', with_(self(T0, flags(1)))),
  by('may encrypt alone', 'OPENPGP_KEY_FLAGS', with_(self(T0, flags(0x0c)))),
  by('nothing is said of flags', 'OPENPGP_KEY_FLAGS', with_(self(T0))),
  by(
    'newer self-signature takes the right to sign',
    'OPENPGP_KEY_FLAGS',
    with_(self(T0, both), self(T0 + 1, flags(1))),
  ),
  by(
    'self-signature of the future takes the right to sign',
    'OPENPGP_KEY_FLAGS',
    with_(self(T0, both), self(NOW + 9999, flags(1))),
  ),
  by(
    'another user id does not say that the key signs',
    'OPENPGP_KEY_FLAGS',
    Buffer.concat([
      with_(self(T0 + 1, both)),
      userId('B'),
      certify(owner, 'B', { hashed: list => [...list, flags(1)] }),
    ]),
  ),
  by(
    'revoked user id that does not say that the key signs',
    'ok',
    Buffer.concat([
      with_(self(T0, both)),
      userId('B'),
      certify(owner, 'B', { hashed: list => [...list, flags(1)] }),
      certify(owner, 'B', { type: 0x30, created: T0 + 1 }),
    ]),
  ),
];

const userIds: readonly SignatureCase[] = [
  by('certification of type 0x10', 'ok', with_(certify(owner, USER_ID, { type: 0x10 }))),
  by('no user id', 'OPENPGP_USER_ID', head),
  by('user id without a certification', 'OPENPGP_USER_ID', with_()),
  by('user id certified by a stranger', 'OPENPGP_USER_ID', with_(certify(owner, USER_ID, {}, stranger))),
  by('certification that has ended', 'OPENPGP_USER_ID', with_(self(T0, both, sub(3, uint(2000, 4))))),
  by('certification of the future', 'OPENPGP_USER_ID', with_(self(NOW + 601, both))),
  by(
    'user id revoked',
    'OPENPGP_USER_ID',
    with_(self(T0, both), certify(owner, USER_ID, { type: 0x30, created: T0 + 1 })),
  ),
  by(
    'user id revoked at the same second',
    'OPENPGP_USER_ID',
    with_(self(T0, both), certify(owner, USER_ID, { type: 0x30 })),
  ),
  by(
    'user id revoked and certified again',
    'ok',
    with_(self(T0, both), certify(owner, USER_ID, { type: 0x30, created: T0 + 1 }), self(T0 + 2, both)),
  ),
  by(
    'user id revoked by a stranger',
    'ok',
    with_(self(T0, both), certify(owner, USER_ID, { type: 0x30, created: T0 + 1 }, stranger)),
  ),
  by(
    'one of two user ids revoked',
    'ok',
    Buffer.concat([
      with_(self(T0, both)),
      userId('B'),
      certify(owner, 'B'),
      certify(owner, 'B', { type: 0x30, created: T0 + 1 }),
    ]),
  ),
];

const revoked: readonly SignatureCase[] = [
  ...[0, 1, 2, 3, 32, 100].map(reason =>
    by(
      `revoked after the signature, reason ${reason}`,
      'OPENPGP_KEY_REVOKED',
      afterKey(owner, revoke(owner, reason, { created: T0 + 1500 })),
    ),
  ),
  by(
    'revoked after the time',
    'OPENPGP_KEY_REVOKED',
    afterKey(owner, revoke(owner, 1, { created: NOW + 9999 })),
  ),
  by(
    'revoked without a reason',
    'OPENPGP_KEY_REVOKED',
    afterKey(owner, revoke(owner, 0, { hashed: list => list })),
  ),
  by('revoked by a stranger', 'ok', afterKey(owner, revoke(owner, 2, {}, stranger))),
];

const subkey = craftKey(2);
const parts = [hashedKey(owner.body), hashedKey(subkey.body)];
const back = craftSignature(subkey, parts, { type: 0x19, created: T0 });
const bound = (...more: readonly Buffer[]) =>
  craftCertificate(
    owner,
    packet(14, subkey.body),
    packet(
      2,
      craftSignature(owner, parts, {
        type: 0x18,
        created: T0,
        hashed: list => [...list, flags(2), sub(32, back)],
      }),
    ),
    ...more,
  );
const subkeyRevocation = (signer: typeof owner) =>
  packet(
    2,
    craftSignature(signer, parts, {
      type: 0x28,
      created: T0 + 1500,
      hashed: list => [...list, sub(29, Buffer.of(1))],
    }),
  );

const subkeys: readonly SignatureCase[] = [
  by('back-signature in the hashed area', 'ok', bound(), {}, subkey),
  by('subkey revoked', 'OPENPGP_KEY_REVOKED', bound(subkeyRevocation(owner)), {}, subkey),
  by('subkey revoked by a stranger', 'ok', bound(subkeyRevocation(stranger)), {}, subkey),
  by(
    'subkey of a revoked key',
    'OPENPGP_KEY_REVOKED',
    Buffer.concat([head, revoke(owner, 1), bound().subarray(head.length)]),
    {},
    subkey,
  ),
  by(
    'binding of the future takes the right to sign',
    'OPENPGP_KEY_FLAGS',
    bound(
      packet(
        2,
        craftSignature(owner, parts, {
          type: 0x18,
          created: NOW + 9999,
          hashed: list => [...list, flags(0x0c)],
        }),
      ),
    ),
    {},
    subkey,
  ),
  by('primary key beside a revoked subkey', 'ok', bound(subkeyRevocation(owner))),
];

export const keyCases: readonly SignatureCase[] = [
  ...expiry,
  ...inDoubt,
  ...flagged,
  ...userIds,
  ...revoked,
  ...subkeys,
];
