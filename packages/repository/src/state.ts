// What is published, read back and verified: signatures, hashes, and of the map what is asked for. The published files are the
// publisher's only state, so that a repository can be taken over from a copy and a pair of keys.

import { isTufError } from '@cargo-tuf/errors';
import { decodeHex } from '@cargo-tuf/keys';
import { foldCrateName, indexPathOfLowerCase, writeIndexPath } from '@cargo-tuf/crate-index';
import type { MapShape, MerkleTree } from '@cargo-tuf/merkle-snapshot';
import {
  type DelegatedRole,
  type Key,
  type MetaFile,
  parseEnvelope,
  parseRoot,
  type Role,
  type Root,
  type RoleKeys,
  roleUrlPath,
  type Snapshot,
  type Targets,
  type Timestamp,
  type TopLevelRole,
  type Verified,
  verifyContent,
  verifyRole,
} from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import type { PublishedBytes } from './published-bytes.ts';
import { openMap, readMap } from './read-map.ts';

/** What every repository has above its targets. */
export interface TopLevelState {
  readonly root: Verified<Root>;
  readonly timestamp: Verified<Timestamp>;
  readonly timestampTag: string;
  readonly snapshot: Verified<Snapshot>;
}

export interface PublishedState extends TopLevelState {
  readonly targets: Verified<Targets>;
  readonly claims: Verified<Targets>;
  readonly crates: Verified<Targets>;
  readonly repository: string;
  /** What was read of the map: any other leaf that is looked at throws `MERKLE_SEALED`. */
  readonly tree: MerkleTree;
}

/**
 * Reads the newest complete state, with the leaves of `names` and the tiles that lead to them; without names the whole map.
 * Throws `REPOSITORY_ABSENT`, or `REPOSITORY_DAMAGED` with the file that is wrong.
 */
export async function readState(bytes: PublishedBytes, names?: Iterable<string>): Promise<PublishedState> {
  const { roots, ...top } = await readTopLevel(bytes);
  const { targets, claims, crates } = await readSnapshotRoles(bytes, roots, top.snapshot.value);
  const repository = top.root.value.repository;
  if (repository === undefined || crates.value.map === undefined || claims.value.map === undefined) {
    throw fail('REPOSITORY_DAMAGED', 'repository: states no repository id or no map');
  }
  assertRepository([...roots, top.timestamp, top.snapshot, targets, claims, crates], repository);
  const tree = await readMap(bytes, indexShape(repository), crates.value.map, names);
  return { ...top, targets, claims, crates, repository, tree };
}

/** All versions of root, and what the newest timestamp leads to. Throws `REPOSITORY_ABSENT`, `REPOSITORY_DAMAGED`. */
export async function readTopLevel(
  bytes: PublishedBytes,
): Promise<TopLevelState & { readonly roots: readonly Verified<Root>[] }> {
  const roots = await readRoots(bytes);
  const root = roots.at(-1) as Verified<Root>;
  const stamp = await bytes.get('metadata/timestamp.json');
  if (stamp === null) throw fail('REPOSITORY_ABSENT', 'repository: has no metadata/timestamp.json');
  const timestamp = byAnyRoot(roots, 'timestamp', stamp.bytes);
  const snapshotBytes = await readNamed(bytes, 'snapshot', timestamp.value.snapshot);
  const snapshot = byAnyRoot(roots, 'snapshot', snapshotBytes);
  return { roots, root, timestamp, timestampTag: stamp.tag, snapshot };
}

export function assertRepository(roles: readonly Verified<Role>[], repository: string): void {
  for (const { value } of roles) {
    if (value.repository === repository) continue;
    throw fail('REPOSITORY_DAMAGED', `${value.type}: repository ${value.repository}, expected ${repository}`);
  }
}

/** The roles that a snapshot names. Throws `REPOSITORY_DAMAGED` for one that is missing. */
export async function readSnapshotRoles(
  bytes: PublishedBytes,
  roots: readonly Verified<Root>[],
  snapshot: Snapshot,
): Promise<Pick<PublishedState, 'targets' | 'claims' | 'crates'>> {
  const targets = byAnyRoot(roots, 'targets', await readRole(bytes, snapshot, 'targets'));
  const claims = await readDelegated(bytes, snapshot, targets.value, 'claims');
  const crates = await readDelegated(bytes, snapshot, targets.value, 'crates');
  return { targets, claims, crates };
}

/** The map of this state, with the leaves of more names, or of all. Throws `REPOSITORY_DAMAGED`. */
export function readLeaves(
  bytes: PublishedBytes,
  { tree }: PublishedState,
  names?: Iterable<string>,
): Promise<MerkleTree> {
  return openMap(bytes, tree, names);
}

export function indexShape(repository: string): MapShape {
  return {
    map: 1,
    repository: decodeHex(repository, 32),
    path: indexPathOfLowerCase,
    writePath: writeIndexPath,
  };
}

export function claimsShape(repository: string): MapShape {
  return { map: 2, repository: decodeHex(repository, 32), path: foldCrateName };
}

export function topLevelKeys(root: Root, role: TopLevelRole): RoleKeys {
  return root.roles.get(role) as RoleKeys;
}

/** True when the keys of this root, and no others, are enough for the file. */
export function isSignedUnder(
  root: Root,
  role: 'timestamp' | 'snapshot' | 'targets',
  bytes: Uint8Array,
): boolean {
  try {
    verifyRole(parseEnvelope(bytes), role, root.keys, topLevelKeys(root, role), role);
    return true;
  } catch (error) {
    if (isTufError(error)) return false;
    throw error;
  }
}

export function delegatedKeys(
  targets: Targets,
  name: string,
): { readonly keys: ReadonlyMap<string, Key>; readonly role: DelegatedRole } {
  const role = targets.delegations?.roles.find(each => each.name === name);
  if (targets.delegations === undefined || role === undefined) {
    throw fail('REPOSITORY_DAMAGED', `targets: does not delegate to ${name}`);
  }
  return { keys: targets.delegations.keys, role };
}

/** All versions of root, each verified by the one before it. */
export async function readRoots(bytes: PublishedBytes): Promise<Verified<Root>[]> {
  const roots: Verified<Root>[] = [];
  for (let version = 1; ; version++) {
    const file = await bytes.get(`metadata/${version}.root.json`);
    if (file === null) break;
    const envelope = parseEnvelope(file.bytes);
    const signers = roots.at(-1)?.value ?? parseRoot(envelope.signed);
    const byOld = verifyRole(
      envelope,
      'root',
      signers.keys,
      topLevelKeys(signers, 'root'),
      `root ${version}`,
    );
    if (byOld.value.version !== version) {
      throw fail('REPOSITORY_DAMAGED', `metadata/${version}.root.json: has version ${byOld.value.version}`);
    }
    roots.push(
      verifyRole(envelope, 'root', byOld.value.keys, topLevelKeys(byOld.value, 'root'), `root ${version}`),
    );
  }
  if (roots.length === 0) throw fail('REPOSITORY_ABSENT', 'repository: has no metadata/1.root.json');
  return roots;
}

/** The newest root's keys come first; an older root's only match where a rotation was cut off before its end. */
export function byAnyRoot<T extends 'timestamp' | 'snapshot' | 'targets'>(
  roots: readonly Verified<Root>[],
  type: T,
  bytes: Uint8Array,
): ReturnType<typeof verifyRole<T>> {
  const envelope = parseEnvelope(bytes);
  let first: unknown;
  for (const root of roots.toReversed()) {
    try {
      return verifyRole(envelope, type, root.value.keys, topLevelKeys(root.value, type), type);
    } catch (error) {
      if (!isTufError(error)) throw error;
      first ??= error;
    }
  }
  throw first;
}

async function readNamed(bytes: PublishedBytes, name: string, file: MetaFile): Promise<Uint8Array> {
  const path = `metadata/${roleUrlPath(name, file.version)}`;
  const found = await bytes.get(path);
  if (found === null) throw fail('REPOSITORY_DAMAGED', `${path}: is missing, but its parent names it`);
  verifyContent(found.bytes, file, path);
  return found.bytes;
}

/** The bytes of a role that the snapshot names. Throws `REPOSITORY_DAMAGED`. */
export async function readRole(bytes: PublishedBytes, snapshot: Snapshot, name: string): Promise<Uint8Array> {
  const file = snapshot.meta.get(`${name}.json`);
  if (file === undefined) throw fail('REPOSITORY_DAMAGED', `snapshot: does not name ${name}.json`);
  return readNamed(bytes, name, file);
}

export async function readDelegated(
  bytes: PublishedBytes,
  snapshot: Snapshot,
  targets: Targets,
  name: string,
): Promise<Verified<Targets>> {
  const { keys, role } = delegatedKeys(targets, name);
  return verifyRole(parseEnvelope(await readRole(bytes, snapshot, name)), 'targets', keys, role, name);
}
