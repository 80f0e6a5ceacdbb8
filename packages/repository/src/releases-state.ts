import { isTufError } from '@cargo-tuf/errors';
import type { PublicKey } from '@cargo-tuf/keys';
import { type Targets, targetUrlPath, type Verified, verifyContent } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import { publicKeysIn } from './next-root.ts';
import type { PublishedBytes } from './published-bytes.ts';
import { RELEASE_DELEGATES, type ReleaseDelegate, type ReleaseHolder } from './release-roles.ts';
import {
  assertRepository,
  byAnyRoot,
  delegatedKeys,
  readDelegated,
  readRole,
  readTopLevel,
  type TopLevelState,
  topLevelKeys,
} from './state.ts';

export interface ReleasesState extends TopLevelState {
  readonly targets: Verified<Targets>;
  readonly delegated: ReadonlyMap<ReleaseDelegate, Verified<Targets>>;
  readonly repository: string;
}

/** The newest complete state of a repository of releases. Throws `REPOSITORY_ABSENT`, or `REPOSITORY_DAMAGED` with what is wrong. */
export async function readReleases(bytes: PublishedBytes): Promise<ReleasesState> {
  const { roots, ...top } = await readTopLevel(bytes);
  const { repository, index } = top.root.value;
  if (repository === undefined || index !== undefined) {
    throw fail(
      'REPOSITORY_DAMAGED',
      'repository: states no repository id, or an index as a registry has it',
      {
        hint: 'give the folder that `tuf-admin release init` made',
      },
    );
  }
  const snapshot = top.snapshot.value;
  const targets = byAnyRoot(roots, 'targets', await readRole(bytes, snapshot, 'targets'));
  const delegated = new Map<ReleaseDelegate, Verified<Targets>>();
  for (const name of RELEASE_DELEGATES)
    delegated.set(name, await readDelegated(bytes, snapshot, targets.value, name));
  assertRepository([...roots, top.timestamp, top.snapshot, targets, ...delegated.values()], repository);
  return { ...top, targets, delegated, repository };
}

export function delegateOf(state: ReleasesState, name: ReleaseDelegate): Targets {
  return (state.delegated.get(name) as Verified<Targets>).value;
}

/** The public keys of every role that has keys of its own, as published. */
export function releaseKeysOf(state: ReleasesState): Readonly<Record<ReleaseHolder, readonly PublicKey[]>> {
  const root = state.root.value;
  const top = (role: 'root' | 'snapshot' | 'timestamp'): readonly PublicKey[] =>
    publicKeysIn(root.keys, topLevelKeys(root, role));
  const delegated = (name: ReleaseDelegate): readonly PublicKey[] => {
    const { keys, role } = delegatedKeys(state.targets.value, name);
    return publicKeysIn(keys, role);
  };
  return {
    root: top('root'),
    release: delegated('release'),
    rustup: delegated('rustup'),
    nightly: delegated('nightly'),
    snapshot: top('snapshot'),
    timestamp: top('timestamp'),
  };
}

/** The bytes of a target that a role lists; undefined where it lists none. Throws `REPOSITORY_DAMAGED`. */
export async function readTarget(
  bytes: PublishedBytes,
  { targets }: Targets,
  path: string,
): Promise<Uint8Array | undefined> {
  const file = targets.get(path);
  if (file === undefined) return undefined;
  const where = `targets/${targetUrlPath(path, file.hashes.get('sha256') ?? '')}`;
  const found = await bytes.get(where);
  try {
    if (found !== null) verifyContent(found.bytes, file, where);
  } catch (cause) {
    if (!isTufError(cause)) throw cause;
    throw fail('REPOSITORY_DAMAGED', `${where}: is not as it was signed`, { cause });
  }
  if (found !== null) return found.bytes;
  throw fail('REPOSITORY_DAMAGED', `${where}: is missing, but it is signed`);
}
