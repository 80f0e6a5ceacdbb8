// Cargo's own configuration, read as cargo does: `.cargo/config.toml` from the working folder up to the root, then
// `$CARGO_HOME/config.toml`. Only what decides where crates come from is looked at:
//
//   [source.crates-io]
//   replace-with = "mirror"
//   [source.mirror]
//   registry = "sparse+https://mirror.example/index/"

import { readLocalFile } from '@cargo-tuf/cargo-tuf-lib';
import { escapeText } from '@cargo-tuf/errors';
import { dirname } from 'node:path';
import { parse } from 'smol-toml';
import type { Context } from './context.ts';
import { fail } from './errors.ts';
import { isManagedSource } from './managed-source.ts';

export interface SourceSetting {
  readonly file: string;
  /** The name of the source: "crates-io". */
  readonly source: string;
  /** "registry", "replace-with", "directory", "local-registry", "git" … */
  readonly key: string;
  readonly value: string;
}

export interface CargoConfig {
  /** The files that were read, nearest first. */
  readonly files: readonly string[];
  readonly sources: readonly SourceSetting[];
}

const CONFIG_BYTES = 1024 * 1024;
const MAX_DEPTH = 32;

export async function readCargoConfig(context: Context): Promise<CargoConfig> {
  const files: string[] = [];
  const sources: SourceSetting[] = [];
  for (const folder of configFolders(context)) {
    for (const name of ['config', 'config.toml']) {
      const file = `${folder}/${name}`;
      const bytes = await readLocalFile(file, CONFIG_BYTES);
      if (bytes === undefined) continue;
      files.push(file);
      sources.push(...readSources(file, bytes));
    }
  }
  return { files, sources };
}

/** Refuses settings that send cargo past the verification: replaced sources that are not ours, on file or command line. */
export function assertNoBypass(config: CargoConfig, args: readonly string[]): void {
  for (const { file, source, key, value } of config.sources) {
    if (key !== 'replace-with' || isManagedSource(value)) continue;
    throw fail(
      'APP_SOURCE_BYPASS',
      `${file}: source.${escapeText(source)}.replace-with is "${escapeText(value)}"`,
      {
        details: { file, source, value },
      },
    );
  }
  const overriding = args.find((arg, at) => args[at - 1] === '--config' && /^\s*["']?source\b/.test(arg));
  if (overriding !== undefined) {
    throw fail('APP_SOURCE_BYPASS', `--config ${escapeText(overriding)}: replaces a source`);
  }
}

/** Folders that cargo reads, nearest first, `$CARGO_HOME` last. */
function configFolders(context: Context): readonly string[] {
  const folders: string[] = [];
  for (let folder = context.workingFolder; ; folder = dirname(folder)) {
    folders.push(`${folder}/.cargo`);
    if (dirname(folder) === folder) break;
  }
  return [...new Set([...folders, context.home.cargoHome])];
}

function readSources(file: string, bytes: Uint8Array): SourceSetting[] {
  let table: Record<string, unknown>;
  try {
    table = parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), { maxDepth: MAX_DEPTH });
  } catch (error) {
    throw fail('APP_CONFIG', `${file}: is not TOML`, { cause: error, details: { local: true } });
  }
  const settings: SourceSetting[] = [];
  for (const [source, value] of Object.entries(tableOf(table['source']))) {
    for (const [key, setting] of Object.entries(tableOf(value))) {
      if (typeof setting === 'string') settings.push({ file, source, key, value: setting });
    }
  }
  return settings;
}

function tableOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
