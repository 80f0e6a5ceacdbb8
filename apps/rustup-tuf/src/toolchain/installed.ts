// What is installed, as rustup lays it out. Below a toolchain's folder, in `lib/rustlib/`:
//
//   multirust-config.toml            its components
//   multirust-channel-manifest.toml  the manifest that they come from
//   components                       their names, one a line
//   manifest-<component>             their files
//   rust-installer-version           3

import { readdir, stat } from 'node:fs/promises';
import { readLocalFile } from '@cargo-tuf/cargo-tuf-lib';
import { type Component, componentName } from '@cargo-tuf/release-channel';
import { type Part, parseParts } from '../archive/parts.ts';
import { fileError } from '../errors.ts';
import type { RustupHome } from '../home/rustup-home.ts';
import { parseConfig } from './config-file.ts';

export const RUSTLIB = 'lib/rustlib';

export interface InstalledToolchain {
  readonly name: string;
  readonly folder: string;
  /** None for a toolchain that was linked. */
  readonly components: readonly Component[];
}

const CONFIG_BYTES = 1024 * 1024;
const PARTS_BYTES = 64 * 1024 * 1024;

/** Undefined where there is none. Throws `INSTALL_DAMAGED` for one whose files are damaged. */
export async function readInstalled(home: RustupHome, name: string): Promise<InstalledToolchain | undefined> {
  const folder = `${home.toolchains}/${name}`;
  if (!(await isFolder(folder))) return undefined;
  const file = `${folder}/${RUSTLIB}/multirust-config.toml`;
  const bytes = await readLocalFile(file, CONFIG_BYTES);
  return { name, folder, components: bytes === undefined ? [] : parseConfig(bytes, file) };
}

/** Names of everything that is installed, those that were linked among them, sorted. */
export async function listInstalled(home: RustupHome): Promise<readonly string[]> {
  const names = await namesIn(home.toolchains);
  const folders = await Promise.all(names.map(name => isFolder(`${home.toolchains}/${name}`)));
  return names.filter((_, index) => folders[index]).sort();
}

/** The parts of an installed component; undefined where its list is gone. Throws as `parseParts`. */
export async function readParts(folder: string, component: string): Promise<readonly Part[] | undefined> {
  const bytes = await readLocalFile(`${folder}/${RUSTLIB}/manifest-${component}`, PARTS_BYTES);
  return bytes && parseParts(new TextDecoder().decode(bytes), component);
}

/**
 * What tells that a component is still the one that was put there: rustup writes the list of its files anew whenever it installs it.
 * Undefined where there is no list.
 */
export async function stampOf(folder: string, component: string): Promise<string | undefined> {
  const status = await stat(`${folder}/${RUSTLIB}/manifest-${component}`).catch(() => undefined);
  return status && `${Math.floor(status.mtimeMs)}-${status.size}`;
}

export function namesOf(components: readonly Component[]): readonly string[] {
  return components.map(componentName);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw fileError(folder, error);
  }
}

async function isFolder(path: string): Promise<boolean> {
  const status = await stat(path).catch(() => undefined);
  return status?.isDirectory() === true;
}
