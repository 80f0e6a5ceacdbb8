import { encodeHex, type PublicKey } from '@cargo-tuf/keys';
import { formatTargets, type MetaFile, type TargetsFields } from '@cargo-tuf/metadata';
import { type FirstVersions, firstRoot, firstSigners, putFirstVersions } from './first-versions.ts';
import {
  byRole,
  ONLINE_RELEASE_HOLDERS,
  publisherOf,
  RELEASE_DELEGATES,
  RELEASE_PATTERNS,
  type ReleaseDelegate,
  type ReleaseHolder,
  type ReleasesContext,
} from './release-roles.ts';
import { assertSeparateKeys, keyMap, roleKeysOf } from './role-keys.ts';
import { Writer } from './writer.ts';

export interface CreateReleasesOptions {
  /** The public keys of each role that has keys of its own; the signers of the context must reach every threshold. */
  readonly publicKeys: Readonly<Record<ReleaseHolder, readonly PublicKey[]>>;
  /** 32 random bytes: the repository id. */
  readonly repositoryId: Uint8Array;
}

/**
 * Writes the first version of every role of a repository of releases, without a target. Goes on where a run with the same keys and
 * the same repository id was cut off.
 */
export async function createReleases(
  context: ReleasesContext,
  { publicKeys, repositoryId }: CreateReleasesOptions,
): Promise<void> {
  const publisher = publisherOf(context);
  const { policy } = publisher;
  assertSeparateKeys<ReleaseHolder>(publicKeys, policy, ONLINE_RELEASE_HOLDERS);
  const keys = byRole(publicKeys);
  const repository = encodeHex(repositoryId);
  const writer = new Writer(publisher);
  const first: FirstVersions<ReleaseDelegate> = { context: publisher, writer, publicKeys: keys, repository };
  const signers = await firstSigners(publisher, keys);
  const root = await firstRoot(first, signers.get('root') ?? []);
  const meta = new Map<string, MetaFile>();
  for (const role of ['targets', ...RELEASE_DELEGATES] as const) {
    const fields: TargetsFields = {
      version: 0,
      expires: 0,
      repository,
      targets: new Map(),
      delegations:
        role !== 'targets'
          ? undefined
          : {
              keys: keyMap(RELEASE_DELEGATES.flatMap(name => keys[name])),
              roles: RELEASE_DELEGATES.map(name => ({
                name,
                terminating: true,
                paths: RELEASE_PATTERNS[name],
                ...roleKeysOf(keys[name], policy[name].threshold),
              })),
            },
      map: undefined,
    };
    const written = await writer.putRole(role, fields, formatTargets, signers.get(role) ?? [], 0);
    meta.set(`${role}.json`, written.file);
  }
  await putFirstVersions(first, signers, root, meta);
}
