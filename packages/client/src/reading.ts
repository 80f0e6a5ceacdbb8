import type { Format, ReadOptions } from '@cargo-tuf/metadata';

/** How all files of a repository are read. The trust anchor says it; nothing that is fetched can change it. */
export interface Reading extends ReadOptions {
  readonly format: Format;
}

/** JSON with OLPC canonical signing, within the default limits, and no legacy scheme. */
export const DEFAULT_READING: Reading = { format: 'json' };
