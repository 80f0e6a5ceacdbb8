// What must never fall again, kept as one document of the store:
//
//   {"claims":3,"clock":1795219200000,"format":1,"leaves":{"itoa":"17:9f86…"},"tree":17}
//
// Version floors of the top-level roles are not here: the trusted files themselves are those floors, as long as their
// signatures hold under the trusted root (TUF specification 5.3.11: rotating a key forgives a fast-forward). The floors
// here survive rotation as well; a repository recovers from a fast-forward of its maps by raising the epoch.

import {
  encodeCanonical,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@cargo-tuf/canonical-json';
import { isTufError } from '@cargo-tuf/errors';
import { equalBytes } from '@cargo-tuf/keys';
import { fail } from './errors.ts';

export interface Floors {
  /** Lowest acceptable tree version of the index map. */
  readonly tree: number;
  /** Lowest acceptable version of the claims map. */
  readonly claims: number;
  /** Latest time of a successful sync, in milliseconds since 1970. */
  readonly clock: number;
  /** Crate name, in lower case, to `<leaf version>:<sha256>` of every leaf that was ever used. */
  readonly leaves: ReadonlyMap<string, string>;
}

export const NO_FLOORS: Floors = { tree: 0, claims: 0, clock: 0, leaves: new Map() };

/** Floors from outside the store: a floor file beside `Cargo.lock`. They only raise. */
export interface RequiredVersions {
  readonly root?: number;
  readonly claims?: number;
  readonly tree?: number;
}

/** Throws `CLIENT_ROLLBACK` for a root below the floor from outside. */
export function assertRootFloor(version: number, required: RequiredVersions): void {
  const floor = required.root ?? 0;
  if (version >= floor) return;
  throw fail(
    'CLIENT_ROLLBACK',
    `root: version ${version}, expected ${floor} or higher as the floor file says`,
    {
      details: { version, expected: floor },
    },
  );
}

/** A store is the user's own, and may remember every crate of a large registry. */
const LIMITS = { members: 2_000_000, nodes: 4_000_000 };

/** Throws `CLIENT_FLOORS` for anything but what `formatFloors` writes: a floor that is misread could be a lower one. */
export function parseFloors(bytes: Uint8Array): Floors {
  const floors = readFloors(readJson(bytes));
  if (!equalBytes(formatFloors(floors), bytes)) throw damaged('order');
  return floors;
}

function readFloors(value: JsonValue): Floors {
  if (!isJsonObject(value) || value.get('format') !== 1) throw damaged('format');
  const leaves = new Map<string, string>();
  const entries = value.get('leaves');
  if (!isJsonObject(entries)) throw damaged('leaves');
  for (const [name, text] of entries) {
    if (typeof text !== 'string' || !/^[1-9][0-9]{0,15}:[0-9a-f]{64}$/.test(text)) throw damaged('leaves');
    if (!Number.isSafeInteger(leafVersion(text))) throw damaged('leaves');
    leaves.set(name, text);
  }
  return {
    tree: natural(value, 'tree'),
    claims: natural(value, 'claims'),
    clock: natural(value, 'clock'),
    leaves,
  };
}

export function formatFloors(floors: Floors): Uint8Array {
  return encodeCanonical(
    new Map<string, JsonValue>([
      ['format', 1],
      ['tree', floors.tree],
      ['claims', floors.claims],
      ['clock', floors.clock],
      ['leaves', new Map(floors.leaves)],
    ]),
  );
}

/** The higher of two sets of floors, member by member. */
export function raiseFloors(a: Floors, b: Floors): Floors {
  const leaves = new Map(a.leaves);
  for (const [name, text] of b.leaves) {
    const known = leaves.get(name);
    if (known === undefined || leafVersion(text) > leafVersion(known)) leaves.set(name, text);
  }
  return {
    tree: Math.max(a.tree, b.tree),
    claims: Math.max(a.claims, b.claims),
    clock: Math.max(a.clock, b.clock),
    leaves,
  };
}

export function leafVersion(text: string): number {
  return Number(text.slice(0, text.indexOf(':')));
}

function readJson(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes, LIMITS);
  } catch (cause) {
    if (!isTufError(cause)) throw cause;
    throw fail('CLIENT_FLOORS', `floors: ${cause.message}`, { cause, details: { local: true } });
  }
}

function natural(value: JsonObject, member: string): number {
  const number = value.get(member);
  if (typeof number !== 'number' || number < 0) throw damaged(member);
  return number;
}

function damaged(member: string): Error {
  return fail('CLIENT_FLOORS', `floors: member ${member} is not as written`, {
    details: { local: true, member },
  });
}
