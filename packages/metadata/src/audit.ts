// The statement of an auditor, docs/pouf.md section 8: that the maps came, step by step, from the first ones that it saw, and
// that no name vanished and no version fell on the way. `version` is the timestamp's.
//
//   {"_type":"audit","spec_version":"1.0.34","version":7,"expires":"2030-01-02T00:00:00Z",
//    "x-cargo-tuf":{"repository":"<id>","crates":{"root":"…","version":7,"size":3},"claims":{…}}}

import type { JsonObject } from '@cargo-tuf/canonical-json';
import { formatMapRoot, readMapRoot } from './map-root.ts';
import type { ReadOptions } from './reading.ts';
import type { Audit, AuditFields } from './roles.ts';
import { formatSigned, openRole } from './signed.ts';
import { objectIn } from './unknown-members.ts';

/** Throws `METADATA_*`; `subject` starts its messages. */
export function parseAudit(signed: JsonObject, subject: string = 'audit', options: ReadOptions = {}): Audit {
  const { common, field } = openRole(signed, 'audit', subject, options);
  const extension = field.member('x-cargo-tuf');
  return {
    ...common,
    type: 'audit',
    crates: readMapRoot(extension.member('crates')),
    claims: readMapRoot(extension.member('claims')),
  };
}

/** The tree that `parseAudit` reads back as `fields`. Throws what `parseAudit` would throw. */
export function formatAudit(fields: AuditFields, options: ReadOptions = {}): JsonObject {
  const signed = formatSigned(fields, {
    type: 'audit',
    members: [],
    extension: extension => [
      ['crates', formatMapRoot(fields.crates, objectIn(extension, 'crates'))],
      ['claims', formatMapRoot(fields.claims, objectIn(extension, 'claims'))],
    ],
  });
  parseAudit(signed, 'audit', options);
  return signed;
}
