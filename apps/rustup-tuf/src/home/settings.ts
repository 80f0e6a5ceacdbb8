// rustup's settings.toml, which rustup and rustup-tuf share:
//
//   version = "12"
//   default_toolchain = "stable-x86_64-unknown-linux-gnu"
//   profile = "default"
//
//   [overrides]
//   "/srv/engine" = "nightly-x86_64-unknown-linux-gnu"
//
// Members that are not named here are kept as they are.

import { realpath } from 'node:fs/promises';
import { readLocalFile, writeLocalFile } from '@cargo-tuf/cargo-tuf-lib';
import { parse, stringify, type TomlTable } from 'smol-toml';
import { fail } from '../errors.ts';
import type { RustupHome } from './rustup-home.ts';

export interface Settings {
  readonly defaultToolchain: string | undefined;
  readonly profile: string | undefined;
  readonly defaultHost: string | undefined;
  /** From the real path of a folder to the name of a toolchain. */
  readonly overrides: ReadonlyMap<string, string>;
}

const SETTINGS_BYTES = 4 * 1024 * 1024;

/** Throws `INSTALL_SETTINGS`, `INSTALL_SETTINGS_VERSION`. */
export async function readSettings(home: RustupHome): Promise<Settings> {
  const table = await readTable(home);
  const overrides = overridesOf(table, home);
  return {
    defaultToolchain: textOf(table, 'default_toolchain', home),
    profile: textOf(table, 'profile', home),
    defaultHost: textOf(table, 'default_host_tuple', home) ?? textOf(table, 'default_host_triple', home),
    overrides: new Map(Object.keys(overrides).map(key => [key, textOf(overrides, key, home) as string])),
  };
}

/** `undefined` for none. */
export async function setDefaultToolchain(home: RustupHome, name: string | undefined): Promise<void> {
  const table = await readTable(home);
  if (name === undefined) delete table['default_toolchain'];
  else table['default_toolchain'] = name;
  await writeTable(home, table);
}

/** Sets overrides of folders by their keys, or takes them away. */
export async function setOverrides(
  home: RustupHome,
  changes: ReadonlyMap<string, string | undefined>,
): Promise<void> {
  const table = await readTable(home);
  const overrides = new Map(Object.entries(overridesOf(table, home)));
  for (const [key, name] of changes) {
    if (name === undefined) overrides.delete(key);
    else overrides.set(key, name);
  }
  await writeTable(home, { ...table, overrides: Object.fromEntries(overrides) });
}

/** What stands for a folder in the table of overrides: its real path, where it exists. */
export async function overrideKey(folder: string): Promise<string> {
  return realpath(folder).catch(() => folder);
}

async function readTable(home: RustupHome): Promise<TomlTable> {
  const bytes = await readLocalFile(home.settings, SETTINGS_BYTES);
  const table = bytes === undefined ? { version: VERSION } : parseTable(bytes, home);
  const version = textOf(table, 'version', home) ?? 'none';
  if (version === VERSION) return table;
  throw fail(
    'INSTALL_SETTINGS_VERSION',
    `${home.settings}: version "${version.slice(0, 20)}", expected "${VERSION}"`,
  );
}

const VERSION = '12';

function parseTable(bytes: Uint8Array, home: RustupHome): TomlTable {
  try {
    return parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw malformed(home, 'is not TOML', cause);
  }
}

async function writeTable(home: RustupHome, table: TomlTable): Promise<void> {
  await writeLocalFile(home.settings, new TextEncoder().encode(stringify(table)), 0o644);
}

function overridesOf(table: TomlTable, home: RustupHome): TomlTable {
  const value = Object.hasOwn(table, 'overrides') ? table['overrides'] : {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date))
    return value as TomlTable;
  throw malformed(home, 'overrides is no table');
}

function textOf(table: TomlTable, key: string, home: RustupHome): string | undefined {
  const value = Object.hasOwn(table, key) ? table[key] : undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw malformed(home, `${key} is no text`);
}

function malformed(home: RustupHome, what: string, cause?: unknown): Error {
  return fail('INSTALL_SETTINGS', `${home.settings}: ${what}`, { details: { local: true }, cause });
}
