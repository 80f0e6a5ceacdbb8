// What is trusted before a network is asked: what to fetch, and what can be used without one.

import { equalBytes } from '@cargo-tuf/keys';
import type { ObjectFormat, ObjectId } from '@cargo-tuf/git-object';
import { fail } from './errors.ts';
import type { RegistryStore } from './source.ts';
import type { SignatureOptions } from './signatures.ts';
import { parseState, ROOT_DOCUMENT, STATE_DOCUMENT, type RegistryState } from './state.ts';
import { openRoot, type TrustedRoot } from './trusted-root.ts';

export interface TrustedState {
  /** The version of the root.toml that is trusted; the next rotation has one more. */
  readonly root: number;
  /** The commit that was verified last, and the format of its id; undefined before the first update. */
  readonly commit: ObjectId | undefined;
  readonly format: ObjectFormat | undefined;
}

export interface StateOptions extends SignatureOptions {
  readonly store: RegistryStore;
  /** The root.toml that is pinned. */
  readonly anchor: Uint8Array;
}

/** Throws `REGISTRY_STATE`, `REGISTRY_ANCHOR`, what is wrong with the anchor, and `REGISTRY_FORMAT` where `format` is given. */
export async function readTrustedState(
  options: StateOptions & { readonly format?: ObjectFormat },
): Promise<TrustedState> {
  const { root, state } = await loadState(options);
  if (options.format !== undefined) assertFormat(state, options.format);
  return { root: root.root.version, commit: state?.commit, format: state?.objects };
}

export interface LoadedState {
  readonly revision: number;
  readonly root: TrustedRoot;
  readonly state: RegistryState | undefined;
  /** As they stand in the store. */
  readonly documents: ReadonlyMap<string, Uint8Array>;
}

export async function loadState(options: StateOptions): Promise<LoadedState> {
  const { revision, documents } = await options.store.read();
  const bytes = documents.get(STATE_DOCUMENT);
  return {
    revision,
    documents,
    state: bytes === undefined ? undefined : parseState(bytes),
    root: latest(documents.get(ROOT_DOCUMENT), options),
  };
}

/** The later of the two; they are of one registry, and one version has one content. */
function latest(kept: Uint8Array | undefined, options: StateOptions): TrustedRoot {
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

export function assertFormat(state: RegistryState | undefined, format: ObjectFormat): void {
  if (state === undefined || state.objects === format) return;
  throw fail('REGISTRY_FORMAT', `repository: objects of ${format}, trusted ${state.objects}`, {
    details: { found: format, trusted: state.objects },
  });
}
