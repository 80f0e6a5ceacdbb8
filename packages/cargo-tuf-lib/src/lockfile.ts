// Cargo.lock, as far as verification needs it: which packages come from where, and with which checksum.
//
//   [[package]]
//   name = "itoa"
//   version = "1.0.1"
//   source = "registry+https://github.com/rust-lang/crates.io-index"
//   checksum = "1aab8fc367588b89dcee83ab0fd66b72b50b72fa1904d7095045ace2b0c81c35"
//
// The oldest format keeps checksums in a [metadata] table: "checksum itoa 1.0.1 (registry+…)" = "1aab…".

import { parse } from 'smol-toml';
import { escapeText } from '@cargo-tuf/errors';
import { parseCrateName, parseVersion } from '@cargo-tuf/crate-index';
import { fail } from './errors.ts';
import { readLocalFile } from './files.ts';

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** Cargo's source id; undefined for members of the workspace and path dependencies. */
  readonly source: string | undefined;
  /** SHA-256 of the archive, 64 hex digits. */
  readonly checksum: string | undefined;
}

const LOCKFILE_BYTES = 16 * 1024 * 1024;
const MAX_DEPTH = 16;

/** The packages of a Cargo.lock file, or undefined when there is none. Throws `LIB_LOCKFILE`. */
export async function readLockfile(path: string): Promise<readonly LockedPackage[] | undefined> {
  const bytes = await readLocalFile(path, LOCKFILE_BYTES);
  return bytes && parseLockfile(new TextDecoder('utf-8', { fatal: true }).decode(bytes), path);
}

export function parseLockfile(text: string, path: string): readonly LockedPackage[] {
  let table: Record<string, unknown>;
  try {
    table = parse(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    throw fail('LIB_LOCKFILE', `${path}: is not TOML`, { cause: error, details: { local: true } });
  }
  const packages = table['package'] ?? [];
  const metadata = isTable(table['metadata']) ? table['metadata'] : {};
  if (!Array.isArray(packages)) throw malformed(path, 'package is not an array of tables');
  return packages.map((each, index) => parsePackage(each, metadata, `${path}: package ${index + 1}`));
}

function parsePackage(value: unknown, metadata: Record<string, unknown>, subject: string): LockedPackage {
  if (!isTable(value)) throw malformed(subject, 'is not a table');
  const { name, version, source } = value;
  if (typeof name !== 'string' || typeof version !== 'string')
    throw malformed(subject, 'has no name or no version');
  if (source !== undefined && typeof source !== 'string') throw malformed(subject, 'source is not a string');
  const checksum = value['checksum'] ?? metadata[`checksum ${name} ${version} (${source})`];
  if (checksum !== undefined && (typeof checksum !== 'string' || !/^[0-9a-f]{64}$/.test(checksum))) {
    if (checksum !== '<none>')
      throw malformed(subject, `checksum of ${escapeText(name)} is not 64 hex digits`);
  }
  parseCrateName(name);
  parseVersion(version);
  return {
    name,
    version,
    source,
    checksum: checksum === '<none>' ? undefined : (checksum as string | undefined),
  };
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(subject: string, message: string): Error {
  return fail('LIB_LOCKFILE', `${subject}: ${message}`, { details: { local: true } });
}
