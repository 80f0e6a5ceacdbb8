// Whether a key of a certificate may sign at a time. The rules:
//
//   1. A revocation by the owner counts at all times and for every reason: who has the key chooses the time in a signature.
//   2. The newest self-signature of a user id, and the newest binding of a subkey, counts. Equal times: the greater bytes.
//   3. A primary key has a user id that is certified, and not revoked since. All that are speak for it: it ends when the first
//      of them says so, and signs when all say so. Other programs ask one of them, and not the same one. One of the future
//      gives nothing, and takes what it takes: gpg believes it at once.
//   4. A subkey is bound by the primary key and has signed that itself (0x19); the primary key is usable as well.
//   5. The key flags say that it signs.

import type { Binding, BoundParts, BoundSubkey, BoundUserId } from './bound-parts.ts';
import { compareBytes } from './bytes.ts';
import { type Certificate, partsOf } from './certificate.ts';
import { fail, type OpenPgpErrorCode } from './errors.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { KeyPacket } from './public-key-packet.ts';
import type { Signature } from './signature.ts';
import { checkTime, CLOCK_TOLERANCE, endOf, formatTime } from './time.ts';

/** The flag "may sign data", RFC 4880, section 5.2.3.21. */
export const MAY_SIGN = 0x02;

export interface SigningKey {
  readonly key: KeyPacket;
  /** The earliest end of the key or of what it hangs from. */
  readonly expires: number;
}

/** The keys that have this fingerprint: the primary key or a subkey. */
export function hasKey(certificate: Certificate, fingerprint: Fingerprint): boolean {
  return certificate.fingerprint === fingerprint || certificate.subkeys.includes(fingerprint);
}

/**
 * Throws `OPENPGP_KEY_REVOKED`, `OPENPGP_KEY_TIME`, `OPENPGP_KEY_EXPIRED`, `OPENPGP_USER_ID`, `OPENPGP_SUBKEY`,
 * `OPENPGP_KEY_FLAGS`, `OPENPGP_UNKNOWN_KEY`.
 */
export function verifySigningKey(
  certificate: Certificate,
  fingerprint: Fingerprint,
  time: number,
): SigningKey {
  checkTime(time);
  const parts = partsOf(certificate);
  const { primary } = parts;
  const selves = verifyPrimary(parts, time);
  const primaryEnd = Math.min(...selves.map(self => verifyLifetime(primary, self, time)));
  if (fingerprint === primary.fingerprint) {
    for (const self of selves) verifyFlags(primary, self);
    return { key: primary, expires: primaryEnd };
  }
  const subkey = parts.subkeys.find(({ key }) => key.fingerprint === fingerprint);
  if (subkey === undefined) throw refuse('OPENPGP_UNKNOWN_KEY', fingerprint, 'not of this certificate');
  const binding = verifySubkey(subkey, time);
  const bindings = [binding, ...subkey.bindings.filter(each => !isPresent(each, time))];
  for (const each of bindings) verifyFlags(subkey.key, each);
  verifyBackSignature(subkey.key, binding, time);
  const ends = bindings.map(each => verifyLifetime(subkey.key, each, time));
  return { key: subkey.key, expires: Math.min(primaryEnd, ...ends) };
}

/** When a key can sign no more: milliseconds since 1970, or Infinity. Throws when it may not sign at `time`. */
export function keyExpiry(certificate: Certificate, fingerprint: Fingerprint, time: number): number {
  return verifySigningKey(certificate, fingerprint, time).expires;
}

/** Rules 1 to 3. Gives the self-signatures that speak for the key. */
function verifyPrimary({ primary, revocations, userIds }: BoundParts, time: number): readonly Signature[] {
  verifyNotRevoked(primary, revocations);
  verifyAge(primary, time);
  const selves = userIds.flatMap(userId => {
    const current = certificationAt(userId, time);
    return current === undefined
      ? []
      : [current, ...userId.certifications.filter(each => !isPresent(each, time))];
  });
  if (selves.length === 0) throw refuse('OPENPGP_USER_ID', primary.fingerprint, 'no valid user id');
  return selves;
}

function certificationAt({ certifications, revocations }: BoundUserId, time: number): Signature | undefined {
  const current = newest(certifications.filter(each => isPresent(each, time)));
  if (current === undefined || isOver(current, time)) return undefined;
  return revocations.some(({ created }) => created >= current.created) ? undefined : current;
}

/** Rules 1, 2 and 4. */
function verifySubkey({ key, bindings, revocations }: BoundSubkey, time: number): Binding {
  verifyNotRevoked(key, revocations);
  verifyAge(key, time);
  const binding = newest(bindings.filter(each => isPresent(each, time)));
  if (binding === undefined) throw refuse('OPENPGP_SUBKEY', key.fingerprint, 'a subkey without a binding');
  if (isOver(binding, time))
    throw refuse('OPENPGP_SUBKEY', key.fingerprint, 'a subkey whose binding has ended');
  if (key.publicKey === undefined) {
    throw refuse('OPENPGP_ALGORITHM', key.fingerprint, `a subkey of algorithm ${key.algorithm}, expected 22`);
  }
  return binding;
}

function verifyBackSignature({ fingerprint }: KeyPacket, { backSignature }: Binding, time: number): void {
  if (backSignature === undefined) {
    throw refuse('OPENPGP_SUBKEY', fingerprint, 'a subkey that has not signed its binding (0x19)');
  }
  if (!isPresent(backSignature, time) || isOver(backSignature, time)) {
    throw refuse(
      'OPENPGP_SUBKEY',
      fingerprint,
      'a subkey whose signature of its binding is not of this time',
    );
  }
}

function verifyNotRevoked({ fingerprint }: KeyPacket, [revocation]: readonly Signature[]): void {
  if (revocation === undefined) return;
  const { created, reason } = revocation;
  const message = `key ${fingerprint}: revoked ${formatTime(created)}, reason ${nameReason(reason)}`;
  throw fail('OPENPGP_KEY_REVOKED', message, {
    details: { fingerprint, created, reason: reason ?? null },
  });
}

/** RFC 4880, section 5.2.3.23. */
const REASONS: Readonly<Record<number, string>> = {
  0: 'none',
  1: 'superseded',
  2: 'compromised',
  3: 'retired',
};

function nameReason(reason: number | undefined): string {
  return REASONS[reason ?? 0] ?? String(reason);
}

function verifyAge({ fingerprint, created }: KeyPacket, time: number): void {
  if (created <= time + CLOCK_TOLERANCE) return;
  const message = `key ${fingerprint}: made ${formatTime(created)}, after ${formatTime(time)}`;
  throw fail('OPENPGP_KEY_TIME', message, { details: { fingerprint, created, time } });
}

/** The end of the key. */
function verifyLifetime(
  { fingerprint, created }: KeyPacket,
  { keyLifetime }: Signature,
  time: number,
): number {
  const expires = endOf(created, keyLifetime) ?? Number.POSITIVE_INFINITY;
  if (time < expires) return expires;
  const message = `key ${fingerprint}: expired ${formatTime(expires)}, it is ${formatTime(time)}`;
  throw fail('OPENPGP_KEY_EXPIRED', message, { details: { fingerprint, expires, time } });
}

function verifyFlags({ fingerprint }: KeyPacket, { keyFlags }: Signature): void {
  if (((keyFlags ?? 0) & MAY_SIGN) !== 0) return;
  throw refuse(
    'OPENPGP_KEY_FLAGS',
    fingerprint,
    `key flags ${keyFlags ?? 'absent'}, expected the one to sign`,
  );
}

function newest<S extends Signature>(signatures: readonly S[]): S | undefined {
  return signatures.toSorted((a, b) => b.created - a.created || compareBytes(b.body, a.body))[0];
}

function isPresent({ created }: Signature, time: number): boolean {
  return created <= time + CLOCK_TOLERANCE;
}

function isOver({ expires }: Signature, time: number): boolean {
  return expires !== undefined && expires <= time;
}

function refuse(code: OpenPgpErrorCode, fingerprint: Fingerprint, problem: string): Error {
  return fail(code, `key ${fingerprint}: ${problem}`, { details: { fingerprint } });
}
