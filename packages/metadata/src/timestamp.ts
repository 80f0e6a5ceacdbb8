// Timestamp, specification section 4.6: which snapshot is current.

import type { JsonObject } from '@cargo-tuf/canonical-json';
import { formatMetaFile, readMetaFile } from './files.ts';
import type { ReadOptions } from './reading.ts';
import type { Timestamp, TimestampFields } from './roles.ts';
import { formatSigned, openRole } from './signed.ts';
import { objectIn, withUnknown } from './unknown-members.ts';

/** Throws `METADATA_*`; `subject` starts its messages. */
export function parseTimestamp(
  signed: JsonObject,
  subject: string = 'timestamp',
  options: ReadOptions = {},
): Timestamp {
  const { common, field } = openRole(signed, 'timestamp', subject, options);
  const meta = field.member('meta');
  meta.entries(field.reading.limits.metaFiles);
  return {
    ...common,
    type: 'timestamp',
    snapshot: readMetaFile(meta.member('snapshot.json')),
    merkleRoot: field.optional('merkle_root')?.hex(64),
  };
}

/** The tree that `parseTimestamp` reads back as `fields`. Throws what `parseTimestamp` would throw. */
export function formatTimestamp(fields: TimestampFields, options: ReadOptions = {}): JsonObject {
  const before = objectIn(fields.signed, 'meta');
  const snapshot = formatMetaFile(fields.snapshot, objectIn(before, 'snapshot.json'));
  const signed = formatSigned(fields, {
    type: 'timestamp',
    members: [
      ['meta', withUnknown([['snapshot.json', snapshot]], before)],
      ['merkle_root', fields.merkleRoot],
    ],
  });
  parseTimestamp(signed, 'timestamp', options);
  return signed;
}
