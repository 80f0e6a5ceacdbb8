// Keys in metadata, specification section 4.2:
//
//   {"keytype":"ed25519","scheme":"ed25519","keyval":{"public":"<64 hex digits>"}}
//   {"keytype":"ecdsa","scheme":"ecdsa-sha2-nistp256","keyval":{"public":"-----BEGIN PUBLIC KEY-----\n…"}}
//
// The algorithm comes from the key, never from a signature. A key of a type or scheme that is not spoken is kept and
// never counts; a key that contradicts itself is refused.

import { encodeCanonical, type JsonObject, type JsonValue } from '@cargo-tuf/canonical-json';
import {
  decodeHex,
  encodeHex,
  formatSpki,
  importPublicKey,
  parseSpki,
  type PublicKey,
  type Scheme,
  sha256,
} from '@cargo-tuf/keys';
import type { Field } from './field.ts';
import { METADATA_LIMITS } from './limits.ts';
import type { Key, RoleKeys } from './roles.ts';

export function readKeys(field: Field, limit: number): ReadonlyMap<string, Key> {
  return new Map(field.entries(limit).map(([keyId, key]) => [keyId, readKey(keyId, key)]));
}

/** The key object to write, and its id: the SHA-256 of its canonical form, in hex. */
export function formatKey(publicKey: PublicKey): { readonly keyId: string; readonly raw: JsonObject } {
  const keytype = publicKey.scheme === 'ed25519' ? 'ed25519' : 'ecdsa';
  const text = publicKey.scheme === 'ed25519' ? encodeHex(publicKey.bytes) : formatSpki(publicKey);
  const raw: JsonObject = new Map<string, JsonValue>([
    ['keytype', keytype],
    ['scheme', publicKey.scheme],
    ['keyval', new Map([['public', text]])],
  ]);
  return { keyId: encodeHex(sha256(encodeCanonical(raw))), raw };
}

/**
 * Key ids and threshold of a role. The threshold is from 1 to the number of key ids: a role that nobody can sign, or that
 * needs no signature, is a mistake of its publisher.
 */
export function readRoleKeys(field: Field): RoleKeys {
  const list = field.member('keyids');
  const keyIds = list.elements(METADATA_LIMITS.keyIdsPerRole).map(readKeyId);
  if (new Set(keyIds).size !== keyIds.length) list.refuse('METADATA_DUPLICATE', 'a key id appears twice');
  return { keyIds, threshold: field.member('threshold').integer(1, keyIds.length) };
}

export function readKeyId(field: Field): string {
  return field.text(METADATA_LIMITS.keyIdLength);
}

export function formatRoleKeys(role: RoleKeys): JsonObject {
  return new Map<string, JsonValue>([
    ['keyids', role.keyIds],
    ['threshold', role.threshold],
  ]);
}

function readKey(keyId: string, field: Field): Key {
  if (keyId === '' || keyId.length > METADATA_LIMITS.keyIdLength)
    field.refuse('METADATA_LIMIT', 'key id is empty or too long');
  const keyType = field.member('keytype').text(METADATA_LIMITS.keyIdLength);
  const scheme = field.member('scheme').text(METADATA_LIMITS.keyIdLength);
  const value = field.member('keyval');
  const raw = field.object();
  value.object();
  const spoken = SPOKEN.find(
    row => row.scheme === scheme || (row.keyTypes.includes(keyType) && keyType !== 'ecdsa'),
  );
  if (spoken === undefined) return { keyId, publicKey: undefined, raw };
  if (spoken.scheme !== scheme || !spoken.keyTypes.includes(keyType)) {
    field.refuse('METADATA_KEY', 'key type and scheme contradict each other');
  }
  return { keyId, publicKey: importKey(value.member('public'), spoken.scheme), raw };
}

/** The key type `ecdsa` stands for several curves; the scheme names the one. */
const SPOKEN: readonly { readonly scheme: Scheme; readonly keyTypes: readonly string[] }[] = [
  { scheme: 'ed25519', keyTypes: ['ed25519'] },
  { scheme: 'ecdsa-sha2-nistp256', keyTypes: ['ecdsa', 'ecdsa-sha2-nistp256'] },
];

function importKey(field: Field, scheme: Scheme): PublicKey {
  const text = field.string();
  let key: PublicKey;
  try {
    key = scheme === 'ed25519' ? importPublicKey(scheme, decodeHex(text)) : parseSpki(text);
  } catch (cause) {
    return field.refuse('METADATA_KEY', `no public key of scheme ${scheme}`, cause);
  }
  if (key.scheme !== scheme)
    field.refuse('METADATA_KEY', `a key of scheme ${key.scheme}, expected ${scheme}`);
  return key;
}
