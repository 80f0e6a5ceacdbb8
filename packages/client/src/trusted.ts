// Trusted metadata as a value, and the only functions that move it (TUF specification 1.0.34, section 5).
//
//  1. A root is accepted if its version is one more than the trusted root's, and it is signed by a threshold of the
//     trusted root's root keys and of its own (5.3.4, 5.3.5).
//  2. The last root must not be expired (5.3.10).
//  3. A timestamp is accepted if a threshold of the trusted root's timestamp keys signed it (5.4.2), its version and the
//     snapshot version in it do not fall (5.4.3), and it is not expired (5.4.4).
//  4. A snapshot is accepted if it is the one that the timestamp names, by version, length and hash (5.5.2, 5.5.4), is signed
//     (5.5.3), names every role that the trusted snapshot names at no lower version (5.5.5), and is not expired (5.5.6).
//  5. A targets role is accepted if it is the one that the snapshot names (5.6.2, 5.6.4), is signed by a threshold of the keys
//     that its delegator lists (5.6.3), and is not expired (5.6.5).
//  6. Every role carries the repository id of the trusted root (docs/pouf.md section 2.1).
//
// Authority is (delegator, role): a delegated role is looked up under the delegation that led to it, never by name alone.

import {
  type Audit,
  type DelegatedRole,
  type Envelope,
  type Key,
  type MetaFile,
  parseEnvelope,
  parseRoot,
  type Role,
  type RoleByType,
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
import { DEFAULT_READING, type Reading } from './reading.ts';
import {
  assertNamedVersion,
  assertNotExpired,
  assertNotLower,
  assertRepository,
  assertSameIndex,
} from './role-checks.ts';

export interface TrustedMetadata {
  /** As the trust anchor says. */
  readonly reading: Reading;
  readonly root: Verified<Root>;
  readonly timestamp: Verified<Timestamp> | undefined;
  readonly snapshot: Verified<Snapshot> | undefined;
  readonly targets: Verified<Targets> | undefined;
  /** Roles that `targets` delegates to, by name. */
  readonly delegated: ReadonlyMap<string, Verified<Targets>>;
  /** As many as root requires; none where it requires none. */
  readonly audits?: readonly Verified<Audit>[];
}

/** The start of trust: a root that its own keys signed and that the user chose (5.2). */
export function trustRoot(bytes: Uint8Array, reading: Reading = DEFAULT_READING): TrustedMetadata {
  const envelope = parseEnvelope(bytes, reading.format, reading);
  const claimed = anchorRoot(envelope, reading);
  const role = roleKeys(claimed, 'root');
  const root = verifyRole(envelope, 'root', claimed.keys, role, 'root (trust anchor)', reading);
  return {
    reading,
    root,
    timestamp: undefined,
    snapshot: undefined,
    targets: undefined,
    delegated: new Map(),
  };
}

/** The next root of the chain (5.3.3 to 5.3.6). What hung from the old root must be verified again. */
export function acceptRoot(trusted: TrustedMetadata, bytes: Uint8Array): TrustedMetadata {
  const old = trusted.root.value;
  const expected = old.version + 1;
  const subject = `root ${expected}`;
  const { reading } = trusted;
  const envelope = parseEnvelope(bytes, reading.format, reading);
  const byOld = verifyRole(
    envelope,
    'root',
    old.keys,
    roleKeys(old, 'root'),
    `${subject} by the keys of root ${old.version}`,
    reading,
  );
  const root = verifyRole(
    envelope,
    'root',
    byOld.value.keys,
    roleKeys(byOld.value, 'root'),
    `${subject} by its own keys`,
    reading,
  );
  if (root.value.version !== expected) {
    throw fail('CLIENT_ROOT_VERSION', `${subject}: version ${root.value.version}, expected ${expected}`, {
      details: { version: root.value.version, expected },
    });
  }
  assertRepository(old, root.value, subject);
  assertSameIndex(old, root.value, subject);
  return {
    reading,
    root,
    timestamp: undefined,
    snapshot: undefined,
    targets: undefined,
    delegated: new Map(),
  };
}

/** A timestamp from the network. An equal version gives the state as it was: content of a version never changes. */
export function acceptTimestamp(trusted: TrustedMetadata, bytes: Uint8Array, time: number): TrustedMetadata {
  const timestamp = authenticateTimestamp(trusted, bytes);
  const old = trusted.timestamp?.value;
  if (old !== undefined) {
    if (timestamp.value.version === old.version) {
      assertNotExpired(old, time, 'timestamp');
      return trusted;
    }
    assertNotLower('timestamp', timestamp.value.version, old.version);
    assertNotLower('timestamp: snapshot.json', timestamp.value.snapshot.version, old.snapshot.version);
  }
  const snapshot = trusted.snapshot?.value;
  if (snapshot !== undefined) {
    assertNotLower('timestamp: snapshot.json', timestamp.value.snapshot.version, snapshot.version);
  }
  assertNotExpired(timestamp.value, time, 'timestamp');
  return { ...trusted, timestamp };
}

export function acceptSnapshot(trusted: TrustedMetadata, bytes: Uint8Array, time: number): TrustedMetadata {
  const named = (trusted.timestamp as Verified<Timestamp>).value.snapshot;
  assertContent(trusted, bytes, named, 'snapshot');
  const snapshot = authenticateSnapshot(trusted, bytes);
  assertNamedVersion('snapshot', snapshot.value.version, named, 'timestamp');
  const old = trusted.snapshot?.value;
  for (const [name, file] of old?.meta ?? []) {
    const next = snapshot.value.meta.get(name);
    if (next === undefined) {
      throw fail('CLIENT_ROLLBACK', `snapshot: ${name} is gone, expected version ${file.version} or higher`, {
        details: { role: name, expected: file.version },
      });
    }
    assertNotLower(`snapshot: ${name}`, next.version, file.version);
  }
  assertNotExpired(snapshot.value, time, 'snapshot');
  return { ...trusted, snapshot };
}

export function acceptTargets(trusted: TrustedMetadata, bytes: Uint8Array, time: number): TrustedMetadata {
  const named = namedInSnapshot(trusted, 'targets');
  assertContent(trusted, bytes, named, 'targets');
  const targets = authenticateTargets(trusted, bytes);
  assertNamedVersion('targets', targets.value.version, named, 'snapshot');
  assertNotExpired(targets.value, time, 'targets');
  return { ...trusted, targets, delegated: new Map() };
}

/** A role that the top-level targets delegate to. */
export function acceptDelegated(
  trusted: TrustedMetadata,
  name: string,
  bytes: Uint8Array,
  time: number,
): TrustedMetadata {
  const { keys, role } = delegationOf(trusted, name);
  const accepted = verifyDelegated(trusted, name, keys, role, bytes, time);
  return { ...trusted, delegated: new Map(trusted.delegated).set(name, accepted) };
}

/** A role below the top-level targets, by the keys of the delegation that led to it (5.6.7). */
export function verifyDelegated(
  trusted: TrustedMetadata,
  name: string,
  keys: ReadonlyMap<string, Key>,
  role: RoleKeys,
  bytes: Uint8Array,
  time: number,
): Verified<Targets> {
  const named = namedInSnapshot(trusted, name);
  assertContent(trusted, bytes, named, name);
  const verified = verifyFile(trusted, bytes, 'targets', keys, role, name);
  assertNamedVersion(name, verified.value.version, named, 'snapshot');
  assertNotExpired(verified.value, time, name);
  return ofRepository(trusted.root.value, verified);
}

/** Signatures and repository id only: what a stored file must still pass to count as a version floor (5.4.1 to 5.6.1). */
export function authenticateTimestamp(trusted: TrustedMetadata, bytes: Uint8Array): Verified<Timestamp> {
  return authenticate(trusted, 'timestamp', bytes);
}

export function authenticateSnapshot(trusted: TrustedMetadata, bytes: Uint8Array): Verified<Snapshot> {
  return authenticate(trusted, 'snapshot', bytes);
}

export function authenticateTargets(trusted: TrustedMetadata, bytes: Uint8Array): Verified<Targets> {
  return authenticate(trusted, 'targets', bytes);
}

export function authenticateDelegated(
  trusted: TrustedMetadata,
  name: string,
  bytes: Uint8Array,
): Verified<Targets> {
  const { keys, role } = delegationOf(trusted, name);
  return ofRepository(trusted.root.value, verifyFile(trusted, bytes, 'targets', keys, role, name));
}

function authenticate<T extends TopLevelRole>(
  trusted: TrustedMetadata,
  type: T,
  bytes: Uint8Array,
): Verified<RoleByType[T]> {
  const root = trusted.root.value;
  return ofRepository(root, verifyFile(trusted, bytes, type, root.keys, roleKeys(root, type), type));
}

/** Every file is read as the trust anchor says. */
function verifyFile<T extends TopLevelRole>(
  { reading }: TrustedMetadata,
  bytes: Uint8Array,
  type: T,
  keys: ReadonlyMap<string, Key>,
  role: RoleKeys,
  subject: string,
): Verified<RoleByType[T]> {
  return verifyRole(parseEnvelope(bytes, reading.format, reading), type, keys, role, subject, reading);
}

/** Where a repository has a role's file: under its version, unless it has no consistent snapshots. */
export function metadataPath(trusted: TrustedMetadata, name: string, version: number): string {
  return `metadata/${roleUrlPath(name, trusted.root.value.consistentSnapshot ? version : undefined)}`;
}

/** The file that the trusted snapshot names for a targets role. */
export function namedInSnapshot(trusted: TrustedMetadata, role: string): MetaFile {
  const named = (trusted.snapshot as Verified<Snapshot>).value.meta.get(`${role}.json`);
  if (named === undefined) {
    throw fail('CLIENT_MIX', `snapshot: does not name ${role}.json, expected it`, { details: { role } });
  }
  return named;
}

function anchorRoot(envelope: Envelope, reading: Reading): Root {
  if (envelope.signed.get('_type') !== 'root') {
    throw fail('CLIENT_ANCHOR', 'trust anchor: not a root.json', { details: { local: true } });
  }
  return parseRoot(envelope.signed, 'root', reading);
}

/** A repository with an id states length and hash of every file: a version alone could stand for two contents. */
function assertContent(trusted: TrustedMetadata, bytes: Uint8Array, named: MetaFile, subject: string): void {
  const isOurs = trusted.root.value.repository !== undefined;
  if (isOurs && (named.length === undefined || named.hashes === undefined)) {
    throw fail('CLIENT_NO_HASH', `${subject}: named by version alone, expected its length and its hash`, {
      details: { role: subject, version: named.version },
    });
  }
  verifyContent(bytes, named, subject);
}

/** What the top-level targets say of a delegated role. */
export function delegationOf(
  trusted: TrustedMetadata,
  name: string,
): { keys: ReadonlyMap<string, Key>; role: DelegatedRole } {
  const delegations = (trusted.targets as Verified<Targets>).value.delegations;
  const role = delegations?.roles.find(each => each.name === name);
  if (delegations === undefined || role === undefined) {
    throw fail('CLIENT_MIX', `targets: does not delegate to ${name}, expected it`, {
      details: { role: name },
    });
  }
  return { keys: delegations.keys, role };
}

function roleKeys(root: Root, role: TopLevelRole): RoleKeys {
  return root.roles.get(role) as RoleKeys;
}

function ofRepository<T extends Role>(root: Root, role: Verified<T>): Verified<T> {
  assertRepository(root, role.value, role.value.type);
  return role;
}
