// What the subpackets of a signature state. Only the hashed area is believed; the unhashed one may hold the issuer's id, as
// a hint that is checked, and a back-signature, which proves itself.

import { ByteReader, readNumber } from './bytes.ts';
import { fail } from './errors.ts';
import { fingerprintOf, type Fingerprint } from './fingerprint.ts';
import type { SignaturePacket } from './signature-packet.ts';
import type { Subpacket } from './subpackets.ts';
import { endOf, readSeconds } from './time.ts';

/** Subpacket types, RFC 4880, section 5.2.3.1. */
export const CREATED = 2;
const SIGNATURE_LIFETIME = 3;
export const KEY_LIFETIME = 9;
export const ISSUER = 16;
const NOTATION = 20;
export const KEY_FLAGS = 27;
export const REASON = 29;
export const EMBEDDED = 32;
export const ISSUER_FINGERPRINT = 33;

export interface Statements {
  readonly created: number;
  readonly issuer: Fingerprint;
  /** When the signature ends. Undefined: never. */
  readonly expires: number | undefined;
  /** Milliseconds from the creation of the key. Undefined: it does not expire. */
  readonly keyLifetime: number | undefined;
  /** The first octet of the key flags. Undefined: nothing is said. */
  readonly keyFlags: number | undefined;
  /** Reason for revocation, RFC 4880, section 5.2.3.23. */
  readonly reason: number | undefined;
  /** The body of the embedded signature. */
  readonly embedded: Uint8Array | undefined;
}

/**
 * Those of which a critical one is understood, by gpg too. Preferences (11, 21, 22), features (30) and the primary user id
 * (25) say nothing about what a signature is worth.
 */
const UNDERSTOOD: ReadonlySet<number> = new Set([
  CREATED,
  SIGNATURE_LIFETIME,
  KEY_LIFETIME,
  11,
  ISSUER,
  21,
  22,
  25,
  KEY_FLAGS,
  REASON,
  30,
  EMBEDDED,
  ISSUER_FINGERPRINT,
]);

/** What changes the meaning of a signature in a way that is not looked at here, and belongs to other signatures. */
const MISPLACED: Readonly<Record<number, string>> = {
  5: 'a level of trust in another key',
  6: 'a regular expression that limits such trust',
  12: 'a designated revoker',
  31: 'another signature as its target',
  35: 'an intended recipient',
};

/** Octets of the bodies that have one length alone: exportable (4), revocable (7), primary user id (25). */
const LENGTHS: Readonly<Record<number, number>> = {
  [CREATED]: 4,
  [SIGNATURE_LIFETIME]: 4,
  4: 1,
  7: 1,
  [KEY_LIFETIME]: 4,
  [ISSUER]: 8,
  25: 1,
  [ISSUER_FINGERPRINT]: 21,
};

/** Throws `OPENPGP_SUBPACKET`, `OPENPGP_CRITICAL`, `OPENPGP_ISSUER`. */
export function readStatements({ hashed, unhashed }: SignaturePacket, mayEmbed: boolean): Statements {
  checkHashed(hashed);
  checkUnhashed(hashed, unhashed);
  const created = find(hashed, CREATED);
  if (created === undefined) throw wrong('no creation time in the hashed area');
  const issuer = readIssuer(hashed, unhashed);
  const embedded = find([...hashed, ...unhashed], EMBEDDED);
  if (embedded !== undefined && !mayEmbed)
    throw wrong('an embedded signature, which belongs to bindings of subkeys');
  const time = readSeconds(created);
  return {
    created: time,
    issuer,
    expires: endOf(time, readLifetime(hashed, SIGNATURE_LIFETIME)),
    keyLifetime: readLifetime(hashed, KEY_LIFETIME),
    keyFlags: readFirst(hashed, KEY_FLAGS),
    reason: readFirst(hashed, REASON),
    embedded,
  };
}

/** The key ids and fingerprints that a signature names anywhere, not believed: whose it claims to be. */
export function claimsIssuer({ hashed, unhashed }: SignaturePacket, fingerprint: Fingerprint): boolean {
  const issuers = [...hashed, ...unhashed].filter(
    ({ type }) => type === ISSUER || type === ISSUER_FINGERPRINT,
  );
  // The last 8 octets alone: a damaged fingerprint must not make an owner's revocation a stranger's.
  const id = fingerprint.slice(-16);
  return issuers.length === 0 || issuers.some(({ body }) => fingerprintOf(body.slice(-8)) === id);
}

function checkHashed(hashed: readonly Subpacket[]): void {
  const seen = new Set<number>();
  for (const { type, isCritical, body } of hashed) {
    checkLength(type, body);
    if (isCritical && !UNDERSTOOD.has(type)) {
      throw fail('OPENPGP_CRITICAL', `subpacket: type ${type} is critical, and not understood`, {
        details: { type },
      });
    }
    const misplaced = MISPLACED[type];
    if (misplaced !== undefined) throw wrong(`${misplaced}, which does not belong here`);
    if (seen.has(type) && type !== NOTATION) throw wrong(`type ${type} twice in the hashed area`);
    if (type === NOTATION) checkNotation(body);
    seen.add(type);
  }
}

/** Flags, the lengths of name and value, name and value. What it says is not used. */
function checkNotation(body: Uint8Array): void {
  const reader = new ByteReader(body, 'notation');
  reader.take(4);
  reader.take(reader.uint16() + reader.uint16());
  reader.end();
}

function checkUnhashed(hashed: readonly Subpacket[], unhashed: readonly Subpacket[]): void {
  const seen = new Set(hashed.map(({ type }) => type));
  for (const { type, isCritical, body } of unhashed) {
    checkLength(type, body);
    if (isCritical) throw wrong(`type ${type} critical in the unhashed area`);
    if (type !== ISSUER && type !== EMBEDDED) {
      throw wrong(`type ${type} in the unhashed area, expected the issuer or a back-signature alone`);
    }
    if (seen.has(type)) throw wrong(`type ${type} twice`);
    seen.add(type);
  }
}

function readIssuer(hashed: readonly Subpacket[], unhashed: readonly Subpacket[]): Fingerprint {
  const body = find(hashed, ISSUER_FINGERPRINT);
  if (body === undefined) throw wrong('no issuer fingerprint in the hashed area');
  if (body[0] !== 4) {
    throw fail('OPENPGP_VERSION', `issuer fingerprint: version ${body[0]}, expected 4`);
  }
  const issuer = fingerprintOf(body.subarray(1));
  const hint = find([...hashed, ...unhashed], ISSUER);
  // gpg finds no key, and no self-signature, without it.
  if (hint === undefined) throw wrong("no issuer's id");
  if (fingerprintOf(hint) !== issuer.slice(-16)) {
    throw fail('OPENPGP_ISSUER', `signature: issuer ${issuer}, but issuer id ${fingerprintOf(hint)}`, {
      details: { fingerprint: issuer, keyId: fingerprintOf(hint) },
    });
  }
  return issuer;
}

/** Zero is "never", RFC 4880, sections 5.2.3.6 and 5.2.3.10. */
function readLifetime(hashed: readonly Subpacket[], type: number): number | undefined {
  const body = find(hashed, type);
  return body === undefined || readNumber(body) === 0 ? undefined : readSeconds(body);
}

function readFirst(hashed: readonly Subpacket[], type: number): number | undefined {
  const body = find(hashed, type);
  return body === undefined ? undefined : new ByteReader(body, `subpacket of type ${type}`).byte();
}

function find(subpackets: readonly Subpacket[], type: number): Uint8Array | undefined {
  return subpackets.find(each => each.type === type)?.body;
}

/** Yes or no: exportable (4), revocable (7), primary user id (25). */
const BOOLEANS: readonly number[] = [4, 7, 25];

function checkLength(type: number, body: Uint8Array): void {
  const length = LENGTHS[type];
  if (BOOLEANS.includes(type) && (body[0] ?? 0) > 1)
    throw wrong(`type ${type} of ${body[0]}, expected 0 or 1`);
  if (length === undefined || body.length === length) return;
  throw wrong(`type ${type} of ${body.length} bytes, expected ${length}`);
}

function wrong(problem: string): Error {
  return fail('OPENPGP_SUBPACKET', `signature: ${problem}`);
}
