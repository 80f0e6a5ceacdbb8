// The end of every commit: snapshot and timestamp over the roles that were written, and a changed root in its place
// (root-order.ts). The timestamp that the commit began with must still stand.

import type { Signer } from '@cargo-tuf/keys';
import {
  formatRoot,
  formatSnapshot,
  formatTimestamp,
  type MetaFile,
  type RootFields,
  signEnvelope,
} from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import type { PublishedBytes } from './published-bytes.ts';
import type { RootOrder } from './root-order.ts';
import type { TopLevelState } from './state.ts';
import { sameBytes, type Writer } from './writer.ts';

export interface NextRoot {
  readonly fields: RootFields;
  readonly signers: readonly Signer[];
}

export interface Ending {
  /** What the snapshot shall name, by file name. */
  readonly meta: ReadonlyMap<string, MetaFile>;
  readonly order: RootOrder;
  readonly root?: NextRoot | undefined;
  /** Of a repository with a map: the roles that stand in the bundle, and the root of the map. */
  readonly map?: { readonly roles: readonly Uint8Array[]; readonly merkleRoot: string };
}

/** Gives the version of the timestamp. Throws `REPOSITORY_CONFLICT` when another publisher was faster. */
export async function endCommit<Delegate extends string>(
  bytes: PublishedBytes,
  writer: Writer<Delegate>,
  state: TopLevelState,
  ending: Ending,
): Promise<number> {
  const { order, root, map } = ending;
  const snapshot = await writer.putRole(
    'snapshot',
    { ...state.snapshot.value, meta: ending.meta },
    formatSnapshot,
    order.signers('snapshot'),
    state.snapshot.value.version,
  );
  if (map !== undefined) await writer.putBundle(snapshot, map.roles);
  const version = state.timestamp.value.version + 1;
  const timestamp = await signEnvelope(
    formatTimestamp({
      ...state.timestamp.value,
      version,
      expires: writer.expiry('timestamp'),
      snapshot: snapshot.file,
      merkleRoot: map?.merkleRoot,
    }),
    order.signers('timestamp'),
  );
  if (root === undefined) {
    await swapTimestamp(bytes, timestamp, state.timestampTag);
    return version;
  }
  const next = await signEnvelope(formatRoot(root.fields), root.signers);
  if (order.first === 'root') {
    await assertUnchanged(bytes, state.timestampTag);
    await writer.putRoot(root.fields.version, next);
  }
  await swapTimestamp(bytes, timestamp, state.timestampTag);
  if (order.first === 'timestamp') await writer.putRoot(root.fields.version, next);
  await assertStanding(bytes, timestamp, root.fields.version);
  return version;
}

async function assertUnchanged(bytes: PublishedBytes, tag: string): Promise<void> {
  if ((await bytes.get(TIMESTAMP))?.tag === tag) return;
  throw fail('REPOSITORY_CONFLICT', `${TIMESTAMP}: changed while this publish was prepared`);
}

async function assertStanding(bytes: PublishedBytes, timestamp: Uint8Array, root: number): Promise<void> {
  const path = `metadata/${root}.root.json`;
  if ((await bytes.get(path)) === null)
    throw fail('REPOSITORY_UNKNOWN', `${path}: does not stand after it was written`);
  if (sameBytes(await bytes.get(TIMESTAMP), timestamp)) return;
  throw fail('REPOSITORY_CONFLICT', `${TIMESTAMP}: changed while root ${root} was written`);
}

const TIMESTAMP = 'metadata/timestamp.json';

/**
 * Replaces the timestamp that `tag` stands for. An answer that was lost is looked up; so is a conflict, which may be with
 * our own write when the store repeated a request.
 */
export async function swapTimestamp(
  bytes: PublishedBytes,
  timestamp: Uint8Array,
  tag: string | null,
): Promise<void> {
  const result = await bytes.compareAndSwap(TIMESTAMP, timestamp, tag);
  if (result === 'done' || sameBytes(await bytes.get(TIMESTAMP), timestamp)) return;
  if (result === 'unknown')
    throw fail('REPOSITORY_UNKNOWN', `${TIMESTAMP}: no answer whether it was written`);
  throw fail('REPOSITORY_CONFLICT', `${TIMESTAMP}: changed while this publish was prepared`);
}
