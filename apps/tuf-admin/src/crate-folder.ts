// A folder of .crate archives, as cargo packages them: `<name>-<version>.crate`. Each is read whole and scanned before
// anything of it is published; its index line comes from the Cargo.toml inside.

import { readdir } from 'node:fs/promises';
import { CRATE_LIMITS, scanCrate } from '@cargo-tuf/crate-archive';
import { type IndexVersion, parseCrateName, parseVersion, versionFromManifest } from '@cargo-tuf/crate-index';
import { escapeText } from '@cargo-tuf/errors';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { parse, TomlError } from 'smol-toml';
import { about, fail } from './errors.ts';
import { isFolder, readExistingFile, unusable } from './local-file.ts';

/** An archive that was scanned, and the line that says what it is. */
export interface ScannedArchive {
  /** The file that it was read from. */
  readonly file: string;
  readonly line: IndexVersion;
  readonly bytes: Uint8Array;
}

export async function listArchives(folder: string): Promise<readonly string[]> {
  if (!isFolder(folder))
    throw fail('ADMIN_FILE', `${escapeText(folder)}: no folder`, { details: { path: folder } });
  try {
    const names = await readdir(folder);
    return names
      .filter(name => name.endsWith('.crate'))
      .sort()
      .map(name => `${folder}/${name}`);
  } catch (error) {
    throw unusable(folder, error);
  }
}

/** `registry`: the index URL of this registry, so that dependencies on crates.io stay there; absent, as for a mirror. */
export async function readArchive(file: string, registry: string | undefined): Promise<ScannedArchive> {
  const bytes = readExistingFile(file, CRATE_LIMITS.packedBytes);
  return about(escapeText(file), async () => {
    const expect = parseArchiveName(file.slice(file.lastIndexOf('/') + 1));
    const { manifest } = await scanCrate(bytes, expect);
    const line = versionFromManifest(
      parseManifest(manifest),
      encodeHex(sha256(bytes)),
      registry === undefined ? {} : { registry },
    );
    if (line.name === expect.name && line.vers === expect.version) return { file, line, bytes };
    throw fail(
      'ADMIN_INPUT',
      `Cargo.toml: is of ${line.name} ${line.vers}, expected ${expect.name} ${expect.version}`,
    );
  });
}

/** Names have no dot, and versions have one: the version starts after the last hyphen before the first dot. */
export function parseArchiveName(file: string): { readonly name: string; readonly version: string } {
  const stem = file.slice(0, -'.crate'.length);
  const at = stem.lastIndexOf('-', stem.indexOf('.'));
  if (!file.endsWith('.crate') || at < 1) {
    throw fail('ADMIN_INPUT', `${escapeText(file)}: expected NAME-VERSION.crate`, {
      details: { local: true },
    });
  }
  return { name: parseCrateName(stem.slice(0, at)), version: parseVersion(stem.slice(at + 1)) };
}

/** Where the archive of a version is published (docs/pouf.md section 1). */
export function archivePath(version: { readonly name: string; readonly vers: string }): string {
  return `crates/${version.name}/${version.name}-${version.vers}.crate`;
}

function parseManifest(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    if (cause instanceof TomlError)
      throw fail('ADMIN_INPUT', `Cargo.toml: line ${cause.line}: not TOML`, { cause });
    if (cause instanceof TypeError) throw fail('ADMIN_INPUT', 'Cargo.toml: not UTF-8', { cause });
    throw cause;
  }
}
