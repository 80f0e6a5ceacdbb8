// What is trusted before a network is asked: what to fetch, and what can be used without one.

import { equalBytes } from '@cargo-tuf/keys';
import type { ObjectFormat, ObjectId } from '@cargo-tuf/git-object';
import { fail } from './errors.ts';
import type { RegistryLimits } from './limits.ts';
import { followRotations, rotationTag } from './rotations.ts';
import type { RegistrySource, RegistryStore } from './source.ts';
import type { SignatureOptions } from './signatures.ts';
import { parseState, ROOT_DOCUMENT, STATE_DOCUMENT, type RegistryState } from './state.ts';
import { openRoot, type TrustedRoot } from './trusted-root.ts';

export interface TrustedState {
  /** The version of the root.toml that is pinned: the tags of the rotations after it are followed each time. */
  readonly anchor: number;
  /** The version of the root.toml that they led to. */
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
  const { anchor, kept, state } = await loadState(options);
  if (options.format !== undefined) assertFormat(state, options.format);
  const { version } = anchor.root;
  const root = Math.max(version, kept?.root.version ?? 0);
  return { anchor: version, root, commit: state?.commit, format: state?.objects };
}

export interface LoadedState {
  readonly revision: number;
  readonly anchor: TrustedRoot;
  /** The root.toml that was trusted last: a floor, and no more than that. Trust comes from the anchor, by way of the tags. */
  readonly kept: TrustedRoot | undefined;
  readonly state: RegistryState | undefined;
  /** As they stand in the store. */
  readonly documents: ReadonlyMap<string, Uint8Array>;
}

export async function loadState(options: StateOptions): Promise<LoadedState> {
  const { revision, documents } = await options.store.read();
  const [bytes, root] = [documents.get(STATE_DOCUMENT), documents.get(ROOT_DOCUMENT)];
  return {
    revision,
    documents,
    state: bytes === undefined ? undefined : parseState(bytes),
    anchor: openRoot(options.anchor, options),
    kept: root === undefined ? undefined : openRoot(root, options),
  };
}

/** Every root.toml from the anchor on, where none that was trusted before is left out or became another. */
export async function followToKept(
  source: RegistrySource,
  { anchor, kept }: LoadedState,
  limits: RegistryLimits,
  options: StateOptions,
): Promise<readonly [TrustedRoot, ...TrustedRoot[]]> {
  const roots = await followRotations(source, anchor, limits, options);
  if (kept === undefined) return roots;
  const { version, repository } = kept.root;
  const pinned = anchor.root.version;
  const found = roots[version - pinned];
  const isOther = repository !== anchor.root.repository;
  if (isOther || (found !== undefined && !equalBytes(found.bytes, kept.bytes))) {
    throw fail('REGISTRY_ANCHOR', `anchor: root.toml version ${pinned} is not what is trusted (${version})`, {
      details: { pinned, trusted: version },
    });
  }
  if (found !== undefined || version < pinned) return roots;
  const reached = pinned + roots.length - 1;
  const next = rotationTag(reached + 1);
  throw fail(
    'REGISTRY_ROOT_ROLLBACK',
    `root.toml: version ${reached}, trusted ${version}, and there is no tag ${next}`,
    {
      details: { found: reached, trusted: version },
    },
  );
}

export function assertFormat(state: RegistryState | undefined, format: ObjectFormat): void {
  if (state === undefined || state.objects === format) return;
  throw fail('REGISTRY_FORMAT', `repository: objects of ${format}, trusted ${state.objects}`, {
    details: { found: format, trusted: state.objects },
  });
}
