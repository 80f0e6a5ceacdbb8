// Targets, top-level and delegated, specification section 4.5.

import type { JsonObject, JsonValue } from '@cargo-tuf/canonical-json';
import { formatDelegations, readDelegations } from './delegations.ts';
import type { Field } from './field.ts';
import { formatTargetFile, readPlainTargetFile, readTargetFile } from './files.ts';
import { readFiles } from './long-files.ts';
import type { ReadOptions } from './reading.ts';
import type { ChangesFile, MapRoot, TargetFile, Targets, TargetsFields } from './roles.ts';
import { formatSigned, openRole } from './signed.ts';
import { objectIn, withUnknown } from './unknown-members.ts';
import { isLongerThan } from './utf8.ts';

/** Files of changes that a map names. */
const CHANGE_WINDOWS = 32;

/** Throws `METADATA_*`; `subject` starts its messages. */
export function parseTargets(
  signed: JsonObject,
  subject: string = 'targets',
  options: ReadOptions = {},
): Targets {
  const { common, field, extension } = openRole(signed, 'targets', subject, options);
  const delegations = field.optional('delegations');
  const map = extension?.optional('map');
  return {
    ...common,
    type: 'targets',
    targets: readTargets(field.member('targets')),
    delegations: delegations === undefined ? undefined : readDelegations(delegations),
    map: map === undefined ? undefined : readMapRoot(map),
  };
}

/** The tree that `parseTargets` reads back as `fields`. Throws what `parseTargets` would throw. */
export function formatTargets(fields: TargetsFields, options: ReadOptions = {}): JsonObject {
  const before = objectIn(fields.signed, 'targets');
  const targets = new Map(
    Array.from(
      fields.targets,
      ([path, file]) => [path, formatTargetFile(file, objectIn(before, path))] as const,
    ),
  );
  const delegations =
    fields.delegations === undefined
      ? undefined
      : formatDelegations(fields.delegations, objectIn(fields.signed, 'delegations'));
  const signed = formatSigned(fields, {
    type: 'targets',
    members: [
      ['targets', targets],
      ['delegations', delegations],
    ],
    extension: extension => [
      ['map', fields.map === undefined ? undefined : formatMapRoot(fields.map, objectIn(extension, 'map'))],
    ],
  });
  parseTargets(signed, 'targets', options);
  return signed;
}

function readTargets(field: Field): ReadonlyMap<string, TargetFile> {
  return readFiles(field.objectOf(field.reading.limits.targets), (path, value) => {
    checkPath(field, path, value);
    return readPlainTargetFile(value) ?? readTargetFile(field.child(value, path));
  });
}

function checkPath(field: Field, path: string, value: JsonValue): void {
  if (path === '') field.child(value, path).refuse('METADATA_SHAPE', 'empty path, expected a path');
  if (isLongerThan(path, field.reading.limits.targetPathBytes))
    field.child(value, path).refuse('METADATA_LIMIT', 'path is too long');
}

function readMapRoot(field: Field): MapRoot {
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

function formatMapRoot(map: MapRoot, before: JsonObject | undefined): JsonObject {
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
