// Snapshot, specification section 4.4: the versions of all targets roles at one moment.

import type { JsonObject } from '@cargo-tuf/canonical-json';
import type { Field } from './field.ts';
import { formatMetaFile, readMetaFile, readPlainMetaFile } from './files.ts';
import { readFiles } from './long-files.ts';
import type { ReadOptions } from './reading.ts';
import type { MetaFile, Snapshot, SnapshotFields } from './roles.ts';
import { formatSigned, openRole } from './signed.ts';
import { objectIn } from './unknown-members.ts';

/** Throws `METADATA_*`; `subject` starts its messages. */
export function parseSnapshot(
  signed: JsonObject,
  subject: string = 'snapshot',
  options: ReadOptions = {},
): Snapshot {
  const { common, field } = openRole(signed, 'snapshot', subject, options);
  const meta = field.member('meta');
  meta.member('targets.json');
  return {
    ...common,
    type: 'snapshot',
    meta: readMeta(meta),
  };
}

/** The tree that `parseSnapshot` reads back as `fields`. Throws what `parseSnapshot` would throw. */
export function formatSnapshot(fields: SnapshotFields, options: ReadOptions = {}): JsonObject {
  const before = objectIn(fields.signed, 'meta');
  const meta = new Map(
    Array.from(fields.meta, ([name, file]) => [name, formatMetaFile(file, objectIn(before, name))] as const),
  );
  const signed = formatSigned(fields, { type: 'snapshot', members: [['meta', meta]] });
  parseSnapshot(signed, 'snapshot', options);
  return signed;
}

function readMeta(field: Field): ReadonlyMap<string, MetaFile> {
  return readFiles(field.objectOf(field.reading.limits.metaFiles), (name, value) => {
    if (!name.endsWith('.json') || name === '.json')
      field.child(value, name).refuse('METADATA_SHAPE', 'name, expected "<role>.json"');
    return readPlainMetaFile(value) ?? readMetaFile(field.child(value, name));
  });
}
