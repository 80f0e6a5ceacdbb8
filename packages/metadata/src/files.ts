// What a parent says about a file: METAFILES and TARGETS of the specification, sections 4.4 and 4.5.
//
//   {"version":3,"length":412,"hashes":{"sha256":"9f86…"}}

import type { JsonObject, JsonValue } from '@cargo-tuf/canonical-json';
import type { Field } from './field.ts';
import { METADATA_LIMITS } from './limits.ts';
import type { MetaFile, TargetFile } from './roles.ts';

export function readMetaFile(field: Field): MetaFile {
  const length = field.optional('length')?.integer(0);
  const hashes = field.optional('hashes');
  return {
    version: field.member('version').integer(1),
    ...(length === undefined ? {} : { length }),
    ...(hashes === undefined ? {} : { hashes: readHashes(hashes) }),
  };
}

export function formatMetaFile(file: MetaFile): JsonObject {
  const object = new Map<string, JsonValue>([['version', file.version]]);
  if (file.length !== undefined) object.set('length', file.length);
  if (file.hashes !== undefined) object.set('hashes', file.hashes);
  return object;
}

export function readTargetFile(field: Field): TargetFile {
  const custom = field.optional('custom')?.object();
  return {
    length: field.member('length').integer(0),
    hashes: readHashes(field.member('hashes')),
    ...(custom === undefined ? {} : { custom }),
  };
}

export function formatTargetFile(file: TargetFile): JsonObject {
  const object = new Map<string, JsonValue>([
    ['length', file.length],
    ['hashes', file.hashes],
  ]);
  if (file.custom !== undefined) object.set('custom', file.custom);
  return object;
}

/** Not empty: a list of no hashes would be kept by any bytes. */
function readHashes(field: Field): ReadonlyMap<string, string> {
  const hashes = field.entries(METADATA_LIMITS.hashesPerFile);
  if (hashes.length === 0) field.refuse('METADATA_SHAPE', 'no hashes, expected at least one');
  return new Map(hashes.map(([algorithm, digest]) => [algorithm, digest.hex(HEX_DIGITS.get(algorithm))]));
}

const HEX_DIGITS: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha512', 128],
]);
