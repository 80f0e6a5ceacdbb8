import type { JsonLimits } from '@cargo-tuf/canonical-json';
import type { Allowance, Format, MetadataLimits } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import type { RequiredVersions } from './floors.ts';
import { assertLimits, CLIENT_LIMITS, type ClientLimits } from './limits.ts';
import type { Reading } from './reading.ts';
import { Snapshot } from './snapshot.ts';
import type { Tiles } from './snapshot-maps.ts';
import type { AbortSignal, Source } from './source.ts';
import type { Store } from './store.ts';
import { openStored, type Synced } from './stored.ts';
import { type TrustedMetadata, trustRoot } from './trusted.ts';
import type { SyncContext } from './workflow.ts';

export interface ClientOptions {
  /** The bytes of the root.json that the user trusts, or what `trustRoot` made of them. */
  readonly root: Uint8Array | TrustedMetadata;
  readonly source: Source;
  readonly store: Store;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly limits?: Partial<ClientLimits>;
  /** The format of every file of metadata, pinned: JSON unless given. A file of the other one is refused. */
  readonly format?: Format;
  /** What is read in this repository though it is read nowhere else. Nothing unless given. */
  readonly allow?: readonly Allowance[];
  /** Bounds of one file of metadata, beside its bytes. */
  readonly metadataLimits?: Partial<MetadataLimits>;
  readonly jsonLimits?: Partial<JsonLimits>;
  /** Versions below which nothing is accepted, in addition to the store's. */
  readonly required?: RequiredVersions;
  readonly signal?: AbortSignal;
  /** Asks for the timestamp beside the next root: a round less, and a request more after a new root. Default: false. */
  readonly eager?: boolean;
}

export interface Client {
  /** The repository id that the anchor states. */
  readonly repository: string | undefined;
  /** Brings the trusted state up to date; can be called any number of times. */
  sync(): Promise<Snapshot>;
  /** The last trusted state, without a network: for work on what was verified before. Expiry is not checked. */
  openOffline(): Promise<Snapshot>;
}

/** Delegated roles that a repository with a map must have, in this order (docs/pouf.md section 2.1). */
const MAP_ROLES = ['claims', 'crates'];

/**
 * Opens a client of one repository. Reads and writes nothing yet. Throws `CLIENT_ANCHOR`, or an error of the metadata's
 * format or signatures, when `root` cannot be a trust anchor, and `CLIENT_LIMIT` for a limit that would not limit.
 */
export function openClient(options: ClientOptions): Client {
  const limits = { ...CLIENT_LIMITS, ...options.limits };
  for (const each of [limits, options.metadataLimits, options.jsonLimits]) assertLimits(each ?? {});
  const { root } = options;
  const anchor = root instanceof Uint8Array ? trustRoot(root, readingOf(options)) : root;
  if (anchor.root.value.index?.kind === 'map' && anchor.root.value.repository === undefined) {
    throw fail('CLIENT_ANCHOR', 'trust anchor: has a map but no repository id', { details: { local: true } });
  }
  const context = (time: number): SyncContext => ({
    anchor,
    source: options.source,
    store: options.store,
    limits,
    required: options.required ?? {},
    mapRoles: MAP_ROLES,
    time,
    signal: options.signal,
    eager: options.eager ?? false,
  });
  let latest: { readonly root: string | undefined; readonly tiles: Tiles } = {
    root: undefined,
    tiles: new Map(),
  };
  const tilesOf = ({ delegated }: TrustedMetadata): Tiles => {
    const root = delegated.get('crates')?.value.map?.root;
    if (root !== latest.root) latest = { root, tiles: new Map() };
    return latest.tiles;
  };
  const open = (
    { trusted, floors, revision, proved }: Synced,
    source: Source | undefined,
    time: number,
  ): Snapshot =>
    new Snapshot({
      trusted,
      floors,
      revision,
      proved,
      tiles: tilesOf(trusted),
      source,
      store: options.store,
      limits,
      clock: options.clock,
      time,
      signal: options.signal,
    });
  return {
    repository: repositoryOf(anchor),
    sync: async () => {
      const time = options.clock();
      // Who looks at what is stored loads no workflow.
      const { sync } = await import('./sync.ts');
      return open(await sync(context(time)), options.source, time);
    },
    openOffline: async () => {
      const time = options.clock();
      return open(await openStored(context(time)), undefined, time);
    },
  };
}

function readingOf({ format = 'json', allow = [], metadataLimits, jsonLimits }: ClientOptions): Reading {
  return {
    format,
    allow,
    ...(metadataLimits && { limits: metadataLimits }),
    ...(jsonLimits && { json: jsonLimits }),
  };
}

function repositoryOf(anchor: TrustedMetadata): string | undefined {
  return anchor.root.value.repository;
}
