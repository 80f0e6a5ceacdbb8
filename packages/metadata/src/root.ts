// Root, specification section 4.3: the keys and thresholds of the four top-level roles.

import type { JsonObject, JsonValue } from '@cargo-tuf/canonical-json';
import { escapeText } from '@cargo-tuf/errors';
import type { Field } from './field.ts';
import { formatRoleKeys, readKeys, readRoleKeys } from './keys.ts';
import { METADATA_LIMITS } from './limits.ts';
import type { IndexKind, RoleKeys, Root, RootFields, TopLevelRole } from './roles.ts';
import { formatSigned, openRole } from './signed.ts';

const TOP_LEVEL: readonly TopLevelRole[] = ['root', 'timestamp', 'snapshot', 'targets'];
/** Tree versions are epoch × 2^40 + n, below 2^53 (docs/pouf.md, section 2.1). */
const LAST_EPOCH = 8_191;

/** Throws `METADATA_*`; `subject` starts its messages. */
export function parseRoot(signed: JsonObject, subject: string = 'root'): Root {
  const { common, field, extension } = openRole(signed, 'root', subject);
  const roles = field.member('roles');
  const index = extension?.optional('index');
  return {
    ...common,
    type: 'root',
    consistentSnapshot: field.optional('consistent_snapshot')?.boolean() ?? false,
    keys: readKeys(field.member('keys'), METADATA_LIMITS.keysPerRoot),
    roles: new Map<TopLevelRole, RoleKeys>(TOP_LEVEL.map(role => [role, readRoleKeys(roles.member(role))])),
    index: index === undefined ? undefined : readIndexKind(index),
    claimsFloor: extension?.optional('claims_floor')?.integer(0) ?? 0,
  };
}

/** The tree that `parseRoot` reads back as `fields`. Throws what `parseRoot` would throw. */
export function formatRoot(fields: RootFields): JsonObject {
  const keys = new Map<string, JsonValue>(Array.from(fields.keys, ([keyId, key]) => [keyId, key.raw]));
  const roles = new Map<string, JsonValue>(
    Array.from(fields.roles, ([name, role]) => [name, formatRoleKeys(role)]),
  );
  const signed = formatSigned(fields, {
    type: 'root',
    members: [
      ['consistent_snapshot', fields.consistentSnapshot],
      ['keys', keys],
      ['roles', roles],
    ],
    extension: [
      ['index', fields.index === undefined ? undefined : formatIndexKind(fields.index)],
      ['claims_floor', fields.claimsFloor === 0 ? undefined : fields.claimsFloor],
    ],
  });
  parseRoot(signed);
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

function formatIndexKind(index: IndexKind): JsonObject {
  const object = new Map<string, JsonValue>([['kind', index.kind]]);
  if (index.kind === 'map') object.set('epoch', index.epoch);
  return object;
}
