// What a role says once its bytes were read: plain data, independent of the envelope that carried it.
// Specification 1.0.34, section 4; the fields of `x-cargo-tuf` are those of docs/pouf.md, section 2.1.

import type { JsonObject } from '@cargo-tuf/canonical-json';
import type { PublicKey } from '@cargo-tuf/keys';

export type TopLevelRole = 'root' | 'timestamp' | 'snapshot' | 'targets';

/** What a parent says about a metadata file (METAFILES). */
export interface MetaFile {
  readonly version: number;
  readonly length?: number;
  /** Algorithm to lower-case hex digits. Never empty. */
  readonly hashes?: ReadonlyMap<string, string>;
}

/** What a targets role says about a target (TARGETS). */
export interface TargetFile {
  readonly length: number;
  readonly hashes: ReadonlyMap<string, string>;
  readonly custom?: JsonObject;
}

export interface Key {
  /** Opaque when read. */
  readonly keyId: string;
  /** Undefined for a key type or scheme that is not spoken: tolerated, and never counted. */
  readonly publicKey: PublicKey | undefined;
  readonly raw: JsonObject;
}

export interface RoleKeys {
  readonly keyIds: readonly string[];
  readonly threshold: number;
}

interface Common {
  readonly specVersion: string;
  readonly version: number;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly expires: number;
  /** The repository id of `x-cargo-tuf`: 64 lower-case hex digits. */
  readonly repository: string | undefined;
  /** The whole tree under `signed`, unknown fields included. */
  readonly signed: JsonObject;
}

/** How crates are looked up. Pinned by root, never sniffed. */
export type IndexKind = { readonly kind: 'map'; readonly epoch: number } | { readonly kind: 'bins' };

export interface Root extends Common {
  readonly type: 'root';
  readonly consistentSnapshot: boolean;
  readonly keys: ReadonlyMap<string, Key>;
  readonly roles: ReadonlyMap<TopLevelRole, RoleKeys>;
  readonly index: IndexKind | undefined;
  /** The lowest acceptable version of the claims map; 0 when absent. */
  readonly claimsFloor: number;
}

export interface Timestamp extends Common {
  readonly type: 'timestamp';
  readonly snapshot: MetaFile;
  /** 64 lower-case hex digits (TAP 16). */
  readonly merkleRoot: string | undefined;
}

export interface Snapshot extends Common {
  readonly type: 'snapshot';
  /** By file name: "targets.json". */
  readonly meta: ReadonlyMap<string, MetaFile>;
}

export interface Targets extends Common {
  readonly type: 'targets';
  readonly targets: ReadonlyMap<string, TargetFile>;
  readonly delegations: Delegations | undefined;
  readonly map: MapRoot | undefined;
}

/** The root of a Merkle map (docs/pouf.md, section 3). */
export interface MapRoot {
  /** 64 lower-case hex digits. */
  readonly root: string;
  readonly version: number;
  readonly size: number;
  /** Number of versions to the file that says what changed in them (docs/pouf.md, section 5.2). */
  readonly changes?: ReadonlyMap<number, ChangesFile>;
}

export interface ChangesFile {
  readonly length: number;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
}

export interface Delegations {
  readonly keys: ReadonlyMap<string, Key>;
  /** In order of priority. */
  readonly roles: readonly DelegatedRole[];
  readonly succinctRoles?: SuccinctRoles;
}

/** Has `paths` or `pathHashPrefixes`, never both. */
export interface DelegatedRole extends RoleKeys {
  readonly name: string;
  readonly terminating: boolean;
  readonly paths?: readonly string[];
  readonly pathHashPrefixes?: readonly string[];
}

/** TAP 15: 2^bitLength bins, named `<namePrefix>-<bin in hex>`. */
export interface SuccinctRoles extends RoleKeys {
  readonly bitLength: number;
  readonly namePrefix: string;
}

export type Role = Root | Timestamp | Snapshot | Targets;

export interface RoleByType {
  readonly root: Root;
  readonly timestamp: Timestamp;
  readonly snapshot: Snapshot;
  readonly targets: Targets;
}

/**
 * What a formatter takes: a role without what follows from the rest. `signed` is the tree that the role was read from;
 * its unknown fields are kept, so `formatRoot({ ...root, version: root.version + 1 })` changes the version alone.
 */
type Fields<T extends Role> = Omit<T, 'type' | 'signed' | 'specVersion'> & {
  /** "1.0.34" unless given. */
  readonly specVersion?: string;
  readonly signed?: JsonObject;
};
export type RootFields = Fields<Root>;
export type TimestampFields = Fields<Timestamp>;
export type SnapshotFields = Fields<Snapshot>;
export type TargetsFields = Fields<Targets>;
