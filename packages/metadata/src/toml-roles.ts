// What the three files of a signed git index say, once read. None of them carries signatures: the commit that holds them does.

import type { JsonObject } from '@cargo-tuf/canonical-json';
import type { RoleKeys, TargetFile } from './roles.ts';
import type { TomlDocument } from './toml-reader.ts';

interface TomlCommon {
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** Which repository this is, 64 hex digits: `repository` of the table `x-cargo-tuf`. */
  readonly repository: string | undefined;
  /** The whole file, unknown members and comments included. */
  readonly document: TomlDocument;
}

/** A key of scheme "openpgp". Its id names a fingerprint; whether it is that of the certificate is not checked here. */
export interface OpenPgpKey {
  /** `openpgp:` and 40 upper-case hex digits. */
  readonly keyId: string;
  /** Armored; undefined when key type or scheme are not spoken. Not read here. */
  readonly certificate: string | undefined;
  readonly raw: JsonObject;
}

/** `snapshot` and `mirrors` are not used. */
export type TomlRoleName = 'root' | 'timestamp' | 'targets' | 'snapshot' | 'mirrors';

export interface TomlRoot extends TomlCommon {
  readonly type: 'root';
  readonly consistentSnapshot: boolean;
  readonly keys: ReadonlyMap<string, OpenPgpKey>;
  /** `root` and `timestamp` are always there. */
  readonly roles: ReadonlyMap<TomlRoleName, RoleKeys>;
}

export interface TomlTimestamp extends TomlCommon {
  readonly type: 'timestamp';
}

/** The owners of index entries: a crate's keys, and its paths from the root of the index, `/se/rd/serde`. */
export interface TomlDelegatedRole extends RoleKeys {
  readonly name: string;
  readonly paths: readonly string[];
}

export interface TomlTargets extends TomlCommon {
  readonly type: 'targets';
  readonly keys: ReadonlyMap<string, OpenPgpKey>;
  readonly roles: readonly TomlDelegatedRole[];
  /** Files such as `config.json`, by path. */
  readonly targets: ReadonlyMap<string, TargetFile>;
}

/** What a writer gives; `document` is that of the file that is replaced, whose unknown members and comments stay. */
type Fields<T> = Omit<T, 'type' | 'document' | 'keys'> & {
  readonly document?: TomlDocument;
};
interface KeyFields {
  /** Armored certificates by key id. */
  readonly keys: ReadonlyMap<string, Pick<OpenPgpKey, 'certificate' | 'keyId'> & Partial<OpenPgpKey>>;
}
export type TomlRootFields = Fields<TomlRoot> & KeyFields;
export type TomlTimestampFields = Fields<TomlTimestamp>;
export type TomlTargetsFields = Fields<TomlTargets> & KeyFields;
