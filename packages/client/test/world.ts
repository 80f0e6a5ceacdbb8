import { encodeHex, generateKeyPair, sha256, type Signer } from '@cargo-tuf/keys';
import { MerkleTree, tilePath, type Leaf } from '@cargo-tuf/merkle-snapshot';
import {
  formatKey,
  formatRoot,
  formatSnapshot,
  formatTargets,
  formatTimestamp,
  type Key,
  type MetaFile,
  type RootFields,
  signEnvelope,
  type SnapshotFields,
  type TargetsFields,
  type TimestampFields,
  type TopLevelRole,
} from '@cargo-tuf/metadata';
import {
  type Client,
  type ClientOptions,
  openClient,
  openMemoryStore,
  shapeOf,
  type Source,
} from '@cargo-tuf/client';

export const DAY = 24 * 60 * 60 * 1000;
export const NOW = Date.UTC(2030, 0, 1);
export const REPOSITORY = '01'.repeat(32);
const PATTERNS = ['1/?', '2/??', '3/?/???', '??/??/*'];

export type Name = TopLevelRole | 'crates' | 'claims';
export type Keys = Record<Name, readonly Signer[]>;

export const newKeys = (): Keys => ({
  root: [newKey()],
  timestamp: [newKey()],
  snapshot: [newKey()],
  targets: [newKey()],
  crates: [newKey()],
  claims: [newKey()],
});
export const newKey = (): Signer => generateKeyPair('ed25519').signer;

/** Made once: keys cost more than anything else here. */
export const KEYS: Keys = newKeys();

export function keyMap(signers: readonly Signer[]): Map<string, Key> {
  return new Map(
    signers.map(({ publicKey }) => {
      const { keyId, raw } = formatKey(publicKey);
      return [keyId, { keyId, publicKey, raw }] as const;
    }),
  );
}

export const roleKeys = (signers: readonly Signer[], threshold = 1) => ({
  keyIds: [...keyMap(signers).keys()],
  threshold,
});

const common = (version: number) => ({ version, expires: NOW + DAY, repository: REPOSITORY });
const TOP = ['root', 'timestamp', 'snapshot', 'targets'] as const;

/** A root of these keys. `signers` sign it. */
export function makeRoot(
  version: number,
  change: Partial<RootFields> = {},
  keys: Keys = KEYS,
  signers: readonly Signer[] = keys.root,
): Promise<Uint8Array> {
  const fields: RootFields = {
    ...common(version),
    expires: NOW + 365 * DAY,
    consistentSnapshot: true,
    keys: keyMap(TOP.flatMap(role => keys[role])),
    roles: new Map(TOP.map(role => [role, roleKeys(keys[role])])),
    index: { kind: 'map', epoch: 0 },
    claimsFloor: 0,
  };
  return signEnvelope(formatRoot({ ...fields, ...change }), signers);
}

export function makeTimestamp(
  version: number,
  snapshot: MetaFile,
  change: Partial<TimestampFields> = {},
  signers: readonly Signer[] = KEYS.timestamp,
): Promise<Uint8Array> {
  const fields = { ...common(version), snapshot, merkleRoot: undefined };
  return signEnvelope(formatTimestamp({ ...fields, ...change }), signers);
}

export function makeSnapshot(
  version: number,
  meta: Readonly<Record<string, MetaFile>>,
  change: Partial<SnapshotFields> = {},
  signers: readonly Signer[] = KEYS.snapshot,
): Promise<Uint8Array> {
  const files = Object.entries(meta).map(([name, file]) => [`${name}.json`, file] as const);
  return signEnvelope(formatSnapshot({ ...common(version), meta: new Map(files), ...change }), signers);
}

export function makeTargets(
  version: number,
  change: Partial<TargetsFields> = {},
  signers: readonly Signer[] = KEYS.targets,
): Promise<Uint8Array> {
  const delegations = {
    keys: keyMap([...KEYS.claims, ...KEYS.crates]),
    roles: (['claims', 'crates'] as const).map(name => ({
      name,
      terminating: false,
      paths: PATTERNS,
      ...roleKeys(KEYS[name]),
    })),
  };
  const fields = { ...common(version), targets: new Map(), delegations, map: undefined };
  return signEnvelope(formatTargets({ ...fields, ...change }), signers);
}

function makeDelegated(
  name: 'crates' | 'claims',
  version: number,
  tree: MerkleTree,
  mapVersion: number,
  change: Partial<TargetsFields> = {},
  signers: readonly Signer[] = KEYS[name],
): Promise<Uint8Array> {
  const map = { root: encodeHex(tree.root), version: mapVersion, size: tree.size };
  const fields = { ...common(version), targets: new Map(), delegations: undefined, map };
  return signEnvelope(formatTargets({ ...fields, ...change }), signers);
}

export function fileOf(version: number, bytes: Uint8Array): MetaFile {
  return { version, length: bytes.length, hashes: new Map([['sha256', encodeHex(sha256(bytes))]]) };
}

export const treeOf = (role: 'crates' | 'claims', leaves: Iterable<Leaf>): MerkleTree =>
  MerkleTree.from(shapeOf(role, REPOSITORY), leaves);
export const contentOf = (name: string): Uint8Array => new TextEncoder().encode(`{"name":"${name}"}\n`);
export const leafOf = (name: string, version = 1): Leaf => ({
  name,
  kind: 'entry',
  version,
  length: contentOf(name).length,
  sha256: sha256(contentOf(name)),
});

export interface Shape {
  readonly version?: number;
  readonly leaves?: readonly Leaf[];
  readonly claims?: readonly Leaf[];
  readonly tree?: number;
  readonly claimsVersion?: number;
  readonly root?: Partial<RootFields>;
  readonly timestamp?: Partial<TimestampFields>;
  readonly snapshot?: Partial<SnapshotFields>;
  readonly targets?: Partial<TargetsFields>;
  readonly crates?: Partial<TargetsFields>;
}

/** All files of a repository at one version of everything below the root, which has version 1. */
export async function makeFiles(shape: Shape = {}): Promise<Map<string, Uint8Array>> {
  const { version = 1 } = shape;
  const tree = treeOf('crates', shape.leaves ?? [leafOf('itoa')]);
  const claimsTree = treeOf('claims', shape.claims ?? []);
  const targets = await makeTargets(version, shape.targets);
  const claims = await makeDelegated('claims', version, claimsTree, shape.claimsVersion ?? 1);
  const crates = await makeDelegated('crates', version, tree, shape.tree ?? version, shape.crates);
  const meta = {
    targets: fileOf(version, targets),
    claims: fileOf(version, claims),
    crates: fileOf(version, crates),
  };
  const snapshot = await makeSnapshot(version, meta, shape.snapshot);
  const stamp = { merkleRoot: encodeHex(tree.root), ...shape.timestamp };
  const files = new Map([
    ['metadata/1.root.json', await makeRoot(1, shape.root)],
    ['metadata/timestamp.json', await makeTimestamp(version, fileOf(version, snapshot), stamp)],
    [`metadata/${version}.snapshot.json`, snapshot],
    [`metadata/${version}.targets.json`, targets],
    [`metadata/${version}.claims.json`, claims],
    [`metadata/${version}.crates.json`, crates],
  ]);
  for (const tile of [...tree.tiles(), ...claimsTree.tiles()]) files.set(tilePath(tile.hash), tile.bytes);
  return files;
}

/** A mirror of files that can be exchanged, and the log of what was asked. */
export class Mirror implements Source {
  readonly requests: string[] = [];
  readonly lengths = new Map<string, number>();
  files: ReadonlyMap<string, Uint8Array>;

  constructor(files: ReadonlyMap<string, Uint8Array>) {
    this.files = files;
  }

  async fetch(path: string, { maxLength }: { readonly maxLength: number }): Promise<Uint8Array | null> {
    this.requests.push(path);
    this.lengths.set(path, maxLength);
    const bytes = this.files.get(path) ?? null;
    if (bytes !== null && bytes.length > maxLength) throw new Error(`${path}: longer than ${maxLength}`);
    return bytes;
  }
}

export function open(mirror: Source, over: Partial<ClientOptions> & { readonly root: Uint8Array }): Client {
  return openClient({ source: mirror, store: openMemoryStore(), clock: () => NOW, ...over });
}

export async function codeOf(work: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof work === 'function' ? work() : work);
    return 'accepted';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
