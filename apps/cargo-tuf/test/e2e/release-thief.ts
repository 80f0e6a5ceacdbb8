import { encodeHex, sha256, type Signer } from '@cargo-tuf/keys';
import {
  formatSnapshot,
  formatTargets,
  formatTimestamp,
  signEnvelope,
  targetUrlPath,
} from '@cargo-tuf/metadata';
import { readReleases } from '@cargo-tuf/repository';
import { forge } from '@cargo-tuf/simulator';
import type { ReleaseServer } from '../../../../tools/fixtures/releases.ts';

/** What a thief serves in place of the published files, by path. */
export type Loot = Map<string, Uint8Array>;

/**
 * A next version of a delegated role that these signers signed and that says anything; snapshot and timestamp lead to it, signed
 * as usual.
 */
export async function forgeRole(
  server: ReleaseServer,
  role: 'release' | 'nightly' | 'rustup',
  files: ReadonlyMap<string, Uint8Array>,
  signers: readonly Signer[],
): Promise<Loot> {
  const loot: Loot = new Map();
  const state = await readReleases(server.context.bytes);
  const standing = state.delegated.get(role);
  if (standing === undefined) throw new Error(`no role ${role}`);
  const targets = new Map(standing.value.targets);
  for (const [path, bytes] of files) {
    const hash = encodeHex(sha256(bytes));
    targets.set(path, { length: bytes.length, hashes: new Map([['sha256', hash]]) });
    loot.set(`targets/${targetUrlPath(path, hash)}`, bytes);
  }
  const version = standing.value.version + 1;
  const signed = await signEnvelope(formatTargets({ ...standing.value, version, targets }), signers);
  loot.set(`metadata/${version}.${role}.json`, signed);
  const snapshot = {
    ...state.snapshot.value,
    version: state.snapshot.value.version + 1,
    meta: new Map([...state.snapshot.value.meta, [`${role}.json`, fileOf(version, signed)] as const]),
  };
  const listed = await signEnvelope(formatSnapshot(snapshot), server.signers.get('snapshot') ?? []);
  loot.set(`metadata/${snapshot.version}.snapshot.json`, listed);
  const timestamp = {
    ...state.timestamp.value,
    version: state.timestamp.value.version + 1,
    snapshot: fileOf(snapshot.version, listed),
  };
  loot.set(
    'metadata/timestamp.json',
    await signEnvelope(formatTimestamp(timestamp), server.signers.get('timestamp') ?? []),
  );
  return loot;
}

/** The next root, signed by these. */
export async function forgeRoot(server: ReleaseServer, signers: readonly Signer[]): Promise<Loot> {
  return new Map([['metadata/2.root.json', await forge(server.root, { version: 2 }, signers)]]);
}

function fileOf(version: number, bytes: Uint8Array) {
  return { version, length: bytes.length, hashes: new Map([['sha256', encodeHex(sha256(bytes))]]) };
}
