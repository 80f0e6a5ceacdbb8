// The members that every role has (specification, section 4.3), and `x-cargo-tuf` (docs/pouf.md, section 2.1):
//
//   {"_type":"timestamp","spec_version":"1.0.34","version":7,"expires":"2030-01-01T00:00:00Z",
//    "x-cargo-tuf":{"repository":"<64 hex digits>"}, …}

import type { JsonObject } from '@cargo-tuf/canonical-json';
import { escapeText, isTufError } from '@cargo-tuf/errors';
import { Field } from './field.ts';
import { openReading, type ReadOptions } from './reading.ts';
import type { SignedType } from './roles.ts';
import { formatTime, parseTime } from './time.ts';
import { type KnownMembers, objectIn, withUnknown } from './unknown-members.ts';

const SPEC_VERSION = '1.0.34';
const EXTENSION = 'x-cargo-tuf';

export interface SignedFields {
  readonly specVersion: string;
  readonly version: number;
  readonly expires: number;
  readonly repository: string | undefined;
  readonly signed: JsonObject;
}

export interface OpenedRole {
  readonly common: SignedFields;
  readonly field: Field;
  /** The content of `x-cargo-tuf`. */
  readonly extension: Field | undefined;
}

/** Reads what all roles have. Throws `METADATA_TYPE` for another role first: nothing else of it has a meaning here. */
export function openRole(
  signed: JsonObject,
  type: SignedType,
  subject: string,
  options: ReadOptions,
): OpenedRole {
  const field = new Field(signed, subject, openReading(options));
  const found = field.member('_type').string();
  if (found !== type)
    field.member('_type').refuse('METADATA_TYPE', `"${escapeText(found, 40)}", expected "${type}"`);
  const extension = field.optional(EXTENSION);
  const common = {
    specVersion: readSpecVersion(field.member('spec_version')),
    version: field.member('version').integer(1),
    expires: readTime(field.member('expires')),
    repository: extension?.optional('repository')?.hex(64),
    signed,
  };
  extension?.object();
  return { common, field, extension };
}

/** What a formatter says of the role itself; absent values are left out. */
export interface RoleMembers {
  readonly type: SignedType;
  readonly members: KnownMembers;
  /** Given the `x-cargo-tuf` that the role was read from. */
  readonly extension?: (before: JsonObject | undefined) => KnownMembers;
}

type CommonInput = Omit<SignedFields, 'signed' | 'specVersion'> & {
  readonly specVersion?: string;
  readonly signed?: JsonObject;
};

/** Known members in a fixed order, then the unknown ones of the tree that the role was read from. */
export function formatSigned(input: CommonInput, role: RoleMembers): JsonObject {
  const before = objectIn(input.signed, EXTENSION);
  const extension = withUnknown(
    [['repository', input.repository], ...(role.extension?.(before) ?? [])],
    before,
  );
  return withUnknown(
    [
      ['_type', role.type],
      ['spec_version', input.specVersion ?? SPEC_VERSION],
      ['version', input.version],
      ['expires', formatTime(input.expires)],
      ...role.members,
      [EXTENSION, extension.size === 0 ? undefined : extension],
    ],
    input.signed,
  );
}

function readSpecVersion(field: Field): string {
  const text = field.string();
  const match = /^([0-9]{1,4})\.[0-9]{1,4}(?:\.[0-9]{1,4})?$/.exec(text);
  if (match === null)
    return field.refuse('METADATA_SHAPE', `"${escapeText(text, 40)}", expected 1.x or 1.x.y`);
  if (match[1] !== '1') field.refuse('METADATA_SPEC_VERSION', `${text}, expected 1.x or 1.x.y`);
  return text;
}

function readTime(field: Field): number {
  const text = field.string();
  try {
    return parseTime(text, { fractions: field.reading.allow.includes('fractional-seconds') });
  } catch (error) {
    if (!isTufError(error, 'METADATA_TIME')) throw error;
    return field.refuse('METADATA_TIME', error.message, error);
  }
}
