// The root of a Merkle map, as crates.json, claims.json and the statements of auditors say it (docs/pouf.md, section 2.1):
//
//   {"root":"<64 hex digits>","version":7,"size":250000}

import type { JsonObject } from '@cargo-tuf/canonical-json';
import type { Field } from './field.ts';
import type { MapRoot } from './roles.ts';
import { withUnknown } from './unknown-members.ts';

export function readMapRoot(field: Field): MapRoot {
  return {
    root: field.member('root').hex(64),
    version: field.member('version').integer(0),
    size: field.member('size').integer(0),
  };
}

export function formatMapRoot(map: MapRoot, before: JsonObject | undefined): JsonObject {
  return withUnknown(
    [
      ['root', map.root],
      ['version', map.version],
      ['size', map.size],
    ],
    before,
  );
}
