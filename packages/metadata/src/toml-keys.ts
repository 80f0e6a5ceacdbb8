// Keys of the TOML files: an armored certificate, named by its fingerprint.
//
//   [keys."openpgp:FF88733444562854EC62ABE84CB919A8625280AA"]
//   keytype = "ed25519"
//   scheme = "openpgp"
//
//   [keys."openpgp:FF88733444562854EC62ABE84CB919A8625280AA".keyval]
//   public = """
//   -----BEGIN PGP PUBLIC KEY BLOCK-----
//   …
//   """
//
// The certificate is text here. Who reads it compares its fingerprint with the id; this package speaks no OpenPGP.

import type { JsonObject } from '@cargo-tuf/canonical-json';
import { escapeText } from '@cargo-tuf/errors';
import type { Field } from './field.ts';
import { readRoleKeys } from './keys.ts';
import type { RoleKeys } from './roles.ts';
import type { OpenPgpKey, TomlRootFields } from './toml-roles.ts';
import { objectIn, withUnknown } from './unknown-members.ts';

const KEY_TYPE = 'ed25519';
const SCHEME = 'openpgp';
const KEY_ID = /^openpgp:[0-9A-F]{40}$/;
/** Of an armored certificate. */
const CERTIFICATE_BYTES = 262_144;

export function readOpenPgpKeys(field: Field, limit: number): ReadonlyMap<string, OpenPgpKey> {
  return new Map(field.entries(limit).map(([keyId, key]) => [keyId, readKey(keyId, key)]));
}

/** The role's key ids, all of which stand among `keys`. */
export function readOpenPgpRole(field: Field, keys: ReadonlyMap<string, OpenPgpKey>): RoleKeys {
  const role = readRoleKeys(field);
  const missing = role.keyIds.find(keyId => !keys.has(keyId));
  if (missing !== undefined)
    field.member('keyids').refuse('METADATA_KEY', `${escapeText(missing, 60)}, expected one of the keys`);
  return role;
}

/** The table of keys to write. Each keeps its unknown members. */
export function formatOpenPgpKeys(keys: TomlRootFields['keys'], before: JsonObject | undefined): JsonObject {
  return new Map(
    Array.from(keys, ([keyId, { certificate, raw }]) => {
      const old = raw ?? objectIn(before, keyId);
      if (certificate === undefined && old !== undefined) return [keyId, old] as const;
      const value = withUnknown([['public', certificate]], objectIn(old, 'keyval'));
      const known = [
        ['keytype', KEY_TYPE],
        ['scheme', SCHEME],
        ['keyval', value],
      ] as const;
      return [keyId, withUnknown(known, old)] as const;
    }),
  );
}

function readKey(keyId: string, field: Field): OpenPgpKey {
  const { keyIdLength } = field.reading.limits;
  if (keyId === '' || keyId.length > keyIdLength)
    field.refuse('METADATA_LIMIT', 'key id is empty or too long');
  const keyType = field.member('keytype').text(keyIdLength);
  const scheme = field.member('scheme').text(keyIdLength);
  const raw = field.object();
  const value = field.member('keyval');
  value.object();
  if (scheme !== SCHEME || keyType !== KEY_TYPE) return { keyId, certificate: undefined, raw };
  if (!KEY_ID.test(keyId))
    field.refuse('METADATA_KEY', 'expected a key id of "openpgp:" and 40 upper-case hex digits');
  return { keyId, certificate: value.member('public').text(CERTIFICATE_BYTES), raw };
}
