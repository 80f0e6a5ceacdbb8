// Delegations, specification section 4.5, and succinct hash bins (TAP 15):
//
//   {"keys":{…},"roles":[{"name":"claims","keyids":["…"],"threshold":1,"terminating":false,"paths":["1/?"]}]}
//   {"keys":{…},"succinct_roles":{"keyids":["…"],"threshold":1,"bit_length":8,"name_prefix":"bin"}}

import type { JsonObject, JsonValue } from '@cargo-tuf/canonical-json';
import type { Field } from './field.ts';
import { formatRoleKeys, readKeys, readRoleKeys } from './keys.ts';
import { METADATA_LIMITS } from './limits.ts';
import type { DelegatedRole, Delegations, SuccinctRoles } from './roles.ts';

export function readDelegations(field: Field): Delegations {
  const keys = readKeys(field.member('keys'), METADATA_LIMITS.keysPerDelegations);
  const roles = field.optional('roles');
  const succinct = field.optional('succinct_roles');
  if ((roles === undefined) === (succinct === undefined)) {
    field.refuse('METADATA_SHAPE', 'expected either roles or succinct_roles');
  }
  if (succinct !== undefined) return { keys, roles: [], succinctRoles: readSuccinctRoles(succinct) };
  return { keys, roles: readRoles(roles as Field) };
}

export function formatDelegations(delegations: Delegations): JsonObject {
  const { keys, roles, succinctRoles } = delegations;
  const object = new Map<string, JsonValue>([
    ['keys', new Map(Array.from(keys, ([keyId, key]) => [keyId, key.raw] as const))],
  ]);
  if (succinctRoles === undefined || roles.length > 0) object.set('roles', roles.map(formatRole));
  if (succinctRoles !== undefined) object.set('succinct_roles', formatSuccinctRoles(succinctRoles));
  return object;
}

/** Two roles of one name, or one named as a top-level role, would let one pass for the other. */
function readRoles(field: Field): readonly DelegatedRole[] {
  const roles = field.elements(METADATA_LIMITS.roles).map(readRole);
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
    ...(paths === undefined ? {} : { paths: paths.elements(METADATA_LIMITS.patterns).map(readPattern) }),
    ...(prefixes === undefined
      ? {}
      : { pathHashPrefixes: prefixes.elements(METADATA_LIMITS.patterns).map(readHashPrefix) }),
  };
}

function formatRole(role: DelegatedRole): JsonObject {
  const object = new Map<string, JsonValue>([
    ['name', role.name],
    ...formatRoleKeys(role),
    ['terminating', role.terminating],
  ]);
  if (role.paths !== undefined) object.set('paths', role.paths);
  if (role.pathHashPrefixes !== undefined) object.set('path_hash_prefixes', role.pathHashPrefixes);
  return object;
}

const RESERVED: ReadonlySet<string> = new Set(['root', 'timestamp', 'snapshot', 'targets']);

/** Any text: names are data, and never become a path of the file system. */
function readRoleName(field: Field): string {
  const name = field.text(METADATA_LIMITS.roleNameBytes);
  if (RESERVED.has(name)) field.refuse('METADATA_NAME', `"${name}", expected no name of a top-level role`);
  return name;
}

function readPattern(field: Field): string {
  const pattern = field.text(METADATA_LIMITS.patternLength);
  const stars = pattern.split('/').map(segment => segment.split('*').length - 1);
  if (Math.max(...stars) > METADATA_LIMITS.patternStars) {
    field.refuse('METADATA_LIMIT', `more than ${METADATA_LIMITS.patternStars} "*" in one segment`);
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
    bitLength: field.member('bit_length').integer(1, METADATA_LIMITS.succinctBitLength),
    namePrefix: readRoleName(field.member('name_prefix')),
  };
}

function formatSuccinctRoles(roles: SuccinctRoles): JsonObject {
  return new Map<string, JsonValue>([
    ...formatRoleKeys(roles),
    ['bit_length', roles.bitLength],
    ['name_prefix', roles.namePrefix],
  ]);
}
