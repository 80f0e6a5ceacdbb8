// timestamp.toml, of the RFC for verified registry commits: how old the index may be.
//
//   spec-version = 1
//   version = 124
//   expires = "2030-01-01T00:00:00Z"
//
// The RFC's example has its numbers as strings, against its own words; they are refused.

import { formatTomlFile, openTomlFile, type TomlOptions } from './toml-file.ts';
import type { TomlTimestamp, TomlTimestampFields } from './toml-roles.ts';

/** Throws `METADATA_*`. */
export function parseTomlTimestamp(bytes: Uint8Array, options: TomlOptions = {}): TomlTimestamp {
  const { common } = openTomlFile(bytes, 'timestampBytes', 'timestamp.toml', options, ['spec-version']);
  return { ...common, type: 'timestamp' };
}

/** The file that `parseTomlTimestamp` reads back as `fields`. Throws what it would throw. */
export function formatTomlTimestamp(fields: TomlTimestampFields, options: TomlOptions = {}): Uint8Array {
  const bytes = formatTomlFile(fields, 'spec-version', []);
  parseTomlTimestamp(bytes, options);
  return bytes;
}
