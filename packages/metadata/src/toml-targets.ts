// targets.toml, as the RFC for verified registry commits sketches it: the index entries that have owners, and their keys.
//
//   spec_version = 1
//   version = 1
//   expires = "2030-01-01T00:00:00Z"
//
//   [delegations.keys."openpgp:DCCC…"]
//   …
//   [[roles]]
//   name = "serde"
//   keyids = ["openpgp:DCCC…"]
//   paths = ["/se/rd/serde"]
//   threshold = 1
//
//   [targets."config.json"]
//   hashes = { sha256 = "5b3e…" }
//   length = 77

import type { JsonObject } from '@cargo-tuf/canonical-json';
import type { Field } from './field.ts';
import { formatTargetFile, readTargetFile } from './files.ts';
import type { TargetFile } from './roles.ts';
import { formatTomlFile, objectsByName, openTomlFile, type TomlOptions } from './toml-file.ts';
import { formatOpenPgpKeys, readOpenPgpKeys, readOpenPgpRole } from './toml-keys.ts';
import type { OpenPgpKey, TomlDelegatedRole, TomlTargets, TomlTargetsFields } from './toml-roles.ts';
import { objectIn, withUnknown } from './unknown-members.ts';

/** Throws `METADATA_*`. */
export function parseTomlTargets(bytes: Uint8Array, options: TomlOptions = {}): TomlTargets {
  const names = ['spec_version', 'spec-version'] as const;
  const { common, field } = openTomlFile(bytes, 'targetsBytes', 'targets.toml', options, names);
  const delegations = field.optional('delegations');
  const keyTable = delegations?.optional('keys');
  const keys =
    keyTable === undefined
      ? new Map<string, OpenPgpKey>()
      : readOpenPgpKeys(keyTable, field.reading.limits.keysPerDelegations);
  const roles = field.optional('roles');
  return {
    ...common,
    type: 'targets',
    keys,
    roles: roles === undefined ? [] : readRoles(roles, keys),
    targets: readTargets(field.optional('targets')),
  };
}

/** The file that `parseTomlTargets` reads back as `fields`. Throws what it would throw. */
export function formatTomlTargets(fields: TomlTargetsFields, options: TomlOptions = {}): Uint8Array {
  const before = fields.document?.tree;
  const delegations = objectIn(before, 'delegations');
  const keys = formatOpenPgpKeys(fields.keys, objectIn(delegations, 'keys'));
  const roles = objectsByName(before?.get('roles'), 'name');
  const targets = objectIn(before, 'targets');
  const owned = withUnknown([['keys', orNothing(keys)]], delegations);
  const files = new Map(
    Array.from(fields.targets, ([path, file]) => [path, formatTargetFile(file, objectIn(targets, path))]),
  );
  const bytes = formatTomlFile(
    fields,
    before?.has('spec-version') === true ? 'spec-version' : 'spec_version',
    [
      ['delegations', orNothing(owned)],
      [
        'roles',
        fields.roles.length === 0
          ? undefined
          : fields.roles.map(role => formatRole(role, roles.get(role.name))),
      ],
      ['targets', orNothing(files)],
    ],
  );
  parseTomlTargets(bytes, options);
  return bytes;
}

function orNothing(object: JsonObject): JsonObject | undefined {
  return object.size === 0 ? undefined : object;
}

function readRoles(field: Field, keys: ReadonlyMap<string, OpenPgpKey>): readonly TomlDelegatedRole[] {
  const roles = field.elements(field.reading.limits.roles).map(role => readRole(role, keys));
  if (new Set(roles.map(role => role.name)).size !== roles.length)
    field.refuse('METADATA_DUPLICATE', 'a role name appears twice');
  // Whose signature would an entry of two owners need?
  const paths = roles.flatMap(role => role.paths);
  if (new Set(paths).size !== paths.length) field.refuse('METADATA_DUPLICATE', 'a path appears twice');
  return roles;
}

function readRole(field: Field, keys: ReadonlyMap<string, OpenPgpKey>): TomlDelegatedRole {
  const { roleNameBytes, patterns } = field.reading.limits;
  return {
    name: field.member('name').text(roleNameBytes),
    ...readOpenPgpRole(field, keys),
    paths: field.member('paths').elements(patterns).map(readPath),
  };
}

/** One file, by its path from the root of the index: a pattern would have owners of crates that are not there yet. */
function readPath(field: Field): string {
  const path = field.text(field.reading.limits.targetPathBytes);
  if (/^(?:\/(?!\.\.?(?:\/|$))[^/\\*?]+)+$/.test(path)) return path;
  return field.refuse('METADATA_PATH', 'expected a path such as "/se/rd/serde"');
}

function readTargets(field: Field | undefined): ReadonlyMap<string, TargetFile> {
  const { targets = 0, targetPathBytes = 0 } = field?.reading.limits ?? {};
  return new Map(
    field?.entries(targets).map(([path, file]) => {
      if (path === '') file.refuse('METADATA_SHAPE', 'empty path, expected a path');
      if (path.length > targetPathBytes) file.refuse('METADATA_LIMIT', 'path is too long');
      return [path, readTargetFile(file)];
    }),
  );
}

function formatRole(role: TomlDelegatedRole, before: JsonObject | undefined): JsonObject {
  return withUnknown(
    [
      ['name', role.name],
      ['keyids', role.keyIds],
      ['paths', role.paths],
      ['threshold', role.threshold],
    ],
    before,
  );
}
