// Delegations, specification section 4.5, and succinct hash bins (TAP 15):
//
//   {"keys":{…},"roles":[{"name":"claims","keyids":["…"],"threshold":1,"terminating":false,"paths":["1/?"]}]}
//   {"keys":{…},"succinct_roles":{"keyids":["…"],"threshold":1,"bit_length":8,"name_prefix":"bin"}}

import { isJsonObject, type JsonObject, type JsonValue } from '@cargo-tuf/canonical-json';
import type { Field } from './field.ts';
import { readKeys, readRoleKeys, roleKeyMembers } from './keys.ts';
import type { DelegatedRole, Delegations, SuccinctRoles } from './roles.ts';
import { objectIn, withUnknown } from './unknown-members.ts';

export function readDelegations(field: Field): Delegations {
  const keys = readKeys(field.member('keys'), field.reading.limits.keysPerDelegations);
  const roles = field.optional('roles');
  const succinct = field.optional('succinct_roles');
  if ((roles === undefined) === (succinct === undefined)) {
    field.refuse('METADATA_SHAPE', 'expected either roles or succinct_roles');
  }
  if (succinct !== undefined) return { keys, roles: [], succinctRoles: readSuccinctRoles(succinct) };
  return { keys, roles: readRoles(roles as Field) };
}

/** `before`: the tree that the delegations were read from; roles keep their unknown members by their name. */
export function formatDelegations(delegations: Delegations, before: JsonObject | undefined): JsonObject {
  const { keys, roles, succinctRoles } = delegations;
  const rolesBefore = rolesByName(before?.get('roles'));
  const isBins = succinctRoles !== undefined && roles.length === 0;
  return withUnknown(
    [
      ['keys', new Map(Array.from(keys, ([keyId, key]) => [keyId, key.raw] as const))],
      ['roles', isBins ? undefined : roles.map(role => formatRole(role, rolesBefore.get(role.name)))],
      [
        'succinct_roles',
        succinctRoles === undefined
          ? undefined
          : formatSuccinctRoles(succinctRoles, objectIn(before, 'succinct_roles')),
      ],
    ],
    before,
  );
}

function rolesByName(roles: JsonValue | undefined): ReadonlyMap<JsonValue | undefined, JsonObject> {
  const list = Array.isArray(roles) ? (roles as readonly JsonValue[]).filter(isJsonObject) : [];
  return new Map(list.map(role => [role.get('name'), role]));
}

/** Two roles of one name, or one named as a top-level role, would let one pass for the other. */
function readRoles(field: Field): readonly DelegatedRole[] {
  const roles = field.elements(field.reading.limits.roles).map(readRole);
  if (new Set(roles.map(role => role.name)).size !== roles.length) {
    field.refuse('METADATA_DUPLICATE', 'a role name appears twice');
  }
  return roles;
}

function readRole(field: Field): DelegatedRole {
  const paths = field.optional('paths');
  const prefixes = field.optional('path_hash_prefixes');
  if ((paths === undefined) === (prefixes === undefined)) {
    field.refuse('METADATA_SHAPE', 'expected either paths or path_hash_prefixes');
  }
  return {
    name: readRoleName(field.member('name')),
    ...readRoleKeys(field),
    terminating: field.member('terminating').boolean(),
    ...(paths === undefined ? {} : { paths: paths.elements(field.reading.limits.patterns).map(readPattern) }),
    ...(prefixes === undefined
      ? {}
      : { pathHashPrefixes: prefixes.elements(field.reading.limits.patterns).map(readHashPrefix) }),
  };
}

function formatRole(role: DelegatedRole, before: JsonObject | undefined): JsonObject {
  return withUnknown(
    [
      ['name', role.name],
      ...roleKeyMembers(role),
      ['terminating', role.terminating],
      ['paths', role.paths],
      ['path_hash_prefixes', role.pathHashPrefixes],
    ],
    before,
  );
}

const RESERVED: ReadonlySet<string> = new Set(['root', 'timestamp', 'snapshot', 'targets']);

/** Any text: names are data, and never become a path of the file system. */
function readRoleName(field: Field): string {
  const name = field.text(field.reading.limits.roleNameBytes);
  if (RESERVED.has(name)) field.refuse('METADATA_NAME', `"${name}", expected no name of a top-level role`);
  return name;
}

function readPattern(field: Field): string {
  const pattern = field.text(field.reading.limits.patternLength);
  const stars = pattern.split('/').map(segment => segment.split('*').length - 1);
  if (Math.max(...stars) > field.reading.limits.patternStars) {
    field.refuse('METADATA_LIMIT', `more than ${field.reading.limits.patternStars} "*" in one segment`);
  }
  return pattern;
}

function readHashPrefix(field: Field): string {
  const prefix = field.text(64);
  if (!/^[0-9a-f]+$/.test(prefix)) field.refuse('METADATA_SHAPE', 'expected lower-case hex digits');
  return prefix;
}

function readSuccinctRoles(field: Field): SuccinctRoles {
  return {
    ...readRoleKeys(field),
    bitLength: field.member('bit_length').integer(1, field.reading.limits.succinctBitLength),
    namePrefix: readRoleName(field.member('name_prefix')),
  };
}

function formatSuccinctRoles(roles: SuccinctRoles, before: JsonObject | undefined): JsonObject {
  return withUnknown(
    [...roleKeyMembers(roles), ['bit_length', roles.bitLength], ['name_prefix', roles.namePrefix]],
    before,
  );
}
