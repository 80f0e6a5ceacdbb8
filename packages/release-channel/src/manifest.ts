// channel-rust-stable.toml, version 2: what rustup installs from.
//
//   manifest-version = "2"
//   date = "2026-04-16"
//   [pkg.cargo]
//   version = "0.96.0 (f2d3ce0bd 2026-03-21)"
//   [pkg.cargo.target.x86_64-unknown-linux-gnu]
//   available = true
//   url = "https://static.rust-lang.org/dist/2026-04-16/cargo-1.95.0-x86_64-unknown-linux-gnu.tar.gz"
//   hash = "0421…"
//   xz_url = "…"
//   xz_hash = "…"
//   [[pkg.rust.target.x86_64-unknown-linux-gnu.components]]
//   pkg = "rustc"
//   target = "x86_64-unknown-linux-gnu"
//   [renames.clippy]
//   to = "clippy-preview"
//   [profiles]
//   minimal = ["rustc", "cargo", "rust-std"]
//
// Members that are not named here are passed over, as rustup does. What is named is read strictly: an archive's address has
// to lie below https://static.rust-lang.org/dist/, which rustup rewrites to the server that it was given.

import { parse, TomlError } from 'smol-toml';
import { fail } from './errors.ts';
import { flagOf, memberOf, refuse, type Table, tableOf, tablesOf, textListOf, textOf } from './fields.ts';
import { CHANNEL_LIMITS } from './limits.ts';
import { decodeUtf8, encodeUtf8 } from './text.ts';
import { isDate, isTriple } from './toolchain.ts';

export interface ChannelManifest {
  /** "2026-04-16" */
  readonly date: string;
  /** By name: "cargo", "rust-std". */
  readonly packages: ReadonlyMap<string, Package>;
  /** From the name that users say to the package's: "clippy" to "clippy-preview". */
  readonly renames: ReadonlyMap<string, string>;
  /** Names of packages, by profile. */
  readonly profiles: ReadonlyMap<string, readonly string[]>;
}

export interface Package {
  /** As it is shown: "1.95.0 (59807616e 2026-04-14)". */
  readonly version: string;
  /** By target triple, or by `*` where one archive is for all. */
  readonly targets: ReadonlyMap<string, PackageTarget>;
}

export interface PackageTarget {
  readonly available: boolean;
  /** The same content in several formats, the best one first: zst, xz, gz. None where it is not available. */
  readonly archives: readonly Archive[];
  /** What belongs to it: of the package `rust`, what is installed. */
  readonly components: readonly Component[];
  /** What can be added to it. */
  readonly extensions: readonly Component[];
}

export type ArchiveFormat = 'zst' | 'xz' | 'gz';

export interface Archive {
  readonly format: ArchiveFormat;
  /** Below a release server: "dist/2026-04-16/cargo-1.95.0-x86_64-unknown-linux-gnu.tar.xz". */
  readonly path: string;
  /** 64 hex digits. */
  readonly sha256: string;
}

export interface Component {
  /** Name of the package. */
  readonly pkg: string;
  /** A target triple, or `*`. */
  readonly target: string;
}

/** Where archives of a manifest stand; rustup replaces it by the server that it was given. */
export const DIST_SERVER = 'https://static.rust-lang.org/';

/** Throws `CHANNEL_MANIFEST`, and `CHANNEL_MANIFEST_VERSION` for a later one. */
export function parseManifest(bytes: Uint8Array): ChannelManifest {
  const table = parseToml(bytes);
  const version = memberOf(table, 'manifest-version');
  if (version !== '2') {
    const shown = typeof version === 'string' ? `"${version.slice(0, 20)}"` : 'none';
    throw fail('CHANNEL_MANIFEST_VERSION', `channel manifest: version ${shown}, expected "2"`);
  }
  const date = textOf(table, 'date', 'date');
  if (!isDate(date)) refuse('date', 'not a day as 2026-11-20');
  const packages = new Map<string, Package>();
  for (const [name, value] of tablesOf(memberOf(table, 'pkg'), 'pkg', CHANNEL_LIMITS.packages)) {
    packages.set(packageName(name, 'pkg'), parsePackage(value, `pkg.${name}`));
  }
  const renames = parseRenames(table);
  for (const [from, to] of renames)
    if (!packages.has(to)) refuse(`renames.${from}`, `leads to ${to}, which is no package`);
  return { date, packages, renames, profiles: parseProfiles(table) };
}

/** As parseManifest reads it; a manifest of the Rust project has more than that in it. */
export function formatManifest(manifest: ChannelManifest): Uint8Array {
  const lines = ['manifest-version = "2"', `date = ${quote(manifest.date)}`];
  for (const [name, { version, targets }] of manifest.packages) {
    lines.push('', `[pkg.${quote(name)}]`, `version = ${quote(version)}`);
    for (const [target, value] of targets)
      lines.push(...formatTarget(`pkg.${quote(name)}.target.${quote(target)}`, value));
  }
  for (const [from, to] of manifest.renames) lines.push('', `[renames.${quote(from)}]`, `to = ${quote(to)}`);
  lines.push('', '[profiles]');
  for (const [name, packages] of manifest.profiles)
    lines.push(`${quote(name)} = [${packages.map(quote).join(', ')}]`);
  return encodeUtf8(`${lines.join('\n')}\n`);
}

function formatTarget(where: string, target: PackageTarget): readonly string[] {
  const lines = ['', `[${where}]`, `available = ${target.available}`];
  for (const { format, path, sha256 } of target.archives) {
    const prefix = format === 'gz' ? '' : `${format}_`;
    lines.push(`${prefix}url = ${quote(`${DIST_SERVER}${path}`)}`, `${prefix}hash = ${quote(sha256)}`);
  }
  for (const kind of ['components', 'extensions'] as const) {
    if (target[kind].length === 0) lines.push(`${kind} = []`);
  }
  for (const kind of ['components', 'extensions'] as const) {
    for (const { pkg, target: of } of target[kind])
      lines.push('', `[[${where}.${kind}]]`, `pkg = ${quote(pkg)}`, `target = ${quote(of)}`);
  }
  return lines;
}

function parseToml(bytes: Uint8Array): Table {
  if (bytes.length > CHANNEL_LIMITS.manifestBytes) {
    const limit = CHANNEL_LIMITS.manifestBytes;
    throw fail('CHANNEL_MANIFEST', `channel manifest: ${bytes.length} bytes, expected at most ${limit}`);
  }
  try {
    return parse(decodeUtf8(bytes), { maxDepth: 16 });
  } catch (cause) {
    if (!(cause instanceof TomlError) && !(cause instanceof TypeError)) throw cause;
    const where = cause instanceof TomlError ? `line ${cause.line}: not TOML` : 'not UTF-8';
    throw fail('CHANNEL_MANIFEST', `channel manifest: ${where}`, { cause });
  }
}

function parsePackage(table: Table, where: string): Package {
  const targets = new Map<string, PackageTarget>();
  const tables = tablesOf(memberOf(table, 'target'), `${where}.target`, CHANNEL_LIMITS.targets);
  for (const [name, value] of tables)
    targets.set(targetName(name, where), parseTarget(value, `${where}.target.${name}`));
  return { version: textOf(table, 'version', `${where}.version`), targets };
}

function parseTarget(table: Table, where: string): PackageTarget {
  const available = flagOf(table, 'available', where);
  const archives = available
    ? FORMATS.map(format => parseArchive(table, format, where)).filter(each => each !== undefined)
    : [];
  if (available && archives.length === 0) refuse(where, 'available, but has no archive');
  return {
    available,
    archives,
    components: parseComponents(memberOf(table, 'components'), `${where}.components`),
    extensions: parseComponents(memberOf(table, 'extensions'), `${where}.extensions`),
  };
}

const FORMATS: readonly ArchiveFormat[] = ['zst', 'xz', 'gz'];
const ARCHIVE_PATH =
  /^dist\/(?:[A-Za-z0-9_][A-Za-z0-9._+-]{0,200}\/){0,4}[A-Za-z0-9_][A-Za-z0-9._+-]{0,200}$/;

function parseArchive(table: Table, format: ArchiveFormat, where: string): Archive | undefined {
  const prefix = format === 'gz' ? '' : `${format}_`;
  const url = memberOf(table, `${prefix}url`);
  const hash = memberOf(table, `${prefix}hash`);
  if (url === undefined && hash === undefined) return undefined;
  if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash))
    return refuse(`${where}.${prefix}hash`, 'expected 64 hex digits');
  const path = typeof url === 'string' && url.startsWith(DIST_SERVER) ? url.slice(DIST_SERVER.length) : '';
  if (!ARCHIVE_PATH.test(path) || !path.endsWith(`.tar.${format}`))
    return refuse(`${where}.${prefix}url`, `expected ${DIST_SERVER}dist/….tar.${format}`);
  return { format, path, sha256: hash };
}

function parseComponents(value: unknown, where: string): readonly Component[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > CHANNEL_LIMITS.components)
    return refuse(where, `expected a list of at most ${CHANNEL_LIMITS.components}`);
  return value.map(each => {
    const table = tableOf(each, where);
    const target = memberOf(table, 'target') ?? '*';
    return {
      pkg: packageName(textOf(table, 'pkg', where), where),
      target: targetName(typeof target === 'string' ? target : '', where),
    };
  });
}

function parseRenames(table: Table): ReadonlyMap<string, string> {
  const renames = new Map<string, string>();
  for (const [from, value] of tablesOf(memberOf(table, 'renames') ?? {}, 'renames', CHANNEL_LIMITS.packages))
    renames.set(
      packageName(from, 'renames'),
      packageName(textOf(value, 'to', `renames.${from}`), `renames.${from}`),
    );
  return renames;
}

function parseProfiles(table: Table): ReadonlyMap<string, readonly string[]> {
  const profiles = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(tableOf(memberOf(table, 'profiles') ?? {}, 'profiles'))) {
    const names = textListOf(value, `profiles.${name}`, CHANNEL_LIMITS.packages);
    profiles.set(
      packageName(name, 'profiles'),
      names.map(each => packageName(each, `profiles.${name}`)),
    );
  }
  return profiles;
}

/** Names become parts of file names. */
function packageName(text: string, where: string): string {
  return /^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}$/.test(text) ? text : refuse(where, 'a name that is no package');
}

function targetName(text: string, where: string): string {
  return text === '*' || isTriple(text) ? text : refuse(where, 'a name that is no target');
}

/** Names and versions have neither quotes nor line ends: parseManifest and textOf see to it. */
function quote(text: string): string {
  return `"${text}"`;
}
