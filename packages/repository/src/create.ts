import { parseRegistryConfig } from '@cargo-tuf/crate-index';
import { encodeHex, sha256, type Signer } from '@cargo-tuf/keys';
import { MerkleTree } from '@cargo-tuf/merkle-snapshot';
import { formatTargets, targetUrlPath, type TargetsFields } from '@cargo-tuf/metadata';
import type { PublisherContext } from './commit.ts';
import { type FirstVersions, firstRoot, firstSigners, putFirstVersions } from './first-versions.ts';
import { assertPolicy, type CrateDelegate, ONLINE_ROLES, type RoleName } from './policy.ts';
import { assertSeparateKeys, keyMap, type PublicKeys, roleKeysOf } from './role-keys.ts';
import { indexShape } from './state.ts';
import { Writer } from './writer.ts';

export interface CreateOptions {
  /** The public keys of each role; the signers of the context must be able to reach every threshold. */
  readonly publicKeys: PublicKeys;
  /** The bytes of the index's config.json. */
  readonly config: Uint8Array;
  /** 32 random bytes: the repository id. */
  readonly repositoryId: Uint8Array;
  /** 0 unless a registry starts over after a fast-forward of its map. */
  readonly epoch?: number;
}

/** Index paths, as cargo lays them out; `*` and `?` never cross a slash. */
export const INDEX_PATTERNS: readonly string[] = ['1/?', '2/??', '3/?/???', '??/??/*'];
/** Tree versions of one epoch. */
export const EPOCH_SPAN: number = 2 ** 40;

/**
 * Writes the first version of every role of an empty registry, an empty signed claims map included. Goes on where a run with
 * the same keys and the same repository id was cut off.
 */
export async function createRepository(context: PublisherContext, options: CreateOptions): Promise<void> {
  const { policy } = context;
  const { publicKeys, config, epoch = 0 } = options;
  assertPolicy(policy);
  assertSeparateKeys<RoleName>(publicKeys, policy, ONLINE_ROLES);
  parseRegistryConfig(config);
  const repository = encodeHex(options.repositoryId);
  const writer = new Writer(context);
  const first: FirstVersions<CrateDelegate> = {
    context,
    writer,
    publicKeys,
    repository,
    index: { kind: 'map', epoch },
  };
  const all = await firstSigners(context, publicKeys);
  const signers = (role: RoleName): readonly Signer[] => all.get(role) ?? [];
  const root = await firstRoot(first, signers('root'));
  const configHash = encodeHex(sha256(config));
  await writer.put(`targets/${targetUrlPath('config.json', configHash)}`, config);
  const empty = {
    version: 0,
    expires: 0,
    repository,
    targets: new Map(),
    delegations: undefined,
    map: undefined,
  };
  const targets: TargetsFields = {
    ...empty,
    targets: new Map([['config.json', { length: config.length, hashes: new Map([['sha256', configHash]]) }]]),
    delegations: {
      keys: keyMap([...publicKeys.claims, ...publicKeys.crates]),
      roles: (['claims', 'crates'] as const).map(name => ({
        name,
        terminating: false,
        paths: INDEX_PATTERNS,
        ...roleKeysOf(publicKeys[name], policy[name].threshold),
      })),
    },
  };
  const tree = MerkleTree.from(indexShape(repository), []);
  const map = (version: number): TargetsFields['map'] => ({ root: encodeHex(tree.root), version, size: 0 });
  const treeVersion = epoch * EPOCH_SPAN + 1;
  const targetsFile = await writer.putRole('targets', targets, formatTargets, signers('targets'), 0);
  const claims = await writer.putRole(
    'claims',
    { ...empty, map: map(1) },
    formatTargets,
    signers('claims'),
    0,
  );
  const crates = await writer.putRole(
    'crates',
    { ...empty, map: map(treeVersion) },
    formatTargets,
    signers('crates'),
    0,
  );
  const meta = new Map([
    ['targets.json', targetsFile.file],
    ['claims.json', claims.file],
    ['crates.json', crates.file],
  ]);
  await putFirstVersions(first, all, root, meta, {
    roles: [targetsFile.bytes, claims.bytes, crates.bytes],
    merkleRoot: encodeHex(tree.root),
  });
}
