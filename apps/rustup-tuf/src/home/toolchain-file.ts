// What a project asks for, in `rust-toolchain.toml` or `rust-toolchain`:
//
//   [toolchain]
//   channel = "1.95.0"
//   components = ["clippy"]
//   targets = ["wasm32-unknown-unknown"]
//   profile = "minimal"
//
// A file of one line, `rust-toolchain` only, is the name of a channel.

import { isAbsolute } from 'node:path';
import { readLocalFile } from '@cargo-tuf/cargo-tuf-lib';
import { isTufError } from '@cargo-tuf/errors';
import { parse } from 'smol-toml';
import { fail } from '../errors.ts';

export interface ToolchainFile {
  readonly file: string;
  /** As the file has it. */
  readonly channel: string | undefined;
  /** The absolute path of a toolchain's folder. */
  readonly path: string | undefined;
  readonly components: readonly string[];
  readonly targets: readonly string[];
  readonly profile: string | undefined;
}

const FILE_BYTES = 64 * 1024;
/** In rustup's order. */
const NAMES = ['rust-toolchain', 'rust-toolchain.toml'] as const;

/** The one that stands in a folder, if any. Throws `INSTALL_TOOLCHAIN_FILE`. */
export async function readToolchainFile(folder: string): Promise<ToolchainFile | undefined> {
  for (const name of NAMES) {
    const file = `${folder === '/' ? '' : folder}/${name}`;
    const bytes = await readFile(file);
    if (bytes === undefined) continue;
    const text = decode(bytes, file);
    const lines = text.trimEnd().split('\n');
    return name === 'rust-toolchain' && lines.length === 1 ? ofLine(text.trim(), file) : ofTable(text, file);
  }
  return undefined;
}

/** A folder of that name is none. */
async function readFile(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readLocalFile(file, FILE_BYTES);
  } catch (error) {
    if (isTufError(error, 'LIB_FILE')) return undefined;
    throw error;
  }
}

function ofLine(line: string, file: string): ToolchainFile {
  if (line === '') throw malformed(file, 'is empty');
  const path = isAbsolute(line) ? line : undefined;
  return { file, channel: path ? undefined : line, path, components: [], targets: [], profile: undefined };
}

function ofTable(text: string, file: string): ToolchainFile {
  const section = member(parseToml(text, file), 'toolchain');
  if (typeof section !== 'object' || section === null || Array.isArray(section))
    throw malformed(file, 'has no [toolchain]');
  const channel = textOf(section, 'channel', file);
  const path = textOf(section, 'path', file);
  const components = listOf(section, 'components', file);
  const targets = listOf(section, 'targets', file);
  const profile = textOf(section, 'profile', file);
  if (channel === undefined && path === undefined && components.length === 0 && targets.length === 0)
    throw malformed(file, 'asks for nothing: expected a channel, a path, components or targets');
  if (path !== undefined && (channel ?? profile ?? components[0] ?? targets[0]) !== undefined)
    throw malformed(file, 'has a path and more, expected the path alone');
  if (path !== undefined && !isAbsolute(path))
    throw malformed(file, 'has a relative path, expected an absolute one');
  return { file, channel, path, components, targets, profile };
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw malformed(file, 'is not UTF-8', cause);
  }
}

function parseToml(text: string, file: string): object {
  try {
    return parse(text);
  } catch (cause) {
    throw malformed(file, 'is not TOML', cause);
  }
}

function member(table: object, key: string): unknown {
  return Object.hasOwn(table, key) ? (table as Record<string, unknown>)[key] : undefined;
}

function textOf(table: object, key: string, file: string): string | undefined {
  const value = member(table, key);
  if (value === undefined || typeof value === 'string') return value;
  throw malformed(file, `${key} is no text`);
}

function listOf(table: object, key: string, file: string): readonly string[] {
  const value = member(table, key) ?? [];
  if (Array.isArray(value) && value.every(each => typeof each === 'string')) return value;
  throw malformed(file, `${key} is no list of names`);
}

function malformed(file: string, what: string, cause?: unknown): Error {
  return fail('INSTALL_TOOLCHAIN_FILE', `${file}: ${what}`, { details: { local: true }, cause });
}
