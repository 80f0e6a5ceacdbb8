// Keys in metadata, specification section 4.2:
//
//   {"keytype":"ed25519","scheme":"ed25519","keyval":{"public":"<64 hex digits>"}}
//   {"keytype":"ecdsa","scheme":"ecdsa-sha2-nistp256","keyval":{"public":"-----BEGIN PUBLIC KEY-----\n…"}}
//
//   {"keytype":"rsa","scheme":"rsassa-pss-sha256","keyval":{"public":"-----BEGIN PUBLIC KEY-----\n…"}}
//
// Older repositories write the scheme as key type, `ecdsa-sha2-nistp256`, and a point as hex digits, `04…`; both are read.
// The algorithm comes from the key, never from a signature. A key of a type or scheme that is not spoken is kept and
// never counts; a key that contradicts itself is refused.

import { encodeCanonical, type JsonObject, type JsonValue } from '@cargo-tuf/canonical-json';
import {
  decodeHex,
  encodeHex,
  encodeSpki,
  formatSpki,
  importPublicKey,
  type LegacyScheme,
  parseSpki,
  type PublicKey,
  type Scheme,
  sha256,
} from '@cargo-tuf/keys';
import type { Field } from './field.ts';
import type { Format } from './reading.ts';
import type { Key, RoleKeys } from './roles.ts';
import type { KnownMembers } from './unknown-members.ts';

export function readKeys(field: Field, limit: number): ReadonlyMap<string, Key> {
  return new Map(field.entries(limit).map(([keyId, key]) => [keyId, readKey(keyId, key)]));
}

/**
 * The key object to write, and its id in hex. In JSON that is the SHA-256 of its canonical form; in DSSE the SHA-256 of
 * the key itself, SubjectPublicKeyInfo in DER.
 */
export function formatKey(
  publicKey: PublicKey,
  format: Format = 'json',
): { readonly keyId: string; readonly raw: JsonObject } {
  const { scheme } = publicKey;
  const text = scheme === 'ed25519' ? encodeHex(publicKey.bytes) : formatSpki(publicKey);
  const raw: JsonObject = new Map<string, JsonValue>([
    ['keytype', KEY_TYPES[scheme][0]],
    ['scheme', scheme],
    ['keyval', new Map([['public', text]])],
  ]);
  return { keyId: encodeHex(sha256(format === 'dsse' ? encodeSpki(publicKey) : encodeCanonical(raw))), raw };
}

/**
 * Key ids and threshold of a role. The threshold is from 1 to the number of key ids: a role that nobody can sign, or that
 * needs no signature, is a mistake of its publisher.
 */
export function readRoleKeys(field: Field): RoleKeys {
  const list = field.member('keyids');
  const keyIds = list.elements(field.reading.limits.keyIdsPerRole).map(readKeyId);
  if (new Set(keyIds).size !== keyIds.length) list.refuse('METADATA_DUPLICATE', 'a key id appears twice');
  return { keyIds, threshold: field.member('threshold').integer(1, keyIds.length) };
}

export function readKeyId(field: Field): string {
  return field.text(field.reading.limits.keyIdLength);
}

export function roleKeyMembers(role: RoleKeys): KnownMembers {
  return [
    ['keyids', role.keyIds],
    ['threshold', role.threshold],
  ];
}

function readKey(keyId: string, field: Field): Key {
  if (keyId === '' || keyId.length > field.reading.limits.keyIdLength)
    field.refuse('METADATA_LIMIT', 'key id is empty or too long');
  const keyType = field.member('keytype').text(field.reading.limits.keyIdLength);
  const scheme = field.member('scheme').text(field.reading.limits.keyIdLength);
  const value = field.member('keyval');
  const raw = field.object();
  value.object();
  if (isSpoken(scheme)) {
    if (!KEY_TYPES[scheme].includes(keyType)) refuseContradiction(field);
    return { keyId, publicKey: importKey(value.member('public'), scheme), raw };
  }
  if (ONE_SCHEME.has(keyType)) refuseContradiction(field);
  return { keyId, publicKey: undefined, raw };
}

/** The first key type of a scheme is the one that is written; the others are older spellings. */
const KEY_TYPES: Readonly<Record<Scheme | LegacyScheme, readonly [string, ...string[]]>> = {
  ed25519: ['ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa', 'ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa', 'ecdsa-sha2-nistp384'],
  'rsassa-pss-sha256': ['rsa'],
  'rsa-pkcs1v15-sha256': ['rsa'],
};

/** Key types that go with one scheme alone. Of `ecdsa` and `rsa` there are more than are spoken. */
const ONE_SCHEME: ReadonlySet<string> = new Set(['ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384']);

function isSpoken(scheme: string): scheme is Scheme | LegacyScheme {
  return Object.hasOwn(KEY_TYPES, scheme);
}

function refuseContradiction(field: Field): never {
  return field.refuse('METADATA_KEY', 'key type and scheme contradict each other');
}

/** Undefined for a legacy scheme that is not allowed by name: it is as if it were not spoken. */
function importKey(field: Field, scheme: Scheme | LegacyScheme): PublicKey | undefined {
  const text = field.string();
  const { allow } = field.reading;
  if (scheme === 'rsa-pkcs1v15-sha256' && !allow.includes(scheme)) return undefined;
  let key: PublicKey;
  try {
    key = readPublicKey(text, scheme);
  } catch (cause) {
    return field.refuse('METADATA_KEY', `no public key of scheme ${scheme}`, cause);
  }
  if (key.scheme !== scheme)
    field.refuse('METADATA_KEY', `a key of scheme ${key.scheme}, expected ${scheme}`);
  return key;
}

/** PEM, or the bytes of an Ed25519 key or of a point in hex. */
function readPublicKey(text: string, scheme: Scheme | LegacyScheme): PublicKey {
  if (!text.startsWith('-----BEGIN')) return importPublicKey(scheme, decodeHex(text));
  const key = parseSpki(text);
  // PEM says that a key is one of RSA, not which padding it signs with.
  return scheme === 'rsa-pkcs1v15-sha256' && key.scheme === 'rsassa-pss-sha256'
    ? importPublicKey(scheme, key.bytes, undefined, [scheme])
    : key;
}
