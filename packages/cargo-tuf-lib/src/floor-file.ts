// `Cargo.tuf.json` beside `Cargo.lock` gives a fresh machine the memory of the versions that others saw. It can only raise
// what is required (docs/pouf.md section 7):
//
//   {"format":1,"floors":{"<repository id>":{"claims":3,"root":1,"tree":17}}}
//
// Of a signed git index the versions are those of root.toml and timestamp.toml: {"root":1,"timestamp":124}. Where its
// root.toml names no repository, its id is the SHA-256 of the registry's id.

import { encodeJson, isJsonObject, type JsonValue, parseJson } from '@cargo-tuf/canonical-json';
import { isTufError } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { readLocalFile, writeLocalFile } from './files.ts';

export const FLOOR_FILE = 'Cargo.tuf.json';

/** Versions that only rise, of one repository. */
export interface FloorVersions {
  readonly root?: number | undefined;
  readonly claims?: number | undefined;
  readonly tree?: number | undefined;
  readonly timestamp?: number | undefined;
}

export type FloorFile = ReadonlyMap<string, FloorVersions>;

/** What is stated of one repository, for whoever takes no undefined. */
export function requiredOf(floors: FloorVersions = {}): {
  -readonly [member in keyof FloorVersions]: number;
} {
  const stated: { -readonly [member in keyof FloorVersions]: number } = {};
  for (const member of MEMBERS) {
    const version = floors[member];
    if (version !== undefined) stated[member] = version;
  }
  return stated;
}

const FLOOR_FILE_BYTES = 65_536;
const MEMBERS = ['root', 'claims', 'tree', 'timestamp'] as const;

/** The floors by repository id; empty when there is no file. Throws `LIB_FLOOR_FILE`: a damaged floor is no floor. */
export async function readFloorFile(path: string): Promise<FloorFile> {
  const bytes = await readLocalFile(path, FLOOR_FILE_BYTES);
  return bytes === undefined ? new Map() : parseFloorFile(bytes, path);
}

/** Raises the file's floors to what a snapshot has; never lowers one. True when the file changed. */
export async function raiseFloorFile(
  path: string,
  repository: string,
  seen: FloorVersions,
): Promise<boolean> {
  const floors = new Map(await readFloorFile(path));
  const known = floors.get(repository) ?? {};
  const raised: FloorVersions = Object.fromEntries(
    MEMBERS.filter(member => known[member] !== undefined || seen[member] !== undefined).map(member => [
      member,
      Math.max(known[member] ?? 0, seen[member] ?? 0),
    ]),
  );
  if (MEMBERS.every(member => known[member] === raised[member])) return false;
  floors.set(repository, raised);
  await writeLocalFile(path, formatFloorFile(floors), 0o644);
  return true;
}

export function parseFloorFile(bytes: Uint8Array, path: string): FloorFile {
  const floors = new Map<string, FloorVersions>();
  const value = parseStrict(bytes, path);
  const members = isJsonObject(value) ? value.get('floors') : undefined;
  if (!isJsonObject(value) || value.get('format') !== 1 || !isJsonObject(members) || value.size !== 2)
    throw damaged(path, 'is not of format 1');
  for (const [repository, versions] of members) {
    if (!/^[0-9a-f]{64}$/.test(repository) || !isJsonObject(versions))
      throw damaged(path, 'names no repository id');
    const floor: { -readonly [member in keyof FloorVersions]: number } = {};
    for (const [member, version] of versions) {
      const known = MEMBERS.find(each => each === member);
      if (known === undefined || typeof version !== 'number' || version < 0)
        throw damaged(path, `has no version in ${member}`);
      floor[known] = version;
    }
    floors.set(repository, floor);
  }
  return floors;
}

export function formatFloorFile(floors: FloorFile): Uint8Array {
  const entries = [...floors].sort(([a], [b]) => (a < b ? -1 : 1));
  const members = new Map<string, JsonValue>(
    entries.map(([repository, floor]) => [
      repository,
      new Map<string, JsonValue>(
        MEMBERS.flatMap(member => (floor[member] === undefined ? [] : [[member, floor[member]]])),
      ),
    ]),
  );
  return encodeJson(
    new Map<string, JsonValue>([
      ['format', 1],
      ['floors', members],
    ]),
    { indent: 2 },
  );
}

function parseStrict(bytes: Uint8Array, path: string): JsonValue {
  try {
    return parseJson(bytes);
  } catch (error) {
    if (isTufError(error)) throw damaged(path, error.message);
    throw error;
  }
}

function damaged(path: string, message: string): Error {
  return fail('LIB_FLOOR_FILE', `${path}: ${message}`, { details: { local: true } });
}
