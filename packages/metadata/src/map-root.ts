// The root of a Merkle map, as crates.json, claims.json and the statements of auditors say it (docs/pouf.md, section 2.1):
//
//   {"root":"<64 hex digits>","version":7,"size":250000}

import type { JsonObject } from '@cargo-tuf/canonical-json';
import type { Field } from './field.ts';
import type { ChangesFile, MapRoot } from './roles.ts';
import { withUnknown } from './unknown-members.ts';

/** Files of changes that a map names. */
const CHANGE_WINDOWS = 32;

export function readMapRoot(field: Field): MapRoot {
  const changes = field.optional('changes');
  return {
    root: field.member('root').hex(64),
    version: field.member('version').integer(0),
    size: field.member('size').integer(0),
    ...(changes && { changes: readChanges(changes) }),
  };
}

/** `{"4":[117,"<sha256>"]}`: length and hash of the file that says what changed in the last four versions. */
function readChanges(field: Field): ReadonlyMap<number, ChangesFile> {
  const windows = new Map<number, ChangesFile>();
  for (const [window, value] of field.objectOf(CHANGE_WINDOWS)) {
    const file = field.child(value, window);
    const [length, hash] = file.elements(2);
    const versions = Number(window);
    if (!/^[1-9][0-9]*$/.test(window) || !Number.isSafeInteger(versions)) {
      file.refuse('METADATA_SHAPE', 'expected a number of versions as its name');
    }
    if (length === undefined || hash === undefined) {
      return file.refuse('METADATA_SHAPE', 'expected the length and the SHA-256 of a file');
    }
    windows.set(versions, { length: length.integer(0), sha256: hash.hex(64) });
  }
  return windows;
}

function formatChanges(windows: ReadonlyMap<number, ChangesFile>): JsonObject {
  return new Map(
    Array.from(windows, ([window, { length, sha256 }]) => [`${window}`, [length, sha256]] as const),
  );
}

export function formatMapRoot(map: MapRoot, before: JsonObject | undefined): JsonObject {
  return withUnknown(
    [
      ['root', map.root],
      ['version', map.version],
      ['size', map.size],
      ['changes', map.changes === undefined ? undefined : formatChanges(map.changes)],
    ],
    before,
  );
}
