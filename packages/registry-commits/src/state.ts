// What is kept of a registry between updates: the root.toml that is trusted, and floors below which nothing falls.
//
//   {"format":1,"objects":"sha1","commit":"a8c1…","tree":"4b82…","timestamp":124,
//    "targets":{"version":3,"sha256":"9f86…"},"owned":{"se/rd/serde":{"sha256":"2c26…","signed":1763712000}}}

import {
  encodeJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@cargo-tuf/canonical-json';
import { isTufError } from '@cargo-tuf/errors';
import { isObjectId, type ObjectFormat, type ObjectId } from '@cargo-tuf/git-object';
import { fail } from './errors.ts';

/** Names of the documents in a store. */
export const ROOT_DOCUMENT = 'registry.root';
export const STATE_DOCUMENT = 'registry.state';

export interface RegistryState {
  readonly objects: ObjectFormat;
  readonly commit: ObjectId;
  readonly tree: ObjectId;
  /** The version of timestamp.toml. */
  readonly timestamp: number;
  readonly targets: TargetsFloor | undefined;
  /** By index path. */
  readonly owned: ReadonlyMap<string, OwnedEntry>;
}

export interface TargetsFloor {
  readonly version: number;
  readonly sha256: string;
}

/** An entry that its owners signed. */
export interface OwnedEntry {
  readonly sha256: string;
  /** Seconds since 1970: when the earliest of its signatures was made. */
  readonly signed: number;
}

export function formatState(state: RegistryState): Uint8Array {
  const { objects, commit, tree, timestamp, targets, owned } = state;
  return encodeJson(
    new Map<string, JsonValue>([
      ['format', 1],
      ['objects', objects],
      ['commit', commit],
      ['tree', tree],
      ['timestamp', timestamp],
      ...(targets === undefined ? [] : [['targets', new Map(Object.entries(targets))] as const]),
      ['owned', new Map(Array.from(owned, ([path, entry]) => [path, new Map(Object.entries(entry))]))],
    ]),
  );
}

/** Throws `REGISTRY_STATE`. */
export function parseState(bytes: Uint8Array): RegistryState {
  const object = objectOf(parse(bytes));
  const objects = object.get('objects');
  if (object.get('format') !== 1 || (objects !== 'sha1' && objects !== 'sha256')) throw damaged();
  const targets = object.get('targets');
  return {
    objects,
    commit: idOf(object.get('commit'), objects),
    tree: idOf(object.get('tree'), objects),
    timestamp: numberOf(object.get('timestamp')),
    targets: targets === undefined ? undefined : targetsOf(objectOf(targets)),
    owned: new Map(
      Array.from(objectOf(object.get('owned')), ([path, entry]) => [path, ownedOf(objectOf(entry))]),
    ),
  };
}

function parse(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes);
  } catch (cause) {
    if (!isTufError(cause)) throw cause;
    throw damaged(cause);
  }
}

function targetsOf(object: JsonObject): TargetsFloor {
  return { version: numberOf(object.get('version')), sha256: textOf(object.get('sha256')) };
}

function ownedOf(object: JsonObject): OwnedEntry {
  return { sha256: textOf(object.get('sha256')), signed: numberOf(object.get('signed')) };
}

function objectOf(value: JsonValue | undefined): JsonObject {
  if (isJsonObject(value)) return value;
  throw damaged();
}

function idOf(value: JsonValue | undefined, format: ObjectFormat): ObjectId {
  const text = textOf(value);
  if (isObjectId(text, format)) return text;
  throw damaged();
}

function numberOf(value: JsonValue | undefined): number {
  if (typeof value === 'number') return value;
  throw damaged();
}

function textOf(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  throw damaged();
}

function damaged(cause?: unknown): Error {
  return fail('REGISTRY_STATE', 'trusted state: damaged', cause === undefined ? {} : { cause });
}
