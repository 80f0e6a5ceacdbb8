// One version of a crate: one line of its index entry.
//
//   {"name":"itoa","vers":"1.0.0","deps":[],"cksum":"1aab…2b35","features":{},"yanked":false}
//
// The line is kept as it was read. What can change in a published line is `yanked`, and nothing else:
// `formatIndexVersion({ ...version, yanked: true })` gives the same bytes with that one value replaced.

import { encodeJson, isJsonObject, type JsonObject, parseJson } from '@cargo-tuf/canonical-json';
import { isTufError } from '@cargo-tuf/errors';
import { decodeHex } from '@cargo-tuf/keys';
import { type CrateName, parseCrateName } from './crate-name.ts';
import { type Dependency, readDependency } from './dependency.ts';
import { fail } from './errors.ts';
import {
  flagField,
  listField,
  optionalFeatures,
  optionalInteger,
  optionalText,
  refuse,
  textField,
} from './fields.ts';
import { INDEX_LIMITS } from './limits.ts';
import { type Version, parseVersion } from './version.ts';
import { replaceYanked } from './yanked.ts';

export interface IndexVersion {
  readonly name: CrateName;
  readonly vers: Version;
  readonly deps: readonly Dependency[];
  /** SHA-256 of the crate archive, 64 lower-case hex digits. */
  readonly cksum: string;
  readonly features: ReadonlyMap<string, readonly string[]>;
  /** Features with `dep:` or `?/`; cargo merges them with `features`. */
  readonly features2?: ReadonlyMap<string, readonly string[]>;
  readonly yanked: boolean;
  readonly links?: string;
  readonly rustVersion?: string;
  /** Schema of the line. Cargo skips a line whose schema it does not know. */
  readonly v?: number;
  /** The line as JSON, unknown fields included. */
  readonly raw: JsonObject;
  /** The bytes of the line, without its newline. */
  readonly line: Uint8Array;
}

/** Throws `INDEX_LINE`, `INDEX_FIELD`, `INDEX_NAME`, `INDEX_VERSION`, `INDEX_LIMIT`. */
export function parseIndexVersion(line: Uint8Array): IndexVersion {
  const raw = parseLine(line);
  const deps = listField(raw, 'deps');
  if (deps.length > INDEX_LIMITS.dependencies) {
    throw fail(
      'INDEX_LIMIT',
      `index line: ${deps.length} dependencies, at most ${INDEX_LIMITS.dependencies}`,
      {
        details: { count: deps.length, limit: INDEX_LIMITS.dependencies },
      },
    );
  }
  const features2 = optionalFeatures(raw, 'features2');
  const links = optionalText(raw, 'links');
  const rustVersion = optionalText(raw, 'rust_version');
  const v = optionalInteger(raw, 'v');
  return {
    name: parseCrateName(textField(raw, 'name')),
    vers: parseVersion(textField(raw, 'vers')),
    deps: deps.map(dependency => {
      if (!isJsonObject(dependency)) return refuse('deps', 'expected objects');
      return readDependency(dependency);
    }),
    cksum: parseChecksum(textField(raw, 'cksum')),
    features: optionalFeatures(raw, 'features') ?? new Map(),
    ...(features2 === undefined ? {} : { features2 }),
    yanked: flagField(raw, 'yanked', false),
    ...(links === undefined ? {} : { links }),
    ...(rustVersion === undefined ? {} : { rustVersion }),
    ...(v === undefined ? {} : { v }),
    raw,
    line,
  };
}

/** The line without a newline: as it was read, with `yanked` replaced if it was changed. */
export function formatIndexVersion(version: IndexVersion): Uint8Array {
  const { line, raw, yanked } = version;
  if (flagField(raw, 'yanked', false) === yanked) return line;
  return replaceYanked(line, yanked) ?? encodeJson(new Map([...raw, ['yanked', yanked]]));
}

function parseLine(line: Uint8Array): JsonObject {
  if (line.length > INDEX_LIMITS.lineBytes) {
    throw fail('INDEX_LIMIT', `index line: ${line.length} bytes, at most ${INDEX_LIMITS.lineBytes}`, {
      details: { length: line.length, limit: INDEX_LIMITS.lineBytes },
    });
  }
  try {
    const value = parseJson(line);
    if (isJsonObject(value)) return value;
  } catch (cause) {
    if (!isTufError(cause)) throw cause;
    throw fail('INDEX_LINE', `index line: ${cause.message}`, { cause, details: { ...cause.details } });
  }
  throw fail('INDEX_LINE', 'index line: not a JSON object');
}

/** 64 lower-case hex digits; otherwise throws `INDEX_FIELD`. */
export function parseChecksum(text: string): string {
  try {
    decodeHex(text, 32);
    return text;
  } catch (cause) {
    if (!isTufError(cause)) throw cause;
    return refuse('cksum', 'expected 64 lower-case hex digits');
  }
}
