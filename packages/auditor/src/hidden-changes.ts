// Files of changes (docs/pouf.md, section 5.2) spare clients proofs: what they do not name is taken for unchanged. The key of
// `crates` signs them, so whoever holds it could keep a client at an old leaf, unseen in the map itself. Who sees both maps sees it.

import { changedSince, type MapContext, shapeOf, type Source } from '@cargo-tuf/client';
import { isTufError } from '@cargo-tuf/errors';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { changesPath } from '@cargo-tuf/merkle-snapshot';
import type { Contradiction } from './contradictions.ts';
import type { VerifiedState } from './signed-state.ts';

export interface Hidden {
  /** Names that changed though the files say that they did not; one without a name where the files are of another past. */
  readonly found: readonly Contradiction[];
  /** The files that say so. */
  readonly files: readonly Uint8Array[];
}

type Ports = Pick<MapContext, 'source' | 'store' | 'signal'>;

/** `changed`: names whose leaves differ. Nothing is found where the repository has no such files, or not as far back. */
export async function hiddenChanges(
  { source, store, signal }: Ports,
  before: VerifiedState,
  after: VerifiedState,
  changed: readonly string[],
): Promise<Hidden> {
  const files = new Map<string, Uint8Array>();
  const context: MapContext = {
    shape: shapeOf('crates', after.repository),
    root: after.crates.root,
    subject: 'crates',
    source: source && recording(source, files),
    store,
    parallel: 1,
    signal,
    tiles: new Map(),
  };
  const [from, to] = [before.crates, after.crates];
  if (from.version >= to.version) return { found: [], files: [] };
  const between = `between map ${from.version} and map ${to.version}`;
  try {
    const mayDiffer = await changedSince(context, to, from, Number.MAX_SAFE_INTEGER);
    const hidden = mayDiffer === undefined ? [] : changed.filter(name => !mayDiffer(name));
    const found = hidden.map(name => ({
      rule: 'hidden' as const,
      map: 'crates' as const,
      name,
      message: `changed ${between}, of which is signed that it did not`,
    }));
    return { found, files: [...files.values()] };
  } catch (error) {
    if (!isTufError(error, 'CLIENT_EQUIVOCATION')) throw error;
    const message = `what is signed to have changed ${between} is of another past: ${error.message}`;
    return {
      found: [{ rule: 'hidden', map: 'crates', name: undefined, message }],
      files: [...files.values()],
    };
  }
}

/** Files of changes from memory, by the hashes that name them. */
export function sourceOfChanges(files: readonly Uint8Array[]): Source {
  const byPath = new Map(files.map(bytes => [changesPath(sha256(bytes)), bytes]));
  return { fetch: async path => byPath.get(path) ?? null };
}

function recording(source: Source, files: Map<string, Uint8Array>): Source {
  return {
    fetch: async (path, options) => {
      const bytes = await source.fetch(path, options);
      if (bytes !== null) files.set(encodeHex(sha256(bytes)), bytes);
      return bytes;
    },
    reject: (path, reason) => source.reject?.(path, reason) === true,
  };
}
