// A plain TUF repository with N flat targets of 1,024 bytes each, in memory: ed25519, threshold 1, consistent snapshots.

import { encodeHex, generateKeyPair, sha256 } from '@cargo-tuf/keys';
import {
  formatKey,
  formatRoot,
  formatSnapshot,
  formatTargets,
  formatTimestamp,
  type Key,
  type MetaFile,
  signEnvelope,
  type TopLevelRole,
} from '@cargo-tuf/metadata';

const ROLES: readonly TopLevelRole[] = ['root', 'timestamp', 'snapshot', 'targets'];
const TARGET_BYTES = 1024;

export interface FlatRepository {
  readonly root: Uint8Array;
  /** Paths of targets, as the targets role lists them. */
  readonly targets: readonly string[];
  /** The file that a mirror has at a path, or null. */
  file(path: string): Uint8Array | null;
}

export async function makeFlatRepository(count: number): Promise<FlatRepository> {
  const { signer } = generateKeyPair('ed25519');
  const { keyId, raw } = formatKey(signer.publicKey);
  const keys = new Map<string, Key>([[keyId, { keyId, publicKey: signer.publicKey, raw }]]);
  const roles = new Map(ROLES.map(name => [name, { keyIds: [keyId], threshold: 1 }]));
  const expires = Math.floor(Date.now() / 1000) * 1000 + 86_400_000;
  const common = { version: 1, expires };
  const files = new Map<string, Uint8Array>();
  const paths = new Map<string, number>();
  const targets = new Map(
    Array.from({ length: count }, (_, index) => {
      const path = `packages/package-${String(index).padStart(6, '0')}.bin`;
      const hash = encodeHex(sha256(targetBytes(index)));
      paths.set(`targets/packages/${hash}.${path.slice('packages/'.length)}`, index);
      return [path, { length: TARGET_BYTES, hashes: new Map([['sha256', hash]]) }];
    }),
  );
  const sign = async (path: string, signed: Parameters<typeof signEnvelope>[0]): Promise<MetaFile> => {
    const bytes = await signEnvelope(signed, [signer]);
    files.set(path, bytes);
    return { version: 1, length: bytes.length, hashes: new Map([['sha256', encodeHex(sha256(bytes))]]) };
  };
  await sign(
    'metadata/1.root.json',
    formatRoot({ ...common, keys, roles, consistentSnapshot: true, claimsFloor: 0 }),
  );
  const named = await sign('metadata/1.targets.json', formatTargets({ ...common, targets }));
  const snapshot = await sign(
    'metadata/1.snapshot.json',
    formatSnapshot({ ...common, meta: new Map([['targets.json', named]]) }),
  );
  await sign('metadata/timestamp.json', formatTimestamp({ ...common, snapshot }));
  return {
    root: files.get('metadata/1.root.json') as Uint8Array,
    targets: [...targets.keys()],
    file: path => {
      const index = paths.get(path);
      return index === undefined ? (files.get(path) ?? null) : targetBytes(index);
    },
  };
}

function targetBytes(index: number): Uint8Array {
  const bytes = new Uint8Array(TARGET_BYTES).fill(index % 251);
  new DataView(bytes.buffer).setUint32(0, index);
  return bytes;
}
