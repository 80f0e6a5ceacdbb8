// The files of the registry's metadata, by their place in its tree.

import type { ObjectId } from '@cargo-tuf/git-object';
import { parseTomlTimestamp, TOML_LIMITS, type TomlTimestamp } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import { readFile } from './objects.ts';
import type { RegistrySource } from './source.ts';

export const ROOT = 'root.toml';
export const TARGETS = 'targets.toml';
const TIMESTAMP = 'timestamp.toml';

export async function readRoot(source: RegistrySource, tree: ObjectId): Promise<Uint8Array | undefined> {
  return readFile(source, tree, ROOT, TOML_LIMITS.rootBytes);
}

export async function readTimestamp(
  source: RegistrySource,
  tree: ObjectId,
  subject: string,
): Promise<TomlTimestamp> {
  const bytes = await readFile(source, tree, TIMESTAMP, TOML_LIMITS.timestampBytes);
  if (bytes !== undefined) return parseTomlTimestamp(bytes);
  throw fail('REGISTRY_FILE_MISSING', `${subject}: no ${TIMESTAMP}, expected one`, {
    details: { path: TIMESTAMP },
  });
}
