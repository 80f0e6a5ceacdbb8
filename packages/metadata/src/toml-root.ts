// root.toml, of the RFC for verified registry commits: the keys of a signed git index, and what each may sign.
//
//   spec-version = 1
//   version = 2
//   consistent-snapshot = true
//   expires = "2030-01-01T00:00:00Z"
//
//   [keys."openpgp:FF88…"]
//   …
//   [roles.root]
//   keyids = ["openpgp:FF88…"]
//   threshold = 1

import type { JsonValue } from '@cargo-tuf/canonical-json';
import { roleKeyMembers } from './keys.ts';
import type { RoleKeys } from './roles.ts';
import { formatTomlFile, openTomlFile, type TomlOptions } from './toml-file.ts';
import { formatOpenPgpKeys, readOpenPgpKeys, readOpenPgpRole } from './toml-keys.ts';
import type { TomlRoleName, TomlRoot, TomlRootFields } from './toml-roles.ts';
import { objectIn, withUnknown } from './unknown-members.ts';

const REQUIRED: readonly TomlRoleName[] = ['root', 'timestamp'];
/** Allowed, so that they can be used one day. */
const FURTHER: readonly TomlRoleName[] = ['snapshot', 'targets', 'mirrors'];
/** How the RFC's list of members misspells `consistent-snapshot`; its example does not. */
const MISSPELLED = 'consistent-shapshot';

/** Throws `METADATA_*`. The file has no signature: it counts because a commit does that carries it. */
export function parseTomlRoot(bytes: Uint8Array, options: TomlOptions = {}): TomlRoot {
  const { common, field } = openTomlFile(bytes, 'rootBytes', 'root.toml', options, ['spec-version']);
  field.optional(MISSPELLED)?.refuse('METADATA_SHAPE', 'expected consistent-snapshot');
  const keys = readOpenPgpKeys(field.member('keys'), field.reading.limits.keysPerRoot);
  const roles = field.member('roles');
  const found = new Map<TomlRoleName, RoleKeys>(
    REQUIRED.map(name => [name, readOpenPgpRole(roles.member(name), keys)]),
  );
  for (const name of FURTHER) {
    const role = roles.optional(name);
    if (role !== undefined) found.set(name, readOpenPgpRole(role, keys));
  }
  return {
    ...common,
    type: 'root',
    consistentSnapshot: field.member('consistent-snapshot').boolean(),
    keys,
    roles: found,
  };
}

/** The file that `parseTomlRoot` reads back as `fields`. Throws what it would throw. */
export function formatTomlRoot(fields: TomlRootFields, options: TomlOptions = {}): Uint8Array {
  const before = fields.document?.tree;
  const rolesBefore = objectIn(before, 'roles');
  const roles = new Map(
    [...REQUIRED, ...FURTHER].map((name): [string, JsonValue | undefined] => [name, undefined]),
  );
  for (const [name, role] of fields.roles)
    roles.set(name, withUnknown(roleKeyMembers(role), objectIn(rolesBefore, name)));
  const bytes = formatTomlFile(fields, 'spec-version', [
    ['consistent-snapshot', fields.consistentSnapshot],
    ['keys', formatOpenPgpKeys(fields.keys, objectIn(before, 'keys'))],
    ['roles', withUnknown([...roles], rolesBefore)],
  ]);
  parseTomlRoot(bytes, options);
  return bytes;
}
