// What a parent says about a file: METAFILES and TARGETS of the specification, sections 4.4 and 4.5.
//
//   {"version":3,"length":412,"hashes":{"sha256":"9f86…"}}

import { isJsonObject, type JsonObject, type JsonValue } from '@cargo-tuf/canonical-json';
import { type Field, isHex } from './field.ts';
import type { MetaFile, TargetFile } from './roles.ts';
import { withUnknownIfSame } from './unknown-members.ts';

export function readMetaFile(field: Field): MetaFile {
  const length = field.optional('length')?.integer(0);
  const hashes = field.optional('hashes');
  return {
    version: field.member('version').integer(1),
    ...(length === undefined ? {} : { length }),
    ...(hashes === undefined ? {} : { hashes: readHashes(hashes) }),
  };
}

export function formatMetaFile(file: MetaFile, before: JsonObject | undefined): JsonObject {
  return withUnknownIfSame(
    [
      ['version', file.version],
      ['length', file.length],
      ['hashes', file.hashes],
    ],
    before,
  );
}

export function readTargetFile(field: Field): TargetFile {
  const length = field.member('length').integer(0);
  const hashes = readHashes(field.member('hashes'));
  const custom = field.optional('custom')?.object();
  return custom === undefined ? { length, hashes } : { length, hashes, custom };
}

export function formatTargetFile(file: TargetFile, before: JsonObject | undefined): JsonObject {
  return withUnknownIfSame(
    [
      ['length', file.length],
      ['hashes', file.hashes],
      ['custom', file.custom],
    ],
    before,
  );
}

/**
 * A file of a length and one SHA-256, as nearly all are; undefined for every other value, which is then read by its place.
 * A list of 100,000 files has no time for a place of each value.
 */
export function readPlainTargetFile(value: JsonValue): TargetFile | undefined {
  if (!isJsonObject(value) || value.size !== 2) return undefined;
  const [length, hashes] = [value.get('length'), value.get('hashes')];
  if (typeof length !== 'number' || length < 0 || !isJsonObject(hashes) || hashes.size !== 1)
    return undefined;
  const digest = hashes.get('sha256');
  if (digest === undefined || !isHex(digest, 64)) return undefined;
  return { length, hashes: hashes as ReadonlyMap<string, string> };
}

/** A file of a version alone, as nearly all of a long snapshot are; undefined for every other value. */
export function readPlainMetaFile(value: JsonValue): MetaFile | undefined {
  if (!isJsonObject(value) || value.size !== 1) return undefined;
  const version = value.get('version');
  return typeof version === 'number' && version >= 1 ? { version } : undefined;
}

/** Not empty: a list of no hashes would be kept by any bytes. */
function readHashes(field: Field): ReadonlyMap<string, string> {
  const hashes = field.object();
  const limit = field.reading.limits.hashesPerFile;
  if (hashes.size === 0) field.refuse('METADATA_SHAPE', 'no hashes, expected at least one');
  if (hashes.size <= limit && isHashes(hashes)) return hashes;
  return new Map(
    field.entries(limit).map(([algorithm, digest]) => [algorithm, digest.hex(HEX_DIGITS.get(algorithm))]),
  );
}

function isHashes(object: JsonObject): object is ReadonlyMap<string, string> {
  for (const [algorithm, digest] of object) {
    if (!isHex(digest, HEX_DIGITS.get(algorithm))) return false;
  }
  return true;
}

const HEX_DIGITS: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha512', 128],
]);
