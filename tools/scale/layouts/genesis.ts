// The first state of a large registry: an empty one, made by `repository`, and above it a map of all crates whose roles are signed here. A
// publish of them all would need the bytes of every index entry.

import { buildIndexMap } from '@cargo-tuf/hash-workers';
import { encodeHex, generateKeyPair, type Signer } from '@cargo-tuf/keys';
import { countsPath, cutFor, type Leaf, packLeaves, tilePath } from '@cargo-tuf/merkle-snapshot';
import { formatSnapshot, formatTargets, formatTimestamp, signEnvelope } from '@cargo-tuf/metadata';
import {
  createRepository,
  DEFAULT_POLICY,
  type PublicKeys,
  type PublishedBytes,
  publish,
  type PublisherContext,
  readState,
  ROLE_NAMES,
  type RoleName,
} from '@cargo-tuf/repository';
import { type Ledger, PAST_PUBLISHES } from '../population/ledger.ts';
import { metaFileOf } from './plain-roles.ts';

export async function createRegistry(
  bytes: PublishedBytes,
  ledger: Ledger,
  clock: () => number,
): Promise<PublisherContext> {
  const signers = new Map<RoleName, readonly Signer[]>(
    ROLE_NAMES.map(role => [role, [generateKeyPair('ed25519').signer]]),
  );
  const context = { bytes, signers, policy: DEFAULT_POLICY, clock };
  const publicKeys = Object.fromEntries(
    [...signers].map(([role, each]) => [role, each.map(signer => signer.publicKey)]),
  ) as unknown as PublicKeys;
  await createRepository(context, {
    publicKeys,
    config: new TextEncoder().encode('{"dl":"https://crates.example/crates"}'),
    repositoryId: repositoryId(ledger),
  });
  await signMap(context, await writeMap(bytes, ledger), ledger.size);
  // The publisher's own hand: whatever else it writes beside the roles is there as well.
  await publish(context);
  return context;
}

/** Writes all tiles, as they come from the threads that hash; gives the root. */
async function writeMap(bytes: PublishedBytes, ledger: Ledger): Promise<Uint8Array> {
  const { root } = await buildIndexMap(repositoryId(ledger), packLeaves(leavesOf(ledger)), {
    cut: cutFor(ledger.size),
    sink: async ({ hash, bytes: tile, counts }) => {
      await bytes.putIfAbsent(tilePath(hash), tile);
      if (counts !== undefined) await bytes.putIfAbsent(countsPath(hash), counts);
    },
  });
  return root;
}

function repositoryId({ seed }: Ledger): Uint8Array {
  return new Uint8Array(32).fill(seed);
}

function* leavesOf(ledger: Ledger): Generator<Leaf> {
  for (let crate = 0; crate < ledger.size; crate++) {
    const { length, sha256, version } = ledger.entry(crate);
    yield { name: ledger.name(crate), kind: 'entry', version, length, sha256 };
  }
}

async function signMap(context: PublisherContext, root: Uint8Array, size: number): Promise<void> {
  const { bytes, policy, clock } = context;
  const state = await readState(bytes);
  const sign = async <Fields extends { readonly version: number }>(
    role: RoleName,
    fields: Fields,
    format: (fields: Fields & { expires: number }) => Parameters<typeof signEnvelope>[0],
  ): Promise<Uint8Array> => {
    const expires = clock() - (clock() % 1000) + policy[role].period;
    return signEnvelope(format({ ...fields, expires }), context.signers.get(role) ?? []);
  };
  const map = { root: encodeHex(root), version: PAST_PUBLISHES, size };
  const crates = await sign('crates', { ...state.crates.value, version: 2, map }, formatTargets);
  const meta = new Map([...state.snapshot.value.meta, ['crates.json', metaFileOf(2, crates)]]);
  const snapshot = await sign('snapshot', { ...state.snapshot.value, version: 2, meta }, formatSnapshot);
  const stamp = {
    ...state.timestamp.value,
    version: 2,
    snapshot: metaFileOf(2, snapshot),
    merkleRoot: map.root,
  };
  const timestamp = await sign('timestamp', stamp, formatTimestamp);
  await bytes.putIfAbsent('metadata/2.crates.json', crates);
  await bytes.putIfAbsent('metadata/2.snapshot.json', snapshot);
  await bytes.compareAndSwap('metadata/timestamp.json', timestamp, state.timestampTag);
}
