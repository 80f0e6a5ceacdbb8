// What the three TOML files have in common:
//
//   spec-version = 1
//   version = 124
//   expires = "2030-01-01T00:00:00Z"
//
//   [x-cargo-tuf]
//   repository = "<64 hex digits>"

import type { JsonObject, JsonValue } from '@cargo-tuf/canonical-json';
import { escapeText, isTufError } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { Field } from './field.ts';
import { openReading, type ReadOptions } from './reading.ts';
import { formatTime, parseTime } from './time.ts';
import { TOML_LIMITS, type TomlLimits } from './toml-limits.ts';
import { parseToml, type TomlDocument } from './toml-reader.ts';
import { formatToml } from './toml-writer.ts';
import { type KnownMembers, objectIn, withUnknown } from './unknown-members.ts';

/** What is not given is the default. */
export interface TomlOptions extends ReadOptions {
  readonly toml?: Partial<TomlLimits>;
}

interface TomlFile {
  readonly field: Field;
  readonly common: {
    readonly version: number;
    readonly expires: number;
    readonly repository: string | undefined;
    readonly document: TomlDocument;
  };
}

/** The RFC spells it with a hyphen, and with an underscore in its example of targets.toml. */
export type SpecVersionName = 'spec-version' | 'spec_version';

const EXTENSION = 'x-cargo-tuf';

export function openTomlFile(
  bytes: Uint8Array,
  limit: Exclude<keyof TomlLimits, 'depth' | 'values' | 'stringLength'>,
  subject: string,
  options: TomlOptions,
  specVersion: readonly SpecVersionName[],
): TomlFile {
  const limits = { ...TOML_LIMITS, ...options.toml };
  if (bytes.length > limits[limit]) {
    throw fail('METADATA_LIMIT', `${subject}: ${bytes.length} bytes, expected at most ${limits[limit]}`, {
      details: { length: bytes.length, limit: limits[limit] },
    });
  }
  const document = parseDocument(bytes, limits, subject);
  const field = new Field(document.tree, subject, openReading(options));
  readSpecVersion(field, specVersion);
  const extension = field.optional(EXTENSION);
  extension?.object();
  const common = {
    version: field.member('version').integer(1),
    expires: readTime(field.member('expires')),
    repository: extension?.optional('repository')?.hex(64),
    document,
  };
  return { field, common };
}

function parseDocument(bytes: Uint8Array, limits: TomlLimits, subject: string): TomlDocument {
  try {
    return parseToml(bytes, limits);
  } catch (cause) {
    if (!isTufError(cause, 'METADATA_TOML')) throw cause;
    const message = `${subject}: ${cause.message.replace(/^TOML: /, '')}`;
    throw fail('METADATA_TOML', message, { cause, details: { ...cause.details } });
  }
}

function readSpecVersion(field: Field, names: readonly SpecVersionName[]): void {
  const found = names.filter(name => field.optional(name) !== undefined);
  if (found.length > 1) field.refuse('METADATA_SHAPE', `both ${found.join(' and ')}, expected one of them`);
  const version = field.member(found[0] ?? 'spec-version');
  const number = version.integer(1);
  if (number !== 1) version.refuse('METADATA_SPEC_VERSION', `${number}, expected 1`);
}

function readTime(field: Field): number {
  const text = field.string();
  try {
    return parseTime(text);
  } catch (error) {
    if (!isTufError(error, 'METADATA_TIME')) throw error;
    return field.refuse('METADATA_TIME', `"${escapeText(text, 40)}", expected YYYY-MM-DDTHH:MM:SSZ`, error);
  }
}

interface CommonFields {
  readonly version: number;
  readonly expires: number;
  readonly repository: string | undefined;
  readonly document?: TomlDocument;
}

/** Known members in the order of the RFC, then the unknown ones and the comments of the file that was read. */
export function formatTomlFile(
  fields: CommonFields,
  specVersion: SpecVersionName,
  members: KnownMembers,
): Uint8Array {
  const before = fields.document?.tree;
  const extensionBefore = objectIn(before, EXTENSION);
  const extension = withUnknown([['repository', fields.repository]], extensionBefore);
  const tree = withUnknown(
    [
      [specVersion, 1],
      ['version', fields.version],
      ...members.filter(([, value]) => typeof value === 'boolean'),
      ['expires', formatTime(fields.expires)],
      ...members.filter(([, value]) => typeof value !== 'boolean'),
      [EXTENSION, extension.size === 0 ? undefined : extension],
    ],
    before,
  );
  return formatToml({ tree, comments: fields.document?.comments ?? new Map() });
}

/** The objects of an array, by the string that each has under `name`. */
export function objectsByName(
  array: JsonValue | undefined,
  name: string,
): ReadonlyMap<JsonValue | undefined, JsonObject> {
  const elements = Array.isArray(array) ? (array as readonly JsonValue[]) : [];
  const found = new Map<JsonValue | undefined, JsonObject>();
  for (const element of elements) {
    const object = objectIn(new Map([['element', element]]), 'element');
    if (object !== undefined) found.set(object.get(name), object);
  }
  return found;
}
