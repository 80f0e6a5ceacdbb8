// The first version of a repository's roles, of either kind. Root is written right before the timestamp, so that what a run
// left behind that was cut off is no repository yet; its root, if it got that far, is the one that the next run goes on with.

import { encodeCanonical } from '@cargo-tuf/canonical-json';
import { equalBytes, type Signer } from '@cargo-tuf/keys';
import {
  formatRoot,
  formatSnapshot,
  formatTimestamp,
  type IndexKind,
  type MetaFile,
  parseEnvelope,
  parseRoot,
  type RootFields,
  signEnvelope,
  type TopLevelRole,
} from '@cargo-tuf/metadata';
import type { PublisherContext } from './commit.ts';
import { swapTimestamp } from './end-commit.ts';
import { fail } from './errors.ts';
import type { PublishedBytes } from './published-bytes.ts';
import { keyMap, type PublicKeys, roleKeysOf } from './role-keys.ts';
import type { Writer } from './writer.ts';

const TOP_LEVEL: readonly TopLevelRole[] = ['root', 'targets', 'snapshot', 'timestamp'];

export interface FirstVersions<Delegate extends string> {
  readonly context: PublisherContext<Delegate>;
  readonly writer: Writer<Delegate>;
  readonly publicKeys: PublicKeys<Delegate>;
  /** The repository id, 64 hex digits. */
  readonly repository: string;
  readonly index?: IndexKind;
}

/** Who signs each role. Throws `REPOSITORY_EXISTS`, and `REPOSITORY_KEYS` for a role that cannot be signed. */
export async function firstSigners<Delegate extends string>(
  context: PublisherContext<Delegate>,
  publicKeys: PublicKeys<Delegate>,
): Promise<ReadonlyMap<TopLevelRole | Delegate, readonly Signer[]>> {
  if ((await context.bytes.get('metadata/timestamp.json')) !== null) {
    throw fail('REPOSITORY_EXISTS', 'repository: there is one already');
  }
  const roles = Object.keys(publicKeys) as (TopLevelRole | Delegate)[];
  return new Map(
    roles.map(role => {
      const identities = new Set(publicKeys[role].map(key => key.identity));
      const signers = (context.signers.get(role) ?? []).filter(each =>
        identities.has(each.publicKey.identity),
      );
      const { threshold } = context.policy[role];
      if (signers.length >= threshold) return [role, signers];
      throw fail('REPOSITORY_KEYS', `${role}: ${signers.length} usable keys, expected ${threshold}`, {
        details: { role, usable: signers.length, threshold },
      });
    }),
  );
}

/** The signed bytes of root version 1: those of a run that was cut off, if they say what this run would say. */
export async function firstRoot<Delegate extends string>(
  { context, writer, publicKeys, repository, index }: FirstVersions<Delegate>,
  signers: readonly Signer[],
): Promise<Uint8Array> {
  const fields: RootFields = {
    version: 1,
    expires: writer.expiry('root'),
    repository,
    consistentSnapshot: true,
    keys: keyMap(TOP_LEVEL.flatMap(role => publicKeys[role])),
    roles: new Map(
      TOP_LEVEL.map(role => [role, roleKeysOf(publicKeys[role], context.policy[role].threshold)]),
    ),
    index,
    claimsFloor: 0,
  };
  return (await readCutOff(context.bytes, fields)) ?? signEnvelope(formatRoot(fields), signers);
}

/** The end of a creation; the same members as those of `Ending`. */
export async function putFirstVersions<Delegate extends string>(
  { context, writer, repository }: FirstVersions<Delegate>,
  signers: ReadonlyMap<TopLevelRole | Delegate, readonly Signer[]>,
  root: Uint8Array,
  meta: ReadonlyMap<string, MetaFile>,
  map?: { readonly roles: readonly Uint8Array[]; readonly merkleRoot: string },
): Promise<void> {
  const fields = { version: 0, expires: 0, repository, meta };
  const snapshot = await writer.putRole('snapshot', fields, formatSnapshot, signers.get('snapshot') ?? [], 0);
  if (map !== undefined) await writer.putBundle(snapshot, map.roles);
  const timestamp = await signEnvelope(
    formatTimestamp({
      version: 1,
      expires: writer.expiry('timestamp'),
      repository,
      snapshot: snapshot.file,
      merkleRoot: map?.merkleRoot,
    }),
    signers.get('timestamp') ?? [],
  );
  await writer.put('metadata/1.root.json', root);
  await swapTimestamp(context.bytes, timestamp, null);
}

/** Another root than this run's belongs to another repository. */
async function readCutOff(bytes: PublishedBytes, fields: RootFields): Promise<Uint8Array | undefined> {
  const found = await bytes.get('metadata/1.root.json');
  if (found === null) return undefined;
  const { signed } = parseEnvelope(found.bytes);
  const same = formatRoot({ ...fields, expires: parseRoot(signed).expires });
  if (equalBytes(encodeCanonical(same), encodeCanonical(signed))) return found.bytes;
  throw fail('REPOSITORY_EXISTS', 'repository: there is a root already');
}
