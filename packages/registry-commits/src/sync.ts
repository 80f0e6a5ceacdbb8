// One update of a signed registry: from what is trusted to what was fetched, or a refusal that changes nothing but the root.
// A root that the rotation tags lead to is kept at once, so that a tip that is refused cannot hide it the next time. What is
// trusted already is not written again.

import { equalBytes } from '@cargo-tuf/keys';
import type { ObjectId } from '@cargo-tuf/git-object';
import { assertFloors, type RegistryFloors } from './floors.ts';
import type { Freshness } from './fresh.ts';
import { REGISTRY_LIMITS, type RegistryLimits } from './limits.ts';
import type { RegistrySource } from './source.ts';
import { formatState, ROOT_DOCUMENT, STATE_DOCUMENT } from './state.ts';
import { verifyTip } from './tip.ts';
import { assertFormat, followToKept, loadState, type StateOptions } from './trusted-state.ts';
import type { VerifiedRegistry } from './verified-registry.ts';

/** `anchor`: the root.toml that is pinned: `ProposedAnchor.bytes`, once the user agreed, or one that was shipped. */
export interface SyncOptions extends StateOptions {
  readonly source: RegistrySource;
  /** Lowest acceptable versions from outside. */
  readonly floors?: RegistryFloors;
  readonly limits?: Partial<RegistryLimits>;
}

/** Verifies the commit `tip`, and makes it what is trusted. Throws `REGISTRY_…`, `METADATA_…`, `OPENPGP_…`, `GIT_OBJECT_…`. */
export function syncRegistry(tip: ObjectId, options: SyncOptions): Promise<VerifiedRegistry> {
  return acceptTip(tip, options);
}

/** For this package. */
export async function acceptTip(tip: ObjectId, options: SyncOptions & Freshness): Promise<VerifiedRegistry> {
  const { source, store } = options;
  const limits = { ...REGISTRY_LIMITS, ...options.limits };
  const loaded = await loadState(options);
  const { documents, state: before } = loaded;
  let { revision } = loaded;
  assertFormat(before, source.format);
  const roots = await followToKept(source, loaded, limits, options);
  const trusted = roots.at(-1) ?? roots[0];
  if (trusted.root.version > Math.max(roots[0].root.version, loaded.kept?.root.version ?? 0))
    revision = await store.replace(revision, new Map([[ROOT_DOCUMENT, trusted.bytes]]));
  const { registry, state } = await verifyTip({ ...options, trusted, before, limits }, tip);
  assertFloors(registry, options.floors ?? {});
  const changes = new Map([
    [ROOT_DOCUMENT, trusted.bytes],
    [STATE_DOCUMENT, formatState(state)],
  ]);
  const isKept = [...changes].every(([name, bytes]) => isSame(documents.get(name), bytes));
  if (!isKept) await store.replace(revision, changes);
  return registry;
}

function isSame(kept: Uint8Array | undefined, bytes: Uint8Array): boolean {
  return kept !== undefined && equalBytes(kept, bytes);
}
