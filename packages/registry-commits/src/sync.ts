// One update of a signed registry: from what is trusted to what was fetched, or a refusal that changes nothing but the root.
// A root that the rotation tags lead to is kept at once, so that a tip that is refused cannot hide it the next time.

import { equalBytes } from '@cargo-tuf/keys';
import type { ObjectId } from '@cargo-tuf/git-object';
import { fail } from './errors.ts';
import type { Freshness } from './fresh.ts';
import { REGISTRY_LIMITS, type RegistryLimits } from './limits.ts';
import { followRotations } from './rotations.ts';
import type { SignatureOptions } from './signatures.ts';
import type { RegistrySource, RegistryStore } from './source.ts';
import { formatState, parseState, ROOT_DOCUMENT, STATE_DOCUMENT, type RegistryState } from './state.ts';
import { verifyTip } from './tip.ts';
import { openRoot, type TrustedRoot } from './trusted-root.ts';
import type { VerifiedRegistry } from './verified-registry.ts';

export interface SyncOptions extends SignatureOptions {
  readonly source: RegistrySource;
  readonly store: RegistryStore;
  /** The root.toml that is pinned: `ProposedAnchor.bytes`, once the user agreed, or one that was shipped. */
  readonly anchor: Uint8Array;
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
  const { revision: found, documents } = await store.read();
  let revision = found;
  const before = readState(documents.get(STATE_DOCUMENT), source);
  const start = latest(documents.get(ROOT_DOCUMENT), options);
  const trusted = await followRotations(source, start, limits, options);
  if (trusted !== start) revision = await store.replace(revision, new Map([[ROOT_DOCUMENT, trusted.bytes]]));
  const { registry, state } = await verifyTip({ ...options, trusted, before, limits }, tip);
  await store.replace(
    revision,
    new Map([
      [ROOT_DOCUMENT, trusted.bytes],
      [STATE_DOCUMENT, formatState(state)],
    ]),
  );
  return registry;
}

function readState(bytes: Uint8Array | undefined, { format }: RegistrySource): RegistryState | undefined {
  if (bytes === undefined) return undefined;
  const state = parseState(bytes);
  if (state.objects === format) return state;
  throw fail('REGISTRY_FORMAT', `repository: objects of ${format}, trusted ${state.objects}`, {
    details: { found: format, trusted: state.objects },
  });
}

/** The later of the two; they are of one registry, and one version has one content. */
function latest(kept: Uint8Array | undefined, options: SyncOptions): TrustedRoot {
  const anchor = openRoot(options.anchor, options);
  if (kept === undefined) return anchor;
  const root = openRoot(kept, options);
  const [version, pinned] = [root.root.version, anchor.root.version];
  const isOther = root.root.repository !== anchor.root.repository;
  if (isOther || (version === pinned && !equalBytes(kept, options.anchor))) {
    throw fail('REGISTRY_ANCHOR', `anchor: root.toml version ${pinned} is not what is trusted (${version})`, {
      details: { pinned, trusted: version },
    });
  }
  return version >= pinned ? root : anchor;
}
