// How a file is read: what a trust anchor may raise by name.

import type { JsonLimits } from '@cargo-tuf/canonical-json';
import type { LegacyScheme } from '@cargo-tuf/keys';
import { METADATA_LIMITS, type MetadataLimits } from './limits.ts';

/** `json`: JSON with OLPC canonical signing. `dsse`: DSSE over the exact bytes. */
export type Format = 'json' | 'dsse';

/** What is not given is the default: `METADATA_LIMITS`, `JSON_LIMITS`, no legacy scheme. */
export interface ReadOptions {
  readonly limits?: Partial<MetadataLimits>;
  readonly json?: Partial<JsonLimits>;
  /** Schemes whose keys count here though they count nowhere else. */
  readonly allow?: readonly LegacyScheme[];
}

export interface Reading {
  readonly limits: MetadataLimits;
  readonly allow: readonly LegacyScheme[];
}

export function openReading(options: ReadOptions): Reading {
  return { limits: { ...METADATA_LIMITS, ...options.limits }, allow: options.allow ?? [] };
}
