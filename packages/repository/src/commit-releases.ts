// Writes one state of the releases after another, in the order of commit.ts: content, roles, snapshot, and the timestamp last. All
// signers are counted before anything is written.

import type { Signer } from '@cargo-tuf/keys';
import {
  formatTargets,
  type MetaFile,
  type RootFields,
  type Targets,
  type TargetsFields,
  type Verified,
} from '@cargo-tuf/metadata';
import type { PublisherContext } from './commit.ts';
import { endCommit } from './end-commit.ts';
import { rootSigners } from './next-root.ts';
import { RELEASE_DELEGATES, type ReleaseDelegate } from './release-roles.ts';
import type { ReleasesState } from './releases-state.ts';
import { signersOf } from './role-keys.ts';
import { orderOf } from './root-order.ts';
import { delegatedKeys } from './state.ts';
import { metaFile, Writer } from './writer.ts';

/** The state that shall stand after a commit. What is absent stays as it is. */
export interface NextReleases {
  readonly root?: RootFields | undefined;
  /** Roles to sign again, with what they shall say. */
  readonly roles: ReadonlyMap<'targets' | ReleaseDelegate, TargetsFields>;
  /** Path to bytes of new targets' files. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
}

export interface ReleasesResult {
  readonly timestampVersion: number;
  readonly filesWritten: number;
}

export async function commitReleases(
  context: PublisherContext<ReleaseDelegate>,
  state: ReleasesState,
  next: NextReleases,
): Promise<ReleasesResult> {
  const { bytes, clock } = context;
  const old = state.root.value;
  const root = next.root && { fields: next.root, signers: rootSigners(context.signers, old, next.root) };
  const order = orderOf<ReleaseDelegate>(context.signers, old, next.root ?? old, clock());
  const targets = { ...state.targets.value, ...next.roles.get('targets') };
  const signers = (role: 'targets' | ReleaseDelegate): readonly Signer[] => {
    if (role === 'targets') return order.signers('targets');
    const { keys, role: trusted } = delegatedKeys(targets, role);
    return signersOf(context.signers, role, keys, trusted);
  };
  const signing = [...next.roles.keys()].map(role => [role, signers(role)] as const);
  for (const role of ['snapshot', 'timestamp'] as const) order.signers(role);

  const writer = new Writer(context);
  await writer.putContent(Array.from(next.files ?? [], ([path, content]) => ({ path, bytes: content })));
  const meta = new Map<string, MetaFile>();
  for (const role of ['targets', ...RELEASE_DELEGATES] as const) {
    const standing = standingRole(state, role);
    meta.set(`${role}.json`, metaFile(standing.value.version, standing.bytes));
  }
  for (const [role, of] of signing) {
    const fields = next.roles.get(role) as TargetsFields;
    const last = standingRole(state, role).value.version;
    const { file } = await writer.putRole(role, fields, formatTargets, of, last);
    meta.set(`${role}.json`, file);
  }
  const timestampVersion = await endCommit(bytes, writer, state, { meta, order, root });
  return { timestampVersion, filesWritten: writer.written + 1 };
}

export function standingRole(state: ReleasesState, role: 'targets' | ReleaseDelegate): Verified<Targets> {
  return role === 'targets' ? state.targets : (state.delegated.get(role) as Verified<Targets>);
}
