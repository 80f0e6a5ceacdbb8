// Targets, top-level and delegated, specification section 4.5.

import type { JsonObject, JsonValue } from '@cargo-tuf/canonical-json';
import { formatDelegations, readDelegations } from './delegations.ts';
import type { Field } from './field.ts';
import { formatTargetFile, readTargetFile } from './files.ts';
import { METADATA_LIMITS } from './limits.ts';
import type { MapRoot, TargetFile, Targets, TargetsFields } from './roles.ts';
import { formatSigned, openRole } from './signed.ts';
import { isLongerThan } from './utf8.ts';

/** Throws `METADATA_*`; `subject` starts its messages. */
export function parseTargets(signed: JsonObject, subject: string = 'targets'): Targets {
  const { common, field, extension } = openRole(signed, 'targets', subject);
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
export function formatTargets(fields: TargetsFields): JsonObject {
  const targets = new Map(
    Array.from(fields.targets, ([path, file]) => [path, formatTargetFile(file)] as const),
  );
  const signed = formatSigned(fields, {
    type: 'targets',
    members: [
      ['targets', targets],
      ['delegations', fields.delegations === undefined ? undefined : formatDelegations(fields.delegations)],
    ],
    extension: [['map', fields.map === undefined ? undefined : formatMapRoot(fields.map)]],
  });
  parseTargets(signed);
  return signed;
}

function readTargets(field: Field): ReadonlyMap<string, TargetFile> {
  const targets = new Map<string, TargetFile>();
  for (const [path, file] of field.entries(METADATA_LIMITS.targets)) {
    if (path === '') file.refuse('METADATA_SHAPE', 'empty path, expected a path');
    if (isLongerThan(path, METADATA_LIMITS.targetPathBytes))
      file.refuse('METADATA_LIMIT', 'path is too long');
    targets.set(path, readTargetFile(file));
  }
  return targets;
}

function readMapRoot(field: Field): MapRoot {
  return {
    root: field.member('root').hex(64),
    version: field.member('version').integer(0),
    size: field.member('size').integer(0),
  };
}

function formatMapRoot(map: MapRoot): JsonObject {
  return new Map<string, JsonValue>([
    ['root', map.root],
    ['version', map.version],
    ['size', map.size],
  ]);
}
