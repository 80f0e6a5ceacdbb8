// Repositories made of our formatters and signers, to be read by others.

import { encodeHex, sha256, type Signer } from '@cargo-tuf/keys';
import {
  type Delegations,
  formatKey,
  formatRoot,
  formatSnapshot,
  formatTargets,
  formatTimestamp,
  type Key,
  type MetaFile,
  type RoleKeys,
  roleUrlPath,
  type RootFields,
  signEnvelope,
  targetUrlPath,
  type TopLevelRole,
} from '@cargo-tuf/metadata';
import type { Repository } from './readers.ts';

/** Content by name. */
export type Contents = Readonly<Record<string, string>>;

export interface OwnTargetsRole {
  readonly version?: number;
  readonly targets?: Contents;
  readonly delegations?: Delegations;
  readonly signers: readonly Signer[];
}

export interface OwnRepositoryOptions {
  readonly consistentSnapshot?: boolean;
  /** Of each top-level role; one signature of each. */
  readonly signers: Readonly<Record<TopLevelRole, readonly Signer[]>>;
  readonly threshold?: number;
  readonly targets: Omit<OwnTargetsRole, 'signers'>;
  /** By role name. */
  readonly delegated?: Readonly<Record<string, OwnTargetsRole>>;
  /** Roles that the snapshot does not name. */
  readonly unnamed?: readonly string[];
  /** Keys and roles of root, where they are not what `signers` says. */
  readonly root?: Partial<Pick<RootFields, 'keys' | 'roles'>>;
  /** Later roots, each signed by the keys of the one before as well. */
  readonly rotations?: number;
}

const DAY = 86_400_000;
const ROLES: readonly TopLevelRole[] = ['root', 'timestamp', 'snapshot', 'targets'];

/** Every file of a repository, and version 1 of its root to begin with. */
export async function makeOwnRepository(options: OwnRepositoryOptions): Promise<Repository> {
  const { consistentSnapshot = true, signers, delegated = {}, unnamed = [] } = options;
  const expires = Math.floor(Date.now() / 1000) * 1000 + 30 * DAY;
  const role = { expires, repository: undefined };
  const files = new Map<string, Uint8Array>();
  const put = (name: string, version: number, bytes: Uint8Array): MetaFile => {
    const url = roleUrlPath(name, consistentSnapshot ? version : undefined);
    files.set(`metadata/${decodeURIComponent(url)}`, bytes);
    return { version, length: bytes.length, hashes: new Map([['sha256', encodeHex(sha256(bytes))]]) };
  };

  for (let version = 1; version <= 1 + (options.rotations ?? 0); version++)
    files.set(`metadata/${version}.root.json`, await makeRoot(version, expires, options));

  const meta = new Map<string, MetaFile>();
  for (const [name, each] of Object.entries({
    targets: { ...options.targets, signers: signers.targets },
    ...delegated,
  })) {
    const { version = 1, targets = {}, delegations } = each;
    const list = new Map(Object.entries(targets).map(([path, text]) => [path, fileOf(text)]));
    const signed = formatTargets({ ...role, version, targets: list, delegations, map: undefined });
    const file = put(name, version, await signEnvelope(signed, each.signers));
    if (!unnamed.includes(name)) meta.set(`${name}.json`, file);
    for (const [path, text] of Object.entries(targets)) {
      const bytes = new TextEncoder().encode(text);
      const url = consistentSnapshot
        ? decodeURIComponent(targetUrlPath(path, encodeHex(sha256(bytes))))
        : path;
      files.set(`targets/${url}`, bytes);
    }
  }
  const snapshot = await signEnvelope(formatSnapshot({ ...role, version: 1, meta }), signers.snapshot);
  const stamp = { ...role, version: 1, snapshot: put('snapshot', 1, snapshot), merkleRoot: undefined };
  files.set('metadata/timestamp.json', await signEnvelope(formatTimestamp(stamp), signers.timestamp));
  return { root: files.get('metadata/1.root.json') as Uint8Array, files };
}

/** The keys of the root role stay; each version signs for the next. */
function makeRoot(version: number, expires: number, options: OwnRepositoryOptions): Promise<Uint8Array> {
  const { signers, threshold = 1, consistentSnapshot = true } = options;
  const fields: RootFields = {
    version,
    expires,
    repository: undefined,
    consistentSnapshot,
    keys: keyMap(ROLES.flatMap(name => signers[name])),
    roles: new Map(ROLES.map(name => [name, roleKeys(signers[name], threshold)])),
    index: undefined,
    claimsFloor: 0,
    ...options.root,
  };
  return signEnvelope(formatRoot(fields), signers.root);
}

export function keyMap(signers: readonly Signer[]): ReadonlyMap<string, Key> {
  return new Map(
    signers.map(({ publicKey }) => {
      const { keyId, raw } = formatKey(publicKey);
      return [keyId, { keyId, publicKey, raw }];
    }),
  );
}

export function roleKeys(signers: readonly Signer[], threshold: number = 1): RoleKeys {
  return { keyIds: [...keyMap(signers).keys()], threshold };
}

function fileOf(text: string) {
  const bytes = new TextEncoder().encode(text);
  return { length: bytes.length, hashes: new Map([['sha256', encodeHex(sha256(bytes))]]) };
}
