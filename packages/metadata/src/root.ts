// Root, specification section 4.3: the keys and thresholds of the four top-level roles.

import type { JsonObject, JsonValue } from '@cargo-tuf/canonical-json';
import { escapeText } from '@cargo-tuf/errors';
import type { Field } from './field.ts';
import { readKeys, readRoleKeys, roleKeyMembers } from './keys.ts';
import type { ReadOptions } from './reading.ts';
import type { Auditors, IndexKind, RoleKeys, Root, RootFields, TopLevelRole } from './roles.ts';
import { formatSigned, openRole } from './signed.ts';
import { objectIn, withUnknown } from './unknown-members.ts';

const TOP_LEVEL: readonly TopLevelRole[] = ['root', 'timestamp', 'snapshot', 'targets'];
/** Tree versions are epoch × 2^40 + n, below 2^53 (docs/pouf.md, section 2.1). */
const LAST_EPOCH = 8_191;

/** Throws `METADATA_*`; `subject` starts its messages. */
export function parseRoot(signed: JsonObject, subject: string = 'root', options: ReadOptions = {}): Root {
  const { common, field, extension } = openRole(signed, 'root', subject, options);
  const roles = field.member('roles');
  const index = extension?.optional('index');
  const auditors = extension?.optional('auditors');
  return {
    ...common,
    type: 'root',
    consistentSnapshot: field.optional('consistent_snapshot')?.boolean() ?? false,
    keys: readKeys(field.member('keys'), field.reading.limits.keysPerRoot),
    roles: new Map<TopLevelRole, RoleKeys>(TOP_LEVEL.map(role => [role, readRoleKeys(roles.member(role))])),
    index: index === undefined ? undefined : readIndexKind(index),
    claimsFloor: extension?.optional('claims_floor')?.integer(0) ?? 0,
    auditors: auditors === undefined ? undefined : readAuditors(auditors),
  };
}

/** The tree that `parseRoot` reads back as `fields`. Throws what `parseRoot` would throw. */
export function formatRoot(fields: RootFields, options: ReadOptions = {}): JsonObject {
  const keys = new Map<string, JsonValue>(Array.from(fields.keys, ([keyId, key]) => [keyId, key.raw]));
  const before = objectIn(fields.signed, 'roles');
  const roles = Array.from(
    fields.roles,
    ([name, role]) => [name, withUnknown(roleKeyMembers(role), objectIn(before, name))] as const,
  );
  const signed = formatSigned(fields, {
    type: 'root',
    members: [
      ['consistent_snapshot', fields.consistentSnapshot],
      ['keys', keys],
      ['roles', withUnknown(roles, before)],
    ],
    extension: extension => [
      ['index', fields.index === undefined ? undefined : formatIndexKind(fields.index, extension)],
      ['claims_floor', fields.claimsFloor === 0 ? undefined : fields.claimsFloor],
      ['auditors', fields.auditors && formatAuditors(fields.auditors, extension)],
    ],
  });
  parseRoot(signed, 'root', options);
  return signed;
}

function readIndexKind(field: Field): IndexKind {
  const kind = field.member('kind').string();
  if (kind === 'bins') return { kind };
  if (kind === 'map') return { kind, epoch: field.member('epoch').integer(0, LAST_EPOCH) };
  return field
    .member('kind')
    .refuse('METADATA_INDEX_KIND', `"${escapeText(kind, 40)}", expected "map" or "bins"`);
}

function formatIndexKind(index: IndexKind, extension: JsonObject | undefined): JsonObject {
  return withUnknown(
    [
      ['kind', index.kind],
      ['epoch', index.kind === 'map' ? index.epoch : undefined],
    ],
    objectIn(extension, 'index'),
  );
}

function readAuditors(field: Field): Auditors {
  const keys = readKeys(field.member('keys'), field.reading.limits.keyIdsPerRole);
  for (const keyId of keys.keys()) {
    if (HEX_64.test(keyId)) continue;
    // It names a file: audits/<key id>.json.
    field
      .member('keys')
      .refuse('METADATA_SHAPE', `key id "${escapeText(keyId, 40)}", expected 64 lower-case hex digits`);
  }
  const count = new Set([...keys.values()].map(key => key.publicKey?.identity ?? key.keyId)).size;
  return { keys, threshold: field.member('threshold').integer(0, count) };
}

const HEX_64 = /^[0-9a-f]{64}$/;

function formatAuditors({ keys, threshold }: Auditors, extension: JsonObject | undefined): JsonObject {
  const raw = new Map<string, JsonValue>(Array.from(keys, ([keyId, key]) => [keyId, key.raw]));
  return withUnknown(
    [
      ['keys', raw],
      ['threshold', threshold],
    ],
    objectIn(extension, 'auditors'),
  );
}
