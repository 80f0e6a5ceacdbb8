// Timestamp, specification section 4.6: which snapshot is current.

import type { JsonObject } from '@cargo-tuf/canonical-json';
import { formatMetaFile, readMetaFile } from './files.ts';
import { METADATA_LIMITS } from './limits.ts';
import type { Timestamp, TimestampFields } from './roles.ts';
import { formatSigned, openRole } from './signed.ts';

/** Throws `METADATA_*`; `subject` starts its messages. */
export function parseTimestamp(signed: JsonObject, subject: string = 'timestamp'): Timestamp {
  const { common, field } = openRole(signed, 'timestamp', subject);
  const meta = field.member('meta');
  meta.entries(METADATA_LIMITS.metaFiles);
  return {
    ...common,
    type: 'timestamp',
    snapshot: readMetaFile(meta.member('snapshot.json')),
    merkleRoot: field.optional('merkle_root')?.hex(64),
  };
}

/** The tree that `parseTimestamp` reads back as `fields`. Throws what `parseTimestamp` would throw. */
export function formatTimestamp(fields: TimestampFields): JsonObject {
  const signed = formatSigned(fields, {
    type: 'timestamp',
    members: [
      ['meta', new Map([['snapshot.json', formatMetaFile(fields.snapshot)]])],
      ['merkle_root', fields.merkleRoot],
    ],
    extension: [],
  });
  parseTimestamp(signed);
  return signed;
}
