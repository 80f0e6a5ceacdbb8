// The detailed client workflow (TUF specification 1.0.34, section 5) between what a store holds and what a source gives.

import { isTufError } from '@cargo-tuf/errors';
import type { MetaFile, Snapshot, Targets, Verified } from '@cargo-tuf/metadata';
import { SourceAhead } from './ahead.ts';
import { auditDocuments, fetchAudits } from './audits.ts';
import { fetchBundle } from './bundle.ts';
import { fail } from './errors.ts';
import { fetchAccepted } from './fetch.ts';
import { assertRootFloor, type Floors, type RequiredVersions } from './floors.ts';
import type { ClientLimits } from './limits.ts';
import { assertMaps } from './map-roots.ts';
import { shapeOf } from './map-shape.ts';
import { keepRoot } from './map-tiles.ts';
import { assertNotExpired } from './role-checks.ts';
import type { AbortSignal, FetchOptions, Source } from './source.ts';
import type { Store } from './store.ts';
import { attempt, type Documents, readRoots, readStored } from './stored.ts';
import {
  acceptDelegated,
  acceptRoot,
  acceptSnapshot,
  acceptTargets,
  acceptTimestamp,
  metadataPath,
  namedInSnapshot,
  type TrustedMetadata,
} from './trusted.ts';

export interface SyncContext {
  /** Trust in the anchor alone. */
  readonly anchor: TrustedMetadata;
  readonly source: Source;
  readonly store: Store;
  readonly limits: ClientLimits;
  readonly required: RequiredVersions;
  /** Delegated roles that a repository with a map must have. */
  readonly mapRoles: readonly string[];
  /** Fixed for the whole run, in milliseconds since 1970. */
  readonly time: number;
  readonly signal: AbortSignal | undefined;
  readonly eager: boolean;
}

const TIMESTAMP = 'metadata/timestamp.json';

/** What is trusted in the end. What was accepted on the way stands in `changes`, also when this throws. */
export async function runWorkflow(
  given: SyncContext,
  documents: Documents,
  floors: Floors,
  changes: Map<string, Uint8Array | null>,
): Promise<TrustedMetadata> {
  const { limits, time } = given;
  const source = new SourceAhead(given.source);
  const context = { ...given, source };
  let trusted = readRoots(context.anchor, documents);
  const start = trusted.root.value.version;
  if (given.eager) {
    source.begin(rootPath(start + 1), optionsOf(limits.root, given.signal));
    source.begin(TIMESTAMP, optionsOf(limits.timestamp, given.signal));
  }
  trusted = await followRoots(context, trusted, changes);
  // The keys of a new root may be others.
  if (trusted.root.value.version > start) source.forget(TIMESTAMP);
  assertNotExpired(trusted.root.value, time, 'root');
  assertRootFloor(trusted.root.value.version, context.required);
  const stored = readStored(trusted, documents, context.mapRoles);

  trusted = await fetchAccepted(
    context.source,
    TIMESTAMP,
    limits.timestamp,
    'every repository has one',
    bytes => acceptTimestamp(stored, bytes, time),
    context.signal,
  );
  record(changes, 'timestamp', trusted.timestamp, stored.timestamp);
  const hasMap = trusted.root.value.index?.kind === 'map';
  const isNew = trusted.timestamp?.value.snapshot.version !== stored.snapshot?.value.version;
  const rootTile = given.eager && stored.delegated.size === 0 ? keepRootTile(context, trusted) : undefined;
  if (hasMap && isNew) await fetchBundle(context, source, trusted);

  let accepted = changes;
  const step = async (
    name: string,
    document: string,
    file: MetaFile,
    limit: number,
    known: Verified<Targets> | Verified<Snapshot> | undefined,
    accept: (bytes: Uint8Array) => TrustedMetadata,
  ): Promise<void> => {
    const local = known?.value.version === file.version ? attempt(() => accept(known.bytes)) : undefined;
    trusted =
      local ??
      (await fetchRole(context, metadataPath(trusted, name, file.version), name, file, limit, accept));
    if (local === undefined) accepted.set(document, bytesOf(trusted, name));
  };

  const timestamp = trusted.timestamp;
  if (timestamp === undefined) throw fail('CLIENT_MIX', 'timestamp: absent after it was accepted');
  await step('snapshot', 'snapshot', timestamp.value.snapshot, limits.snapshot, trusted.snapshot, bytes =>
    acceptSnapshot(trusted, bytes, time),
  );
  beginRoles(context, source, trusted, stored);
  await step(
    'targets',
    'targets',
    namedInSnapshot(trusted, 'targets'),
    limits.targets,
    trusted.targets,
    bytes => acceptTargets(trusted, bytes, time),
  );
  // Roles that state a map count only once the maps agree with each other and with every floor.
  accepted = new Map();
  if (hasMap) {
    for (const name of context.mapRoles) {
      await step(
        name,
        `delegated.${name}`,
        namedInSnapshot(trusted, name),
        limits.targets,
        stored.delegated.get(name),
        bytes => acceptDelegated(trusted, name, bytes, time),
      );
    }
  }
  assertMaps(trusted, floors, context.required, stored);
  trusted = await fetchAudits(trusted, { ...context, documents, limit: limits.timestamp });
  for (const [document, bytes] of auditDocuments(trusted)) accepted.set(document, bytes);
  for (const [document, bytes] of accepted) changes.set(document, bytes);
  await rootTile;
  return trusted;
}

/** For lookups that follow a first sync: the root of the map is known before the roles that state it have come. */
async function keepRootTile(context: SyncContext, trusted: TrustedMetadata): Promise<void> {
  const { source, store, limits, signal } = context;
  const { repository, index } = trusted.root.value;
  const root = trusted.timestamp?.value.merkleRoot;
  if (repository === undefined || index?.kind !== 'map' || root === undefined) return;
  const shape = shapeOf('crates', repository);
  try {
    await keepRoot({
      shape,
      root,
      subject: 'crates',
      source,
      store,
      parallel: limits.parallel,
      signal,
      tiles: new Map(),
    });
  } catch (error) {
    // The lookup that needs the tile asks for it again, and says what is wrong.
    if (!isTufError(error)) throw error;
  }
}

/** Asks side by side for the roles that the snapshot names. They are accepted one after the other, in their order. */
function beginRoles(
  context: SyncContext,
  source: SourceAhead,
  trusted: TrustedMetadata,
  stored: TrustedMetadata,
): void {
  const { limits, mapRoles, signal } = context;
  const names = trusted.root.value.index?.kind === 'map' ? ['targets', ...mapRoles] : [];
  for (const name of names) {
    const file = trusted.snapshot?.value.meta.get(`${name}.json`);
    const known = name === 'targets' ? stored.targets : stored.delegated.get(name);
    if (file === undefined || file.version === known?.value.version) continue;
    const maxLength = Math.min(limits.targets, file.length ?? limits.targets);
    source.begin(metadataPath(trusted, name, file.version), optionsOf(maxLength, signal));
  }
}

function optionsOf(maxLength: number, signal: AbortSignal | undefined): FetchOptions {
  return { maxLength, ...(signal && { signal }) };
}

function rootPath(version: number): string {
  return `metadata/${version}.root.json`;
}

/** TUF specification 5.3: one version after the other, until the repository has no newer one. */
async function followRoots(
  context: SyncContext,
  start: TrustedMetadata,
  changes: Map<string, Uint8Array | null>,
): Promise<TrustedMetadata> {
  let trusted = start;
  for (let rotations = 0; ; rotations++) {
    const version = trusted.root.value.version + 1;
    const path = rootPath(version);
    context.signal?.throwIfAborted();
    const bytes = await context.source.fetch(path, optionsOf(context.limits.root, context.signal));
    if (bytes === null) return trusted;
    if (rotations === context.limits.rootRotations) {
      throw fail('CLIENT_ROOT_ROTATIONS', `root: more than ${rotations} versions in one update`, {
        details: { version, limit: rotations },
      });
    }
    try {
      trusted = acceptRoot(trusted, bytes);
    } catch (error) {
      if (!isTufError(error) || context.source.reject?.(path, error) !== true) throw error;
      rotations -= 1;
      continue;
    }
    changes.set(`root.${version}`, bytes);
  }
}

async function fetchRole(
  context: SyncContext,
  path: string,
  name: string,
  file: MetaFile,
  limit: number,
  accept: (bytes: Uint8Array) => TrustedMetadata,
): Promise<TrustedMetadata> {
  return fetchAccepted(
    context.source,
    path,
    Math.min(limit, file.length ?? limit),
    `version ${file.version} of ${name} is signed`,
    accept,
    context.signal,
  );
}

function record(
  changes: Map<string, Uint8Array | null>,
  document: string,
  accepted: { readonly bytes: Uint8Array } | undefined,
  stored: { readonly bytes: Uint8Array } | undefined,
): void {
  if (accepted !== undefined && accepted !== stored) changes.set(document, accepted.bytes);
}

function bytesOf(trusted: TrustedMetadata, name: string): Uint8Array {
  const role =
    name === 'snapshot'
      ? trusted.snapshot
      : name === 'targets'
        ? trusted.targets
        : trusted.delegated.get(name);
  return (role as Verified<Targets>).bytes;
}
