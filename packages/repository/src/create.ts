import { encodeCanonical } from '@cargo-tuf/canonical-json';
import { parseRegistryConfig } from '@cargo-tuf/crate-index';
import { encodeHex, equalBytes, sha256, type Signer } from '@cargo-tuf/keys';
import { MerkleTree } from '@cargo-tuf/merkle-snapshot';
import {
  formatRoot,
  formatSnapshot,
  formatTargets,
  formatTimestamp,
  parseEnvelope,
  parseRoot,
  type RootFields,
  signEnvelope,
  targetUrlPath,
  type TargetsFields,
  type TopLevelRole,
} from '@cargo-tuf/metadata';
import { type PublisherContext, swapTimestamp, Writer } from './commit.ts';
import { fail } from './errors.ts';
import { assertPolicy, ROLE_NAMES, type RoleName } from './policy.ts';
import type { PublishedBytes } from './published-bytes.ts';
import { assertSeparateKeys, keyMap, type PublicKeys, roleKeysOf } from './role-keys.ts';
import { indexShape } from './state.ts';

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

const TOP_LEVEL: readonly TopLevelRole[] = ['root', 'targets', 'snapshot', 'timestamp'];

/**
 * Writes the first version of every role of an empty registry, an empty signed claims map included. Goes on where a run with
 * the same keys and the same repository id was cut off.
 */
export async function createRepository(context: PublisherContext, options: CreateOptions): Promise<void> {
  const { policy, bytes } = context;
  const { publicKeys, config, epoch = 0 } = options;
  assertPolicy(policy);
  assertSeparateKeys(publicKeys, policy);
  parseRegistryConfig(config);
  if ((await bytes.get('metadata/timestamp.json')) !== null) {
    throw fail('REPOSITORY_EXISTS', 'repository: there is one already');
  }
  const repository = encodeHex(options.repositoryId);
  const writer = new Writer(context);
  const signers = (role: RoleName): readonly Signer[] => {
    const identities = new Set(publicKeys[role].map(key => key.identity));
    const usable = (context.signers.get(role) ?? []).filter(each => identities.has(each.publicKey.identity));
    if (usable.length >= policy[role].threshold) return usable;
    throw fail(
      'REPOSITORY_KEYS',
      `${role}: ${usable.length} usable keys, expected ${policy[role].threshold}`,
    );
  };
  for (const role of ROLE_NAMES) signers(role);

  const rootFields: RootFields = {
    version: 1,
    expires: writer.expiry('root'),
    repository,
    consistentSnapshot: true,
    keys: keyMap(TOP_LEVEL.flatMap(role => publicKeys[role])),
    roles: new Map(TOP_LEVEL.map(role => [role, roleKeysOf(publicKeys[role], policy[role].threshold)])),
    index: { kind: 'map', epoch },
    claimsFloor: 0,
  };
  const root =
    (await readCutOff(bytes, rootFields)) ?? (await signEnvelope(formatRoot(rootFields), signers('root')));
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
  const fields = { version: 0, expires: 0, repository, meta };
  const snapshot = await writer.putRole('snapshot', fields, formatSnapshot, signers('snapshot'), 0);
  await writer.putBundle(snapshot, [targetsFile.bytes, claims.bytes, crates.bytes]);
  const timestamp = await signEnvelope(
    formatTimestamp({
      version: 1,
      expires: writer.expiry('timestamp'),
      repository,
      snapshot: snapshot.file,
      merkleRoot: encodeHex(tree.root),
    }),
    signers('timestamp'),
  );
  await writer.put('metadata/1.root.json', root);
  await swapTimestamp(bytes, timestamp, null);
}

/** The root of a run that was cut off, if it says what this run would say. Another one belongs to another repository. */
async function readCutOff(bytes: PublishedBytes, fields: RootFields): Promise<Uint8Array | undefined> {
  const found = await bytes.get('metadata/1.root.json');
  if (found === null) return undefined;
  const { signed } = parseEnvelope(found.bytes);
  const same = formatRoot({ ...fields, expires: parseRoot(signed).expires });
  if (equalBytes(encodeCanonical(same), encodeCanonical(signed))) return found.bytes;
  throw fail('REPOSITORY_EXISTS', 'repository: there is a root already');
}
