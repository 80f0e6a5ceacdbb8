// Cargo.lock, as far as verification needs it: which packages come from where, and with which checksum.
//
//   [[package]]
//   name = "itoa"
//   version = "1.0.1"
//   source = "registry+https://github.com/rust-lang/crates.io-index"
//   checksum = "1aab8fc367588b89dcee83ab0fd66b72b50b72fa1904d7095045ace2b0c81c35"
//
// The oldest two formats state no version; the first of them keeps checksums in a [metadata] table:
// "checksum itoa 1.0.1 (registry+…)" = "1aab…". Formats 3 and 4 state `version = 3` and `version = 4`.

import { parse } from 'smol-toml';
import { escapeText, isTufError } from '@cargo-tuf/errors';
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
const VERSIONS: readonly unknown[] = [undefined, 1, 2, 3, 4];

/** The packages of a Cargo.lock file, or undefined when there is none. Throws `LIB_LOCKFILE`. */
export async function readLockfile(path: string): Promise<readonly LockedPackage[] | undefined> {
  const bytes = await readLocalFile(path, LOCKFILE_BYTES);
  return bytes && parseLockfile(decodeText(bytes, path), path);
}

/** Throws `LIB_LOCKFILE`, `LIB_LOCKFILE_VERSION`. `path` stands in messages only. */
export function parseLockfile(text: string, path: string): readonly LockedPackage[] {
  if (text.length > LOCKFILE_BYTES) throw malformed(path, `more than ${LOCKFILE_BYTES} characters`);
  let table: Record<string, unknown>;
  try {
    table = parse(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    throw fail('LIB_LOCKFILE', `${path}: is not TOML`, { cause: error, details: { local: true } });
  }
  const { version, package: packages = [], metadata = {} } = table;
  if (!VERSIONS.includes(version)) {
    const seen = typeof version === 'number' ? version : typeof version;
    throw fail('LIB_LOCKFILE_VERSION', `${path}: format ${seen}, expected at most 4`);
  }
  if (!Array.isArray(packages)) throw malformed(path, 'package is not an array of tables');
  if (!isTable(metadata)) throw malformed(path, 'metadata is not a table');
  const locked = packages.map((each, index) => parsePackage(each, metadata, `${path}: package ${index + 1}`));
  refuseRepeated(locked, path);
  return locked;
}

/** Cargo takes one of two; a verifier might take the other. */
function refuseRepeated(packages: readonly LockedPackage[], path: string): void {
  const seen = new Set<string>();
  for (const { name, version, source } of packages) {
    const identity = JSON.stringify([name, version, source]);
    if (seen.has(identity)) throw malformed(path, `${escapeText(name)} ${escapeText(version)} appears twice`);
    seen.add(identity);
  }
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
  if (isRegistrySource(source)) assertCrate(name, version, subject);
  return {
    name,
    version,
    source,
    checksum: checksum === '<none>' ? undefined : (checksum as string | undefined),
  };
}

/** Cargo's source ids of registries; packages of git, paths and the workspace may have other names. */
function isRegistrySource(source: string | undefined): boolean {
  return source !== undefined && /^(registry|sparse)\+/.test(source);
}

function assertCrate(name: string, version: string, subject: string): void {
  try {
    parseCrateName(name);
    parseVersion(version);
  } catch (error) {
    if (isTufError(error)) throw malformed(subject, error.message);
    throw error;
  }
}

function decodeText(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw fail('LIB_LOCKFILE', `${path}: is not UTF-8`, { cause: error, details: { local: true } });
  }
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(subject: string, message: string): Error {
  return fail('LIB_LOCKFILE', `${subject}: ${message}`, { details: { local: true } });
}
