// Reading trusted state back from a store. Documents: `root.<version>` for every root after the anchor, `timestamp`,
// `snapshot`, `targets`, `delegated.<role>`, `floors`, `proved`. Everything is verified again, from the anchor up; what does not verify
// counts as absent.
//
// A sync that was cut off leaves a timestamp (or more) that the rest does not fit. These documents are floors already; what
// they took the place of stands under `complete.<name>` until a sync comes to its end, so that work without a network goes on.

import { isTufError } from '@cargo-tuf/errors';
import type { Targets, Verified } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import { assertRootFloor, type Floors, NO_FLOORS, parseFloors, type RequiredVersions } from './floors.ts';
import { assertMaps } from './map-roots.ts';
import type { Store } from './store.ts';
import {
  acceptDelegated,
  acceptRoot,
  acceptSnapshot,
  acceptTargets,
  acceptTimestamp,
  authenticateDelegated,
  authenticateSnapshot,
  authenticateTargets,
  authenticateTimestamp,
  type TrustedMetadata,
} from './trusted.ts';

export type Documents = ReadonlyMap<string, Uint8Array>;

export interface Synced {
  readonly trusted: TrustedMetadata;
  readonly floors: Floors;
  /** Of the store that this state stands in. */
  readonly revision: number;
  /** The document of proved leaves (proved-leaves.ts). */
  readonly proved: Uint8Array | undefined;
}

interface StoredContext {
  /** Trust in the anchor alone. */
  readonly anchor: TrustedMetadata;
  readonly store: Store;
  readonly required: RequiredVersions;
  /** Delegated roles that a repository with a map must have. */
  readonly mapRoles: readonly string[];
}

/** The documents that a sync replaces before it knows that it comes to its end. */
const REPLACED_EARLY = ['timestamp', 'snapshot', 'targets'] as const;
const BEFORE_EVERY_EXPIRY = Number.NEGATIVE_INFINITY;

/** The last complete state, without a network and without regard to expiry. Throws `CLIENT_NO_STATE` where there is none. */
export async function openStored(context: StoredContext): Promise<Synced> {
  const { documents, revision } = await context.store.read();
  const floors = readFloors(documents);
  const roots = readRoots(context.anchor, documents);
  assertRootFloor(roots.root.value.version, context.required);
  const trusted = readComplete(roots, documents, context.mapRoles);
  assertMaps(trusted, floors, context.required, undefined);
  return { trusted, floors, revision, proved: documents.get('proved') };
}

export function readRoots(anchor: TrustedMetadata, documents: Documents): TrustedMetadata {
  let trusted = anchor;
  for (;;) {
    const bytes = documents.get(`root.${trusted.root.value.version + 1}`);
    const next = bytes && attempt(() => acceptRoot(trusted, bytes));
    if (next === undefined) return trusted;
    trusted = next;
  }
}

/** Adds what the store holds below the root, as far as its signatures hold under this root: the floors of a sync. */
export function readStored(
  start: TrustedMetadata,
  documents: Documents,
  mapRoles: readonly string[],
): TrustedMetadata {
  let trusted = start;
  const read = <T>(name: string, authenticate: (bytes: Uint8Array) => T): T | undefined => {
    const bytes = documents.get(name);
    return bytes && attempt(() => authenticate(bytes));
  };
  const timestamp = read('timestamp', bytes => authenticateTimestamp(trusted, bytes));
  const snapshot = read('snapshot', bytes => authenticateSnapshot(trusted, bytes));
  const targets = read('targets', bytes => authenticateTargets(trusted, bytes));
  trusted = { ...trusted, timestamp, snapshot, targets };
  if (targets === undefined) return trusted;
  const delegated = new Map<string, Verified<Targets>>();
  for (const name of mapRoles) {
    const role = read(`delegated.${name}`, bytes => authenticateDelegated(trusted, name, bytes));
    if (role !== undefined) delegated.set(name, role);
  }
  return { ...trusted, delegated };
}

export function readFloors(documents: Documents): Floors {
  const bytes = documents.get('floors');
  return bytes === undefined ? NO_FLOORS : parseFloors(bytes);
}

/** Keeps what an unfinished sync takes the place of. */
export function keepComplete(documents: Documents, changes: Map<string, Uint8Array | null>): void {
  for (const name of REPLACED_EARLY) {
    const bytes = documents.get(name);
    if (bytes === undefined || !changes.has(name) || documents.has(`complete.${name}`)) continue;
    changes.set(`complete.${name}`, bytes);
  }
}

/** After a sync that came to its end. */
export function dropComplete(documents: Documents, changes: Map<string, Uint8Array | null>): void {
  for (const name of REPLACED_EARLY)
    if (documents.has(`complete.${name}`)) changes.set(`complete.${name}`, null);
}

/** The transitions of a sync, on what the store holds, at a time at which nothing has expired. */
function readComplete(
  roots: TrustedMetadata,
  documents: Documents,
  mapRoles: readonly string[],
): TrustedMetadata {
  const read = (name: string): Uint8Array => {
    const bytes = documents.get(`complete.${name}`) ?? documents.get(name);
    if (bytes === undefined) throw fail('CLIENT_NO_STATE', `store: holds no ${name} of this repository`);
    return bytes;
  };
  try {
    let trusted = acceptTimestamp(roots, read('timestamp'), BEFORE_EVERY_EXPIRY);
    trusted = acceptSnapshot(trusted, read('snapshot'), BEFORE_EVERY_EXPIRY);
    trusted = acceptTargets(trusted, read('targets'), BEFORE_EVERY_EXPIRY);
    if (trusted.root.value.index?.kind !== 'map') return trusted;
    for (const name of mapRoles) {
      trusted = acceptDelegated(trusted, name, read(`delegated.${name}`), BEFORE_EVERY_EXPIRY);
    }
    return trusted;
  } catch (cause) {
    if (!isTufError(cause)) throw cause;
    throw fail('CLIENT_NO_STATE', 'store: holds no complete state of this repository', { cause });
  }
}

/** The value, or undefined where `work` refuses with an error of ours. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isTufError(error)) return undefined;
    throw error;
  }
}
