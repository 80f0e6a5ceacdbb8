// Which files in `metadata/` a client may still go by, and what the others name.
//
// A client takes a snapshot that has not expired, by a clock that may be a day behind, and goes by it for hours. So a snapshot is
// retained for a time after its expiry; and the newest one always, with those above it, which a publisher has just written. They are
// no chain: a publisher that lost a race, or was killed, leaves roles that no timestamp ever named. A role that no snapshot names is
// retained by its own expiry. Where root has auditors, clients look into the maps that audits state as well, however old these are.

import { isTufError } from '@cargo-tuf/errors';
import {
  type Audit,
  parseEnvelope,
  parseTargets,
  type Root,
  type Snapshot,
  type Targets,
  type Verified,
  verifyRole,
} from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import { NamedFiles, ROLE_FILES, type RoleFile } from './named-files.ts';
import type { PrunableBytes } from './published-bytes.ts';
import { byAnyRoot, type PublishedState, readRoots, readSnapshotRoles } from './state.ts';

export interface Retention {
  /** Numbers of snapshots. */
  readonly retained: number;
  readonly retired: number;
  /** What the retained snapshots name, newest first: all of it must stand there. */
  readonly needed: NamedFiles;
  /** What clients may look into as well. What is missing of it, nobody gets to. */
  readonly lookedInto: NamedFiles;
  readonly unneeded: NamedFiles;
  /** Paths of what is not retained. A snapshot is to go after the roles that it names, which would look unnamed without it. */
  readonly bundles: readonly string[];
  readonly roles: readonly string[];
  readonly snapshots: readonly string[];
}

/**
 * `state`: the newest. `horizon`, in milliseconds since 1970: what expired before it is not retained. Throws `REPOSITORY_DAMAGED`
 * for any role that cannot be read, since nothing else says whether it is retained.
 */
export async function readRetention(
  bytes: PrunableBytes,
  state: PublishedState,
  horizon: number,
): Promise<Retention> {
  const roots = await readRoots(bytes);
  const versions = await listVersions(bytes);
  const newest = state.snapshot.value;
  const [needed, lookedInto, unneeded] = [0, 1, 2].map(() => new NamedFiles(state.repository)) as Three;
  const named = new Set<string>();
  const kept = new Set<string>();
  const retired = new Set<number>();
  for (const version of versions.snapshot) {
    const snapshot = await readSnapshot(bytes, roots, state.repository, version);
    const isRetained = version >= newest.version || snapshot.expires > horizon;
    for (const role of ROLE_FILES) {
      named.add(fileOf(snapshot, role));
      if (isRetained) kept.add(fileOf(snapshot, role));
    }
    if (isRetained) {
      const roles = await readSnapshotRoles(bytes, roots, snapshot);
      for (const role of ROLE_FILES) needed.addRole(role, roles[role].value);
    } else {
      retired.add(version);
    }
  }
  // The role that states an audited map stays with it, and leads to it when the audit is no more.
  const audited = new Set<string | undefined>();
  for (const audit of await readAudits(bytes, roots, state.repository, horizon)) {
    for (const role of ['crates', 'claims'] as const) {
      lookedInto.addMap(role, audit[role]);
      if (audit[role].size > 0) audited.add(audit[role].root);
    }
  }
  const roles: string[] = [];
  for (const role of ROLE_FILES) {
    const last = newest.meta.get(`${role}.json`)?.version ?? 0;
    for (const version of versions[role]) {
      const file = `${version}.${role}.json`;
      if (kept.has(file)) continue;
      const value = await readUnverified(bytes, state.repository, file);
      const isInUse = !named.has(file) && value.expires > horizon;
      const isRetained = version > last || isInUse || audited.has(value.map?.root);
      (isRetained ? lookedInto : unneeded).addRole(role, value);
      if (!isRetained) roles.push(`metadata/${file}`);
    }
  }
  const standing = new Set(versions.snapshot);
  const bundles = versions.bundle.filter(
    version => version < newest.version && (retired.has(version) || !standing.has(version)),
  );
  return {
    retained: standing.size - retired.size,
    retired: retired.size,
    needed,
    lookedInto,
    unneeded,
    bundles: bundles.map(version => `metadata/${version}.bundle`),
    roles,
    snapshots: Array.from(retired, version => `metadata/${version}.snapshot.json`),
  };
}

type Three = [NamedFiles, NamedFiles, NamedFiles];
type VersionedFile = RoleFile | 'snapshot' | 'bundle';

/** The versions of each file in `metadata/`, highest first. */
async function listVersions(
  bytes: PrunableBytes,
): Promise<Readonly<Record<VersionedFile, readonly number[]>>> {
  const versions = { targets: [], claims: [], crates: [], snapshot: [], bundle: [] } as Record<
    VersionedFile,
    number[]
  >;
  for (const name of await bytes.list('metadata')) {
    const parts = /^([1-9][0-9]{0,15})\.(?:(targets|claims|crates|snapshot)\.json|(bundle))$/.exec(name);
    const file = (parts?.[2] ?? parts?.[3]) as VersionedFile | undefined;
    if (file !== undefined && Number.isSafeInteger(Number(parts?.[1])))
      versions[file].push(Number(parts?.[1]));
  }
  for (const each of Object.values(versions)) each.sort((left, right) => right - left);
  return versions;
}

function fileOf(snapshot: Snapshot, role: RoleFile): string {
  const file = snapshot.meta.get(`${role}.json`);
  if (file !== undefined) return `${file.version}.${role}.json`;
  throw fail('REPOSITORY_DAMAGED', `snapshot ${snapshot.version}: does not name ${role}.json`);
}

async function readSnapshot(
  bytes: PrunableBytes,
  roots: readonly Verified<Root>[],
  repository: string,
  version: number,
): Promise<Snapshot> {
  const path = `metadata/${version}.snapshot.json`;
  const { value } = await readable(path, async () =>
    byAnyRoot(roots, 'snapshot', await contentOf(bytes, path)),
  );
  if (value.version === version && value.repository === repository) return value;
  throw fail('REPOSITORY_DAMAGED', `${path}: version ${value.version} of ${value.repository}`);
}

/** A role that no retained snapshot vouches for. What it names is removed only where nothing that is retained names it. */
async function readUnverified(bytes: PrunableBytes, repository: string, file: string): Promise<Targets> {
  const path = `metadata/${file}`;
  const value = await readable(path, async () =>
    parseTargets(parseEnvelope(await contentOf(bytes, path)).signed, path),
  );
  if (value.repository === repository) return value;
  throw fail('REPOSITORY_DAMAGED', `${path}: repository ${value.repository}, expected ${repository}`);
}

async function contentOf(bytes: PrunableBytes, path: string): Promise<Uint8Array> {
  const found = await bytes.get(path);
  if (found !== null) return found.bytes;
  throw fail('REPOSITORY_CONFLICT', `${path}: vanished meanwhile`);
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!isTufError(cause) || !/^(?:JSON|METADATA|KEYS)_/.test(cause.code)) throw cause;
    throw fail('REPOSITORY_DAMAGED', `${path}: ${cause.message}`, {
      cause,
      details: { ...cause.details, path },
    });
  }
}

/** Audits that a client may count: by a key that some root lists under their name, of this repository. */
async function readAudits(
  bytes: PrunableBytes,
  roots: readonly Verified<Root>[],
  repository: string,
  horizon: number,
): Promise<readonly Audit[]> {
  const audits: Audit[] = [];
  const keyIds = new Set(roots.flatMap(root => [...(root.value.auditors?.keys.keys() ?? [])]));
  for (const keyId of keyIds) {
    const found = await bytes.get(`audits/${keyId}.json`);
    const audit = found === null ? undefined : verifiedAudit(roots, keyId, found.bytes);
    if (audit?.repository === repository && audit.expires > horizon) audits.push(audit);
  }
  return audits;
}

function verifiedAudit(
  roots: readonly Verified<Root>[],
  keyId: string,
  bytes: Uint8Array,
): Audit | undefined {
  for (const { value } of roots.toReversed()) {
    const keys = value.auditors?.keys;
    if (keys?.has(keyId) !== true) continue;
    try {
      return verifyRole(parseEnvelope(bytes), 'audit', keys, { keyIds: [keyId], threshold: 1 }, 'audit')
        .value;
    } catch (error) {
      // Clients pass over it as well.
      if (!isTufError(error)) throw error;
    }
  }
  return undefined;
}
