// How a file is read: what a trust anchor may raise by name.

import type { JsonLimits } from '@cargo-tuf/canonical-json';
import type { LegacyScheme } from '@cargo-tuf/keys';
import { METADATA_LIMITS, type MetadataLimits } from './limits.ts';

/** `json`: JSON with OLPC canonical signing. `dsse`: DSSE over the exact bytes. */
export type Format = 'json' | 'dsse';

/** What is read only where a trust anchor allows it by name: keys of a legacy scheme; times with a fraction of a second. */
export type Allowance = LegacyScheme | 'fractional-seconds';

/** What is not given is the default: `METADATA_LIMITS`, `JSON_LIMITS`, no allowance. */
export interface ReadOptions {
  readonly limits?: Partial<MetadataLimits>;
  readonly json?: Partial<JsonLimits>;
  readonly allow?: readonly Allowance[];
}

export interface Reading {
  readonly limits: MetadataLimits;
  readonly allow: readonly Allowance[];
}

export function openReading(options: ReadOptions): Reading {
  return { limits: { ...METADATA_LIMITS, ...options.limits }, allow: options.allow ?? [] };
}
